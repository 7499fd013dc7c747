import { Counter, Histogram, labels } from '../../../base/metrics.ts';

/** Mutating webhooks are counted as "admit". */
export type Step = 'admit' | 'validating';

/** What became of one call. */
export interface Call {
  readonly name: string;
  readonly type: Step;
  readonly operation: string;
  /** Seconds. */
  readonly took: number;
  readonly code: number;
  /** Whose fault it is that the write is refused; undefined when it is not. */
  readonly rejected: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error' | undefined;
}

/** Upper bounds, seconds. */
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
/** Larger codes are counted as this one, so that a webhook cannot make series without end. */
const largestCode = 600;

/** Counts and times webhooks. Source: apiserver `admission/metrics`. */
export class WebhookMetrics {
  readonly #durations = new Histogram(
    'apiserver_admission_webhook_admission_duration_seconds',
    'How long webhooks took to answer.',
    bounds,
  );
  readonly #requests = new Counter('apiserver_admission_webhook_request_total', 'Calls of webhooks.');
  readonly #rejections = new Counter(
    'apiserver_admission_webhook_rejection_count',
    'Writes that were refused by a webhook, or because of it.',
  );
  readonly #open = new Counter(
    'apiserver_admission_webhook_fail_open_count',
    'Writes that went on though a webhook could not be asked.',
  );

  observe({ name, type, operation, took, code, rejected }: Call): void {
    const what = { name, type, operation };
    const counted = String(Math.min(code, largestCode));
    this.#durations.observe(took, labels({ ...what, rejected: String(rejected !== undefined) }));
    this.#requests.add(labels({ ...what, code: counted, rejected: String(rejected !== undefined) }));
    if (rejected) this.#rejections.add(labels({ ...what, error_type: rejected, rejection_code: counted }));
  }

  failedOpen(name: string, type: Step): void {
    this.#open.add(labels({ name, type }));
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    for (const metric of [this.#durations, this.#requests, this.#rejections, this.#open]) yield* metric.lines();
  }
}
