import { tooManyRequests } from '../../api/status.ts';
import { isLongRunning } from '../long-running.ts';
import type { ApiRequest } from '../request.ts';
import type { Filter } from './filter.ts';

/** Source: --max-requests-inflight and --max-mutating-requests-inflight. */
export const maxReads = 400;
export const maxWrites = 200;

const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head']);

/** Bounds the work under way: beyond the limits a request gets 429 and comes back. Long-running ones do not count. */
export function inFlight(): Filter {
  let readsNow = 0;
  let writesNow = 0;
  return (request: ApiRequest) => {
    if (isLongRunning(request)) return;
    if (reads.has(request.info.verb)) {
      if (readsNow >= maxReads) throw busy();
      readsNow++;
      request.exchange.onEnd(() => readsNow--);
    } else {
      if (writesNow >= maxWrites) throw busy();
      writesNow++;
      request.exchange.onEnd(() => writesNow--);
    }
  };
}

const busy = () => tooManyRequests('Too many requests, please try again later.', 1);
