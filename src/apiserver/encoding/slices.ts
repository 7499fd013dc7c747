import type { Clock } from '../../base/clock.ts';

/** Objects handled between looks at the clock, and the longest stretch in milliseconds before others get a turn. */
const sliceSize = 256;
const sliceTime = 5;

/** Runs `each` over all items, giving way to other work every 5 ms. Synchronous for up to `size` items. */
export function inSlices<T>(
  clock: Clock,
  items: readonly T[],
  each: (item: T, i: number) => void,
  size = sliceSize,
): void | Promise<void> {
  const first = Math.min(items.length, size);
  for (let i = 0; i < first; i++) each(items[i]!, i);
  if (first < items.length) return rest(clock, items, each, first, size);
}

async function rest<T>(
  clock: Clock,
  items: readonly T[],
  each: (item: T, i: number) => void,
  start: number,
  size: number,
): Promise<void> {
  let since = clock.steady();
  for (let i = start; i < items.length; i++) {
    if (i % size === 0 && clock.steady() - since > sliceTime) {
      await new Promise(setImmediate);
      since = clock.steady();
    }
    each(items[i]!, i);
  }
}
