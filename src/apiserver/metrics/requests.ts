import type { Clock } from '../../base/clock.ts';
import { Counter, Gauge, Histogram } from '../../base/metrics.ts';
import type { ApiRequest } from '../request.ts';

/** Upper bounds of the duration histogram, seconds. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Counts and times requests: apiserver_request_total, apiserver_request_duration_seconds, requests under way. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #totals = new Counter('apiserver_request_total', 'Requests by verb, resource and code.');
  readonly #durations = new Histogram(
    'apiserver_request_duration_seconds',
    'Time to the end of the answer, watches apart.',
    bounds,
  );
  readonly #underWay = new Gauge('apiserver_current_inflight_requests', 'Requests under way, watches included.', () => [
    ['', this.#inFlight],
  ]);
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
      this.#totals.add(`${what},code="${exchange.code}"`);
      if (info.verb !== 'watch') this.#durations.observe((this.#clock.steady() - request.since) / 1000, what);
    });
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    for (const metric of [this.#totals, this.#durations, this.#underWay]) yield* metric.lines();
  }
}
