import { functions, isTruthy, itemsOf, typeOf } from './functions.ts';
import { type Filter, JqError, parseJq } from './parse.ts';

/** A filter of jq, read once. */
export class Jq {
  readonly #filter: Filter;

  /** Throws `JqError` for what it does not understand. */
  constructor(source: string) {
    this.#filter = parseJq(source);
  }

  /** Everything the filter yields. Throws `JqError`. */
  run(input: unknown): unknown[] {
    try {
      return outputs(this.#filter, input);
    } catch (error) {
      throw error instanceof JqError ? error : new JqError((error as Error).message);
    }
  }
}

function outputs(filter: Filter, input: unknown): unknown[] {
  switch (filter.type) {
    case 'identity':
      return [input];
    case 'literal':
      return [filter.value];
    case 'field':
      return outputs(filter.of, input).flatMap((of) => outputs(filter.key, input).map((key) => memberOf(of, key)));
    case 'each':
      return outputs(filter.of, input).flatMap(itemsOf);
    case 'array':
      return [filter.of ? outputs(filter.of, input) : []];
    case 'try':
      return tried(filter.of, input) ?? [];
    case 'call':
      return functions[filter.name]!.call(
        input,
        filter.args.map((arg) => (value: unknown) => outputs(arg, value)),
      );
    case 'binary':
      return binary(filter, input);
  }
}

function tried(filter: Filter, input: unknown): unknown[] | undefined {
  try {
    return outputs(filter, input);
  } catch {
    // Functions say what they cannot do by errors of any class.
    return undefined;
  }
}

function memberOf(of: unknown, key: unknown): unknown {
  if (typeOf(of) === 'null') return null;
  if (typeof key === 'string' && typeOf(of) === 'object') {
    return Object.hasOwn(of as object, key) ? (of as Record<string, unknown>)[key] : null;
  }
  if (typeof key === 'number' && Array.isArray(of)) return of.at(Math.trunc(key)) ?? null;
  throw new JqError(`cannot index ${typeOf(of)} with ${JSON.stringify(key)}`);
}

function binary({ sign, left, right }: Extract<Filter, { type: 'binary' }>, input: unknown): unknown[] {
  if (sign === '|') return outputs(left, input).flatMap((value) => outputs(right, value));
  if (sign === ',') return [...outputs(left, input), ...outputs(right, input)];
  if (sign === '//') {
    const found = (tried(left, input) ?? []).filter(isTruthy);
    return found.length > 0 ? found : outputs(right, input);
  }
  return outputs(left, input).flatMap((a) => {
    if (sign === 'and' && !isTruthy(a)) return [false];
    if (sign === 'or' && isTruthy(a)) return [true];
    return outputs(right, input).map((b) => (sign === 'and' || sign === 'or' ? isTruthy(b) : compare(sign, a, b)));
  });
}

/** jq's order of kinds. */
const ranks = ['null', 'boolean', 'number', 'string', 'array', 'object'];

function compare(sign: string, a: unknown, b: unknown): boolean {
  const same = JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  if (sign === '==') return same;
  if (sign === '!=') return !same;
  const ranked = ranks.indexOf(typeOf(a)) - ranks.indexOf(typeOf(b));
  const order = ranked || (same ? 0 : (a as string) < (b as string) ? -1 : 1);
  if (sign === '<') return order < 0;
  if (sign === '<=') return order <= 0;
  return sign === '>' ? order > 0 : order >= 0;
}
