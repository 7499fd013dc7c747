import { timeoutError } from '../../api/status.ts';
import type { Clock } from '../../base/clock.ts';
import { isLongRunning } from '../long-running.ts';
import type { ApiRequest } from '../request.ts';
import type { Filter } from './filter.ts';

/** Source: --request-timeout. */
const limit = 60_000;
const sweepEvery = 5_000;

/**
 * Ends what takes longer than a minute. One timer sweeps all requests under way, so that a quick one costs no timer and
 * an idle server has none.
 */
export function deadline(clock: Clock, fail: (request: ApiRequest, error: unknown) => void): Filter {
  const waiting = new Set<ApiRequest>();
  let sweeping = false;
  const sweep = () => {
    sweeping = false;
    const oldest = clock.steady() - limit;
    for (const request of waiting) {
      if (request.since > oldest) break;
      waiting.delete(request);
      fail(request, timeoutError(`request did not complete within the allotted timeout`));
    }
    if (waiting.size > 0) arm();
  };
  const arm = () => {
    if (!sweeping) clock.after(sweepEvery, sweep);
    sweeping = true;
  };
  return (request) => {
    if (isLongRunning(request)) return;
    waiting.add(request);
    request.exchange.onEnd(() => waiting.delete(request));
    arm();
  };
}
