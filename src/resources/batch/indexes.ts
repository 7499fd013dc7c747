/** Sets of completion indexes as texts: "0-2,5". Source: batch validation, validateIndexesFormat. */

class IndexError extends Error {}

function index(text: string, what: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new IndexError(`cannot convert string to integer for index: ${what}`);
  return Number(text);
}

function interval(text: string, completions: number): readonly [number, number] {
  const limits = text.split('-');
  if (limits.length > 2)
    throw new IndexError(
      `the fragment "${text}" violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  const inRange = (value: number, part: string): number => {
    if (value >= completions) throw new IndexError(`too large index: "${part}"`);
    return value;
  };
  const first = limits[0]!;
  const from = inRange(index(first, `"${first}"`), first);
  if (limits.length === 1) return [from, from];
  const last = limits[1]!;
  const to = inRange(index(last, `"${last}"`), last);
  if (from >= to) throw new IndexError(`non-increasing order, previous: ${from}, current: ${to}`);
  return [from, to];
}

type Interval = readonly [from: number, to: number];

export interface Indexes {
  readonly intervals: readonly Interval[];
  /** What is wrong with the text, whose intervals are none then. */
  readonly error?: string;
}

/** Reads a text; `completions` is the number of indexes there are. */
export function readIndexes(text: string, completions: number): Indexes {
  const intervals: Interval[] = [];
  try {
    for (const part of text === '' ? [] : text.split(',')) {
      const [from, to] = interval(part, completions);
      const last = intervals.at(-1)?.[1];
      if (last !== undefined && last >= from) {
        throw new IndexError(`non-increasing order, previous: ${last}, current: ${from}`);
      }
      intervals.push([from, to]);
    }
    return { intervals };
  } catch (error) {
    if (error instanceof IndexError) return { intervals: [], error: error.message };
    throw error;
  }
}

/** How many indexes a text names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): { readonly total: number; readonly error?: string } {
  const { intervals, error } = readIndexes(text, completions);
  const total = intervals.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return error === undefined ? { total } : { total, error };
}

/** The first index that is in both sets. */
export function firstShared(one: readonly Interval[], other: readonly Interval[]): number | undefined {
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    const [a, b] = [one[i]!, other[j]!];
    const from = Math.max(a[0], b[0]);
    if (from <= Math.min(a[1], b[1])) return from;
    if (a[1] < b[1]) i++;
    else j++;
  }
  return undefined;
}
