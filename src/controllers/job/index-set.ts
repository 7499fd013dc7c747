/** Completion indexes as ordered intervals, both ends included: [[0, 2], [5, 5]] is "0-2,5". Source: upstream's indexed_job_utils. */
export type IndexSet = readonly (readonly [first: number, last: number])[];

/** Reads a text. What is no interval is left out, and so is every index that the job does not have (any more). */
export function parseIndexSet(text: string, completions: number): IndexSet {
  const read: [number, number][] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const first = Number(match[1]);
    if (first >= completions) break;
    append(read, first, Math.min(Number(match[2] ?? first), completions - 1));
  }
  return read;
}

/** Two neighbours are listed one by one, more as a range. */
export function formatIndexSet(set: IndexSet): string {
  return set
    .map(([first, last]) => (last === first ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

/** The set with more indexes in it, which come in any order. */
export function withIndexes(set: IndexSet, indexes: readonly number[]): IndexSet {
  if (indexes.length === 0) return set;
  return union(
    set,
    indexes.toSorted((a, b) => a - b).map((index) => [index, index] as const),
  );
}

export function union(one: IndexSet, other: IndexSet): IndexSet {
  const result: [number, number][] = [];
  let next = 0;
  for (const [first, last] of one) {
    for (; next < other.length && other[next]![0] <= first; next++) append(result, ...other[next]!);
    append(result, first, last);
  }
  for (; next < other.length; next++) append(result, ...other[next]!);
  return result;
}

/** Adds an interval that does not begin before the last one does. */
function append(set: [number, number][], first: number, last: number): void {
  const end = set.at(-1);
  if (!end || first > end[1] + 1) set.push([first, last]);
  else if (last > end[1]) end[1] = last;
}

export const sizeOf = (set: IndexSet): number => set.reduce((sum, [first, last]) => sum + last - first + 1, 0);

export function hasIndex(set: IndexSet, index: number): boolean {
  let [low, high] = [0, set.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[middle]![1] >= index) high = middle;
    else low = middle + 1;
  }
  return low < set.length && set[low]![0] <= index;
}

/** How many indexes two sets share. */
export function sharedSize(one: IndexSet, other: IndexSet): number {
  let shared = 0;
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    const [a, b] = [one[i]!, other[j]!];
    shared += Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]) + 1);
    if (a[1] <= b[1]) i++;
    if (b[1] <= a[1]) j++;
  }
  return shared;
}

/** The lowest `count` indexes below `completions` that are not in the set. */
export function firstMissing(set: IndexSet, count: number, completions: number): number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...set, [completions, completions] as const]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}
