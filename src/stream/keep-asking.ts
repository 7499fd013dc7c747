import type { Clock } from '../base/clock.ts';

/** How often a connection is asked for a sign of life. */
const interval = 10_000;

/**
 * Calls `ping` now and then until `signal` aborts. A connection that is not being read (back-pressure) does not see
 * its client leave; writing to it does.
 */
export async function keepAsking(ping: () => void, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(interval, signal);
      ping();
    }
  } catch {
    // Aborted: the session is over.
  }
}
