import { ErrorList, FieldPath } from '../../../api/field-errors.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../../api/names.ts';

/** Labels that nodes must have. */
export type NodeSelector = Readonly<Record<string, string>>;

const nowhere = FieldPath.of('');

/** Reads `KEY=VALUE,...`. Source: apimachinery `labels`, ConvertSelectorToLabelsMap. */
export function parseNodeSelector(text: string): { readonly selector: NodeSelector; readonly problem?: string } {
  const selector: Record<string, string> = Object.create(null);
  for (const entry of text === '' ? [] : text.split(',')) {
    const parts = entry.split('=');
    if (parts.length !== 2) return { selector: {}, problem: `invalid selector: [${parts.join(' ')}]` };
    const [key, value] = parts.map((part) => part.trim()) as [string, string];
    const problem = problemOf(key, value);
    if (problem !== undefined) return { selector: {}, problem };
    selector[key] = value;
  }
  return { selector };
}

function problemOf(key: string, value: string): string | undefined {
  const errors = new ErrorList();
  const [ofKey, ofValue] = [qualifiedNameErrors(key), labelValueErrors(value)];
  if (ofKey.length > 0) errors.invalid(nowhere, key, ofKey.join('; '));
  else if (ofValue.length > 0) errors.invalid(nowhere.key(key), value, ofValue.join('; '));
  return errors.errors[0]?.text;
}
