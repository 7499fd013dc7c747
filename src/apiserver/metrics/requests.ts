import type { Clock } from '../../base/clock.ts';
import type { ApiRequest } from '../request.ts';

/** Upper bounds of the duration histogram, seconds. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Series {
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** Counts and times requests: apiserver_request_total, apiserver_request_duration_seconds, requests under way. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #durations = new Map<string, Series>();
  readonly #totals = new Map<string, number>();
  #inFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows a request to its end. */
  track(request: ApiRequest): void {
    this.#inFlight++;
    request.exchange.onEnd(() => {
      this.#inFlight--;
      const { info, exchange, served } = request;
      const verb = info.verb.toUpperCase();
      const scope = served ? (info.name ? 'resource' : info.namespace ? 'namespace' : 'cluster') : '';
      const what = `verb="${verb}",group="${served?.group ?? ''}",version="${served?.version ?? ''}",resource="${served?.resource ?? ''}",subresource="${served ? info.subresource : ''}",scope="${scope}"`;
      const total = `${what},code="${exchange.code}"`;
      this.#totals.set(total, (this.#totals.get(total) ?? 0) + 1);
      if (info.verb !== 'watch') this.#observe(what, (this.#clock.steady() - request.since) / 1000);
    });
  }

  #observe(key: string, seconds: number): void {
    let series = this.#durations.get(key);
    if (!series) this.#durations.set(key, (series = { count: 0, sum: 0, buckets: bounds.map(() => 0) }));
    series.count++;
    series.sum += seconds;
    const at = bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) series.buckets[at]!++;
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    yield '# HELP apiserver_request_total Requests by verb, resource and code.';
    yield '# TYPE apiserver_request_total counter';
    for (const [labels, value] of this.#totals) yield `apiserver_request_total{${labels}} ${value}`;
    yield '# HELP apiserver_request_duration_seconds Time to the end of the answer, watches apart.';
    yield '# TYPE apiserver_request_duration_seconds histogram';
    for (const [labels, series] of this.#durations) yield* histogram(labels, series);
    yield '# HELP apiserver_current_inflight_requests Requests under way, watches included.';
    yield '# TYPE apiserver_current_inflight_requests gauge';
    yield `apiserver_current_inflight_requests ${this.#inFlight}`;
  }
}

function* histogram(labels: string, series: Series): Iterable<string> {
  const name = 'apiserver_request_duration_seconds';
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    below += series.buckets[i]!;
    yield `${name}_bucket{${labels},le="${bounds[i]}"} ${below}`;
  }
  yield `${name}_bucket{${labels},le="+Inf"} ${series.count}`;
  yield `${name}_sum{${labels}} ${series.sum}`;
  yield `${name}_count{${labels}} ${series.count}`;
}
