import { bigInteger, isBigInteger } from '../json-number.ts';

/**
 * One step of a field path in the form FieldsV1 gives it: `f:name` (a field), `k:{"name":"a"}` (an item of a list map),
 * `v:"x"` (an item of a set), `i:0` (an item by index). Source: structured-merge-diff `fieldpath/serialize-pe.go`.
 */

/** A path element that nobody can have written in good faith. */
export class PathError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PathError';
  }
}

/** The item of a set, as a path element. */
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

/** The item of a list map, as a path element. The keys must be sorted by name. */
export const keyElement = (keys: Readonly<Record<string, unknown>>): string => `k:${JSON.stringify(keys)}`;

const ranks: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** Integers beyond a double keep their digits. */
const exact = (_: string, value: unknown, { source }: { source?: string }) =>
  source !== undefined && typeof value === 'number' && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(source)
    ? bigInteger(source)
    : value;

function parsed(element: string): unknown {
  try {
    return JSON.parse(element.slice(2), exact as Reviver) as unknown;
  } catch {
    throw new PathError(`parsing key as path element: ${element}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sortedEntries = (keys: Record<string, unknown>) =>
  Object.entries(keys).sort(([a], [b]) => compareText(a, b)) as [string, unknown][];

/**
 * An element a client wrote in the one form the server uses, so that equal elements are equal text. Undefined for kinds of
 * elements that a later version may know: they are dropped. Throws `PathError`.
 */
export function canonicalElement(element: string): string | undefined {
  if (element.length < 2) throw new PathError('key must be 2 characters long:');
  if (element[1] !== ':') throw new PathError(`missing colon: ${element}`);
  switch (element[0]) {
    case 'f':
      return element;
    case 'v':
      return valueElement(parsed(element));
    case 'k': {
      const keys = parsed(element);
      if (!isObject(keys)) throw new PathError(`parsing key as path element: ${element}`);
      return keyElement(Object.fromEntries(sortedEntries(keys)));
    }
    case 'i':
      if (!/^i:[-+]?[0-9]+$/.test(element)) throw new PathError(`parsing key as path element: ${element}`);
      return `i:${Number(element.slice(2))}`;
    default:
      return undefined;
  }
}

/** An element as people read it in a conflict: `.replicas`, `[name="web"]`, `[="x"]`, `[0]`. */
export function elementText(element: string): string {
  switch (element[0]) {
    case 'f':
      return `.${element.slice(2)}`;
    case 'v':
      return `[=${element.slice(2)}]`;
    case 'k':
      return `[${sortedEntries(parsed(element) as Record<string, unknown>)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    default:
      return `[${element.slice(2)}]`;
  }
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers before strings before booleans. */
function compareScalars(a: unknown, b: unknown): number {
  const rank = (value: unknown) =>
    typeof value === 'number' || isBigInteger(value) ? 0 : typeof value === 'string' ? 1 : 2;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) === 1) return compareText(a as string, b as string);
  return Number(isBigInteger(a) ? a.rawJSON : a) - Number(isBigInteger(b) ? b.rawJSON : b);
}

function compareKeys(a: string, b: string): number {
  const [x, y] = [a, b].map((e) => sortedEntries(parsed(e) as Record<string, unknown>)) as [
    [string, unknown][],
    [string, unknown][],
  ];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const order = compareText(x[i]![0], y[i]![0]) || compareScalars(x[i]![1], y[i]![1]);
    if (order) return order;
  }
  return x.length - y.length;
}

/** The order in which paths are listed: fields, then keyed items, then values, then indexes; each sorted. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const [kind = '', other = ''] = [a[0], b[0]];
  if (kind !== other) return (ranks[kind] ?? 4) - (ranks[other] ?? 4);
  if (kind === 'f') return compareText(a, b);
  if (kind === 'k') return compareKeys(a, b);
  return compareScalars(parsed(a), parsed(b));
}
