/** Calls at once at most: enough to share commits, few enough not to hold the event loop. */
const parallel = 50;

/** What became of several calls: how many succeeded, and what the others failed with. */
export interface SlowStart {
  readonly done: number;
  readonly errors: readonly unknown[];
}

/**
 * Calls `make` for each item: for one, then for twice as many at once each time; ends after the first round with a
 * failure, so that a quota is not hit hundreds of times for nothing. `make` resolves with its error, or with undefined.
 * Source: upstream's slowStartBatch.
 */
export async function slowStart<T>(items: readonly T[], make: (item: T) => Promise<unknown>): Promise<SlowStart> {
  let done = 0;
  for (let at = 0, size = 1; at < items.length; at += size, size = Math.min(size * 2, parallel)) {
    const results = await Promise.all(items.slice(at, at + size).map(make));
    const errors = results.filter((error) => error !== undefined);
    done += results.length - errors.length;
    if (errors.length > 0) return { done, errors };
  }
  return { done, errors: [] };
}
