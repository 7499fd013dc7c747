import { Counter, Gauge } from '../../base/metrics.ts';
import type { Availability } from './availability.ts';
import type { ForeignApis } from './foreign-apis.ts';

/** Figures on which other servers cannot be had. Source: kube-aggregator `controllers/status/metrics`. */
export class AvailabilityMetrics {
  readonly #apis: ForeignApis;
  readonly #now: Gauge;
  readonly #turns = new Counter(
    'aggregator_unavailable_apiservice_total',
    'Counter of APIServices which are marked as unavailable broken down by APIService name and reason.',
  );

  constructor(apis: ForeignApis) {
    this.#apis = apis;
    this.#now = new Gauge(
      'aggregator_unavailable_apiservice',
      'Gauge of APIServices which are marked as unavailable broken down by APIService name.',
      () => [...apis.all()].map(({ name, available }) => [`name="${name}"`, available ? 0 : 1] as const),
    );
  }

  /** What is said of an APIService from now on. */
  note(name: string, wasAvailable: boolean, { status, reason = '' }: Availability): void {
    if (wasAvailable && status !== 'True') this.#turns.add(`name="${name}",reason="${reason}"`);
  }

  /** Prometheus text; nothing while there is no other server. */
  *lines(): Iterable<string> {
    if (this.#apis.size === 0) return;
    for (const metric of [this.#now, this.#turns]) yield* metric.lines();
  }
}
