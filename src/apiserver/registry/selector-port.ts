import { badRequest } from '../../api/status.ts';

/** One requirement of a field selector. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A label selector as a predicate. */
export function parseLabelSelector(text: string): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  const wanted = text.split(',').map((part) => {
    const match = /^\s*([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)\s*$/.exec(part);
    if (!match) throw badRequest(`unable to parse requirement: ${part}`);
    return { key: match[1]!, not: match[2] === '!=', value: match[3]! };
  });
  return (labels) => wanted.every(({ key, not, value }) => (labels?.[key] === value) !== not);
}

export function parseFieldSelector(text: string): FieldRequirement[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      return { field: match[1]!, operator: match[2] === '!=' ? '!=' : '=', value: match[3]! };
    });
}
