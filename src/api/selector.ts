import { labelValueErrors, qualifiedNameErrors } from './names.ts';

/** Label selectors. Source of grammar and texts: apimachinery `labels` and `meta/v1.LabelSelectorAsSelector`. */

export type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** A `metav1.LabelSelector`. */
export interface LabelSelectorLike {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A selector text or object that cannot be understood; the server answers BadRequest with this text. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

const noLabels: Labels = {};

/** A parsed selector. Immutable. */
export class LabelSelector {
  /** Sorted by key. */
  readonly requirements: readonly Requirement[];
  /** Matches nothing at all, whatever the labels: what a missing selector object means. */
  readonly nothing: boolean;

  constructor(requirements: readonly Requirement[], nothing = false) {
    this.requirements = requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.nothing = nothing;
  }

  static readonly everything = new LabelSelector([]);
  static readonly nothing = new LabelSelector([], true);

  /** Whether every object matches. */
  get empty(): boolean {
    return !this.nothing && this.requirements.length === 0;
  }

  matches(labels: Labels | undefined): boolean {
    if (this.nothing) return false;
    for (const requirement of this.requirements) if (!satisfies(requirement, labels ?? noLabels)) return false;
    return true;
  }

  /** The one value this selector demands of a label, if it demands one: lets an index answer. */
  exactValue(key: string): string | undefined {
    const first = this.requirements.find((r) => r.key === key);
    const exact = first?.operator === '=' || first?.operator === '==' || first?.operator === 'in';
    return exact && first.values.length === 1 ? first.values[0] : undefined;
  }

  toString(): string {
    return this.requirements.map(requirementText).join(',');
  }
}

function satisfies(r: Requirement, labels: Labels): boolean {
  const has = Object.hasOwn(labels, r.key);
  const value = has ? labels[r.key]! : '';
  switch (r.operator) {
    case '=':
    case '==':
    case 'in':
      return has && r.values.includes(value);
    case '!=':
    case 'notin':
      return !has || !r.values.includes(value);
    case 'exists':
      return has;
    case '!':
      return !has;
    default:
      return has && compares(r, value);
  }
}

const integer = /^[-+]?[0-9]+$/;

function compares(r: Requirement, value: string): boolean {
  const bound = r.values[0];
  if (bound === undefined || !integer.test(value) || !integer.test(bound)) return false;
  const [a, b] = [BigInt(value.replace('+', '')), BigInt(bound.replace('+', ''))];
  return r.operator === 'gt' ? a > b : a < b;
}

function requirementText(r: Requirement): string {
  const values = [...r.values].sort().join(',');
  switch (r.operator) {
    case 'exists':
      return r.key;
    case '!':
      return `!${r.key}`;
    case 'in':
    case 'notin':
      return `${r.key} ${r.operator} (${values})`;
    case 'gt':
      return `${r.key}>${values}`;
    case 'lt':
      return `${r.key}<${values}`;
    default:
      return `${r.key}${r.operator}${values}`;
  }
}

/** The text of a Go error list: one as it is, several in brackets. */
const aggregate = (errors: readonly string[]) => (errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
const goStrings = (values: readonly string[]) => JSON.stringify(values);

/** Builds a requirement, checking key, operator and values. Throws `SelectorError` with upstream's text. */
export function requirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const errors: string[] = [];
  const keyErrors = qualifiedNameErrors(key);
  if (keyErrors.length) errors.push(`key: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join('; ')}`);
  const invalid = (why: string) => errors.push(`values: Invalid value: ${goStrings(values)}: ${why}`);
  if ((operator === 'in' || operator === 'notin') && values.length === 0)
    invalid("for 'in', 'notin' operators, values set can't be empty");
  if ((operator === '=' || operator === '==' || operator === '!=') && values.length !== 1)
    invalid('exact-match compatibility requires one single value');
  if ((operator === 'exists' || operator === '!') && values.length)
    invalid('values set must be empty for exists and does not exist');
  if (operator === 'gt' || operator === 'lt') {
    if (values.length !== 1) invalid("for 'Gt', 'Lt' operators, exactly one value is required");
    values.forEach((v, i) => {
      if (!integer.test(v))
        errors.push(
          `values[${i}]: Invalid value: ${JSON.stringify(v)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
    });
  }
  values.forEach((v, i) => {
    const wrong = labelValueErrors(v);
    if (wrong.length) errors.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(v)}: ${wrong.join('; ')}`);
  });
  if (errors.length) throw new SelectorError(aggregate(errors));
  return { key, operator, values };
}

type Token = '' | 'id' | ')' | '(' | ',' | '!' | '==' | '=' | '!=' | '>' | '<' | 'in' | 'notin' | 'error';
interface Item {
  readonly token: Token;
  readonly text: string;
}

const symbols = '=!(),><';
const blank = ' \t\r\n';
const operators = 'in, notin, =, ==, !=, gt, lt';
const end: Item = { token: '', text: '' };

function scan(text: string): Item[] {
  const items: Item[] = [];
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (blank.includes(c)) {
      at++;
    } else if (symbols.includes(c)) {
      const two = text.slice(at, at + 2);
      const symbol = two === '==' || two === '!=' ? two : c;
      items.push({ token: symbol as Token, text: symbol });
      at += symbol.length;
    } else {
      const start = at;
      while (at < text.length && !symbols.includes(text[at]!) && !blank.includes(text[at]!)) at++;
      const word = text.slice(start, at);
      items.push({ token: word === 'in' || word === 'notin' ? word : 'id', text: word });
    }
  }
  items.push(end);
  return items;
}

/** Recursive descent over the tokens. `in` and `notin` are words wherever no operator can stand. */
class Parser {
  readonly #items: readonly Item[];
  #at = 0;

