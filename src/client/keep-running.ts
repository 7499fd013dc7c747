import { type BackoffPolicy, backoffDelay } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Runnable } from './reconciler.ts';

/** Delays before something that failed is started anew. */
export const restartBackoff: BackoffPolicy = { initial: 1_000, max: 60_000, factor: 2, jitter: 0.1 };

export interface KeepRunningOptions {
  /** Makes it anew for every attempt, and says how to take away what it left behind. */
  readonly build: () => { readonly part: Runnable; readonly release: () => void };
  readonly clock: Clock;
  readonly ids: Ids;
  /** Told of each failure and of the milliseconds until the next attempt. */
  readonly onFailure: (error: unknown, retryIn: number) => void;
}

/**
 * Something that is built anew, after a back-off, whenever it fails; one that ends by itself has ended. An attempt that
 * lasted longer than the longest delay counts as healthy: the back-off begins again. The first is built at once.
 */
export function keepRunning({ build, clock, ids, onFailure }: KeepRunningOptions): Runnable {
  let next: ReturnType<typeof build> | { readonly failed: unknown } = attempt(build);
  return {
    async run(signal) {
      for (let failures = 1; ; failures++) {
        const began = clock.steady();
        try {
          if ('failed' in next) throw next.failed;
          return await next.part.run(signal).finally(next.release);
        } catch (error) {
          if (signal.aborted) return;
          if (clock.steady() - began > restartBackoff.max) failures = 1;
          const delay = backoffDelay(restartBackoff, failures, ids);
          onFailure(error, delay);
          if (!(await waited(clock, delay, signal))) return;
        }
        next = attempt(build);
      }
    },
  };
}

function attempt<T>(build: () => T): T | { readonly failed: unknown } {
  try {
    return build();
  } catch (failed) {
    return { failed };
  }
}

const waited = (clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> =>
  clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
