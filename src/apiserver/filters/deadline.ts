import { timeoutError } from '../../api/status.ts';
import type { Clock, Timer } from '../../base/clock.ts';
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
  let timer: Timer | undefined;
  const sweep = () => {
    timer = undefined;
    const oldest = clock.steady() - limit;
    for (const request of waiting) {
      if (request.since > oldest) break;
      waiting.delete(request);
      fail(request, timeoutError(`request did not complete within the allotted timeout`));
    }
    if (waiting.size > 0) timer = clock.after(sweepEvery, sweep);
  };
  return (request) => {
    if (isLongRunning(request)) return;
    waiting.add(request);
    request.exchange.onEnd(() => waiting.delete(request));
    timer ??= clock.after(sweepEvery, sweep);
  };
}
