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

/** How many indexes a text names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): { readonly total: number; readonly error?: string } {
  let total = 0;
  let last: number | undefined;
  try {
    for (const part of text === '' ? [] : text.split(',')) {
      const [from, to] = interval(part, completions);
      if (last !== undefined && last >= from) {
        throw new IndexError(`non-increasing order, previous: ${last}, current: ${from}`);
      }
      total += to - from + 1;
      last = to;
    }
    return { total };
  } catch (error) {
    if (error instanceof IndexError) return { total: 0, error: error.message };
    throw error;
  }
}