  constructor(text: string) {
    this.#items = scan(text);
  }

  #peek(): Item {
    const item = this.#items[this.#at] ?? end;
    return item.token === 'in' || item.token === 'notin' ? { token: 'id', text: item.text } : item;
  }

  #next(): Item {
    const item = this.#peek();
    this.#at++;
    return item;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const { token, text } = this.#peek();
      if (token === '') return requirements;
      if (token !== 'id' && token !== '!') fail(`found '${text}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        throw new SelectorError(`unable to parse requirement: ${(error as Error).message}`);
      }
      const after = this.#next();
      if (after.token === '') return requirements;
      if (after.token !== ',') fail(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.token !== 'id' && following.token !== '!')
        fail(`found '${following.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    let item = this.#next();
    const absent = item.token === '!';
    if (absent) item = this.#next();
    if (item.token !== 'id') fail(`found '${item.text}', expected: identifier`);
    const key = item.text;
    const wrong = qualifiedNameErrors(key);
    if (wrong.length) fail(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`);
    if (absent) return requirement(key, '!', []);
    const after = this.#peek().token;
    if (after === '' || after === ',') return requirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#value()];
    return requirement(key, operator, values);
  }

  #operator(): Operator {
    const { token, text } = this.#items[this.#at++] ?? end;
    const operator = { '=': '=', '==': '==', '!=': '!=', in: 'in', notin: 'notin', '>': 'gt', '<': 'lt' }[
      token as string
    ];
    return (operator as Operator | undefined) ?? fail(`found '${text}', expected: ${operators}`);
  }

  #value(): string {
    const { token } = this.#peek();
    if (token === '' || token === ',') return '';
    const item = this.#next();
    return item.token === 'id' ? item.text : fail(`found '${item.text}', expected: identifier`);
  }

  #values(): string[] {
    const open = this.#next();
    if (open.token !== '(') fail(`found '${open.text}' expected: '('`);
    const { token, text } = this.#peek();
    if (token !== 'id' && token !== ',' && token !== ')') fail(`found '${text}', expected: ',', ')' or identifier`);
    const values = new Set<string>();
    let expectsValue = true;
    for (;;) {
      const item = this.#next();
      if (item.token === 'id') {
        if (!expectsValue) fail(`found '${item.text}', expected: ',' or ')'`);
        values.add(item.text);
        expectsValue = false;
      } else if (item.token === ',' || item.token === ')') {
        if (expectsValue) values.add('');
        if (item.token === ')') return [...values].sort();
        expectsValue = true;
      } else {
        fail(`found '${item.text}', expected: ',', or identifier`);
      }
    }
  }
}

function fail(message: string): never {
  throw new SelectorError(message);
}

/** Parses "a=b,c in (d,e),!f". Throws `SelectorError` with upstream's text. */
export function parseLabelSelector(text: string): LabelSelector {
  return text === '' ? LabelSelector.everything : new LabelSelector(new Parser(text).parse());
}

const objectOperators: Readonly<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** The selector of a `metav1.LabelSelector`: none selects nothing, an empty one everything. Throws `SelectorError`. */
export function labelSelectorOf(selector: LabelSelectorLike | undefined | null): LabelSelector {
  if (selector === undefined || selector === null) return LabelSelector.nothing;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([k, v]) => requirement(k, '=', [v]));
  for (const e of selector.matchExpressions ?? []) {
    const operator = Object.hasOwn(objectOperators, e.operator) ? objectOperators[e.operator] : undefined;
    if (operator === undefined) fail(`${JSON.stringify(e.operator)} is not a valid label selector operator`);
    requirements.push(requirement(e.key, operator!, e.values ?? []));
  }
  return requirements.length ? new LabelSelector(requirements) : LabelSelector.everything;
}

/** The selector of a plain label map, as Services and ReplicationControllers have: every label must match. */
export const labelsAsSelector = (labels: Labels): LabelSelector =>
  new LabelSelector(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })));
