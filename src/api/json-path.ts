/**
 * JSONPath as kubectl speaks it, as far as printer columns and selectable fields may use it: fields, indexes, slices,
 * unions of them, wildcards, recursive descent and filters that compare. Source: client-go `util/jsonpath`.
 */

type Value = unknown;
type Step = (value: Value) => readonly Value[];

/** The values a path finds in an object, in order; none where a part of it is missing. */
export type JsonPath = (object: Value) => readonly Value[];

/** A path that cannot be read. */
export class JsonPathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonPathError';
  }
}

const isObject = (value: Value): value is Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const childrenOf = (value: Value): readonly Value[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];

const field =
  (name: string): Step =>
  (value) =>
    isObject(value) && Object.hasOwn(value, name) ? [value[name]] : [];

/** `..`: everything below, containers before what they hold. */
const descend: Step = (value) => [value, ...childrenOf(value).flatMap(descend)];

/** The elements of a list from `start` to `end` (exclusive), counted from the end where negative. */
function slice(start: number | undefined, end: number | undefined, step: number): Step {
  return (value) => {
    if (!Array.isArray(value)) return [];
    const from = start === undefined ? 0 : start < 0 ? start + value.length : start;
    const to = end === undefined ? value.length : end < 0 ? end + value.length : end;
    return value.filter((_, i) => i >= from && i < to && (i - from) % step === 0);
  };
}

function index(at: number): Step {
  return (value) => {
    const found = Array.isArray(value) ? value.at(at) : undefined;
    return found === undefined ? [] : [found];
  };
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
};

/** How two values of one type compare; undefined where they do not. */
function orderOf(a: Value, b: Value): number | undefined {
  if (typeof a !== typeof b || typeof a === 'object') return undefined;
  const [x, y] = [a as number | string, b as number | string];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Values that the next step of a path looks at: steps that fan out must not multiply without end. */
const maxFound = 4096;

const walk =
  (steps: readonly Step[]): JsonPath =>
  (object) =>
    steps.reduce<readonly Value[]>((found, step) => found.slice(0, maxFound).flatMap(step), [object]);

/** Reads one path. Recursive descent over its text: steps, brackets, filters with paths inside. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): JsonPath {
    return walk(this.#steps(() => this.#at === this.#text.length));
  }

  #fail(why: string): never {
    throw new JsonPathError(`${why} in ${JSON.stringify(this.#text)}`);
  }

  #eat(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #steps(ended: () => boolean): Step[] {
    const steps: Step[] = [];
    this.#match(/[$@]/y);
    while (!ended()) {
      if (this.#at >= this.#text.length) this.#fail('unexpected end');
      if (this.#eat('..')) {
        steps.push(descend);
        if (this.#text[this.#at] !== '[') steps.push(this.#name());
      } else if (this.#eat('.')) {
        if (this.#text[this.#at] !== '[' && !ended()) steps.push(this.#name());
      } else if (this.#eat('[')) steps.push(this.#bracket());
      else if (steps.length === 0) steps.push(this.#name());
      else this.#fail(`unexpected ${JSON.stringify(this.#text[this.#at])}`);
    }
    return steps;
  }

  /** A field after a dot; a backslash takes the next character as it is. */
  #name(): Step {
    if (this.#eat('*')) return childrenOf;
    const name = this.#match(/(?:\\.|[^\s.[\]()=!<>'"|,?@$*\\])+/y);
    if (!name) this.#fail('a name is missing');
    return field(name.replace(/\\(.)/g, '$1'));
  }

  #bracket(): Step {
    if (this.#eat('?(')) return this.#filter();
    const parts = [this.#part()];
    while (this.#eat(',')) parts.push(this.#part());
    this.#match(/\s*/y);
    if (!this.#eat(']')) this.#fail('unterminated array');
    return parts.length === 1 ? parts[0]! : (value) => parts.flatMap((part) => part(value));
  }

  #part(): Step {
    this.#match(/\s*/y);
    if (this.#eat('*')) return childrenOf;
    const quoted = this.#quoted();
    if (quoted !== undefined) return field(quoted);
    const range = this.#match(/-?\d*(?::-?\d*){0,2}/y)!;
    if (range === '') this.#fail('invalid array index');
    const [start, end, step] = range.split(':').map((part) => (part === '' ? undefined : Number(part)));
    if (!range.includes(':')) return index(start ?? this.#fail('invalid array index'));
    if (step !== undefined && !(step > 0)) this.#fail('step must be > 0');
    return slice(start, end, step ?? 1);
  }

  #quoted(): string | undefined {
    const text = this.#match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/y);
    return text?.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  /** `?(@.type=="Ready")`: a path that must be there, or two sides that compare. */
  #filter(): Step {
    const left = this.#operand();
    this.#match(/\s*/y);
    const operator = this.#match(/[!=<>]=|[<>]/y);
    const right = operator === undefined ? undefined : this.#operand();
    this.#match(/\s*/y);
    if (!this.#eat(')]')) this.#fail('unterminated filter');
    const holds = operator === undefined ? undefined : comparisons[operator];
    return (value) =>
      childrenOf(value).filter((item) => {
        const a = left(item);
        if (!right || !holds) return a.length > 0;
        const b = right(item);
        const order = a.length === 1 && b.length === 1 ? orderOf(a[0], b[0]) : undefined;
        return order !== undefined && holds(order);
      });
  }

  #operand(): JsonPath {
    this.#match(/\s*/y);
    const quoted = this.#quoted();
    if (quoted !== undefined) return () => [quoted];
    const literal = this.#match(/-?\d+(?:\.\d+)?|true|false/y);
    if (literal !== undefined) return () => [JSON.parse(literal)];
    return walk(this.#steps(() => /^\s*(?:[!=<>]=|[<>]|\)\])/.test(this.#text.slice(this.#at))));
  }
}

/** Reads a path as a CustomResourceDefinition writes it (`.spec.replicas`). Throws `JsonPathError`. */
export const parseJsonPath = (text: string): JsonPath => new Reader(text.trim()).path();
