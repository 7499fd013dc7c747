import { timeoutError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import { append, close, type Link, unlink } from '../../base/ring.ts';
import { isLongRunning } from '../long-running.ts';
import type { ApiRequest } from '../request.ts';
import type { Filter } from './filter.ts';

/** Source: --request-timeout. */
const limit = 60_000;
const sweepEvery = 5_000;

/** A request under way, in a ring in the order in which they came. */
interface Waiting extends Link<Waiting> {
  /** Undefined in the head. */
  readonly request: ApiRequest | undefined;
}

/**
 * Ends what takes longer than a minute. One timer sweeps all requests under way, so that a quick one costs no timer and
 * an idle server has none.
 */
export function deadline(clock: Clock, fail: (request: ApiRequest, error: unknown) => void): Filter {
  const waiting = close({ request: undefined } as Waiting);
  let sweeping = false;
  const sweep = () => {
    sweeping = false;
    const oldest = clock.steady() - limit;
    for (;;) {
      const { request } = waiting.next;
      if (!request || request.since > oldest) break;
      unlink(waiting.next);
      fail(request, timeoutError(`request did not complete within the allotted timeout`));
    }
    if (waiting.next !== waiting) arm();
  };
  const arm = () => {
    if (!sweeping) clock.after(sweepEvery, sweep);
    sweeping = true;
  };
  return (request) => {
    if (isLongRunning(request)) return;
    const entry = { request } as Waiting;
    append(waiting, entry);
    request.exchange.onEnd(() => unlink(entry));
    arm();
  };
}
