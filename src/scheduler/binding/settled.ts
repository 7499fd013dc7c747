import type { Clock } from '../../base/clock.ts';

/** What has to be looked at again, and for how long. */
export interface Settling {
  readonly clock: Clock;
  /** True once there is nothing left to wait for. Throws when there never will be. */
  check(): boolean;
  /** Has `look` called whenever the answer may be another; returns how to stop that. */
  watch(look: () => void): readonly (() => void)[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Resolves once the check is true. Rejects with what it throws, or "context deadline exceeded" when time is up. */
export function settled({ clock, check, watch, timeout, signal }: Settling): Promise<void> {
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    let over = false;
    const end = (finish: () => void) => {
      over = true;
      for (const stop of ends.splice(0)) stop();
      finish();
    };
    const look = () => {
      if (over) return;
      try {
        if (check()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const aborted = () => end(() => reject(signal.reason));
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted);
    const timer = clock.after(timeout, () => end(() => reject(new Error('context deadline exceeded'))));
    ends.push(
      () => signal.removeEventListener('abort', aborted),
      () => timer.cancel(),
      ...watch(look),
    );
    look();
  });
}

/** A handler for changes of objects that were there, and for those that come later. */
export const onChange = (look: () => void) => ({
  added: (_: unknown, initial: boolean) => {
    if (!initial) look();
  },
  updated: () => look(),
  deleted: () => look(),
});
