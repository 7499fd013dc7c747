import { SelectorError } from './selector.ts';

/** Field selectors: "spec.nodeName=a,status.phase!=Running". Source of grammar and texts: apimachinery `fields`. */
export interface FieldTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

export class FieldSelector {
  readonly terms: readonly FieldTerm[];

  constructor(terms: readonly FieldTerm[]) {
    this.terms = terms;
  }

  static readonly everything = new FieldSelector([]);

  get empty(): boolean {
    return this.terms.length === 0;
  }

  /** `read` returns a field of the object; an absent field reads as "". */
  matches(read: (field: string) => string): boolean {
    return this.terms.every((t) => (read(t.field) === t.value) === t.equal);
  }

  /** The one value this selector demands of a field, if it demands one: lets an index or a key answer. */
  exactValue(field: string): string | undefined {
    return this.terms.find((t) => t.equal && t.field === field)?.value;
  }

  toString(): string {
    return this.terms.map((t) => `${t.field}${t.equal ? '=' : '!='}${escaped(t.value)}`).join(',');
  }
}

const escaped = (value: string) => value.replace(/[\\,=]/g, '\\$&');

/** Splits at commas that no backslash escapes. */
const splitTerms = (text: string) => text.match(/(?:\\[\s\S]?|[^,\\])+/g) ?? [];

function unescaped(value: string): string {
  let plain = '';
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '\\') {
      const next = value[++i] ?? '';
      if (!'\\,='.includes(next) || next === '')
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${next}`);
      plain += next;
    } else if (c === '=') {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${c.charCodeAt(0)}`);
    } else {
      plain += c;
    }
  }
  return plain;
}

/** Throws `SelectorError` with upstream's text. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text)
    .sort()
    .map((part): FieldTerm => {
      const m = /^([\s\S]*?)(!=|==|=)([\s\S]*)$/.exec(part);
      if (!m) throw new SelectorError(`invalid selector: '${text}'; can't understand '${part}'`);
      return { field: m[1]!, equal: m[2] !== '!=', value: unescaped(m[3]!) };
    });
  return terms.length ? new FieldSelector(terms) : FieldSelector.everything;
}
