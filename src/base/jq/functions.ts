/** A function of filters: `run` carries an argument out on an input. Throws with what is wrong. */
export interface JqFunction {
  readonly arity: number;
  readonly call: (input: unknown, args: readonly ((input: unknown) => unknown[])[]) => unknown[];
}

/** Everything but null and false. */
export const isTruthy = (value: unknown): boolean => value !== null && value !== undefined && value !== false;

export const typeOf = (value: unknown): string =>
  value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** The items of an array, or the values of an object. */
export function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeOf(value) === 'object') return Object.values(value as object);
  throw new Error(`cannot iterate over: ${typeOf(value)}`);
}

const plain = (call: (input: unknown) => unknown): JqFunction => ({ arity: 0, call: (input) => [call(input)] });

/** One that takes a text and an argument that is a text. */
const onTexts = (call: (input: string, argument: string) => boolean): JqFunction => ({
  arity: 1,
  call: (input, [argument]) =>
    argument!(input).map((other) => {
      if (typeof input !== 'string' || typeof other !== 'string') throw new Error('both must be strings');
      return call(input, other);
    }),
});

function lengthOf(input: unknown): number {
  if (typeof input === 'string') return [...input].length;
  if (typeof input === 'number') return Math.abs(input);
  if (typeOf(input) === 'null') return 0;
  return itemsOf(input).length;
}

function numberOf(input: unknown): number {
  const value = typeof input === 'string' && input.trim() !== '' ? Number(input) : input;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new Error(`cannot be converted to a number: ${input}`);
  return value;
}

export const functions: Readonly<Record<string, JqFunction>> = {
  select: { arity: 1, call: (input, [test]) => test!(input).flatMap((value) => (isTruthy(value) ? [input] : [])) },
  map: { arity: 1, call: (input, [filter]) => [itemsOf(input).flatMap((item) => filter!(item))] },
  has: {
    arity: 1,
    call: (input, [key]) => key!(input).map((name) => Object.hasOwn(Object(input), name as PropertyKey)),
  },
  any: plain((input) => itemsOf(input).some(isTruthy)),
  all: plain((input) => itemsOf(input).every(isTruthy)),
  not: plain((input) => !isTruthy(input)),
  length: plain(lengthOf),
  keys: plain((input) => (Array.isArray(input) ? [...input.keys()] : Object.keys(Object(input)).sort())),
  first: plain((input) => itemsOf(input)[0] ?? null),
  last: plain((input) => itemsOf(input).at(-1) ?? null),
  tostring: plain((input) => (typeof input === 'string' ? input : JSON.stringify(input ?? null))),
  tonumber: plain(numberOf),
  startswith: onTexts((input, prefix) => input.startsWith(prefix)),
  endswith: onTexts((input, suffix) => input.endsWith(suffix)),
  contains: onTexts((input, part) => input.includes(part)),
  empty: { arity: 0, call: () => [] },
};
