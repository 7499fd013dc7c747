import type { Clock } from '../base/clock.ts';
import { Counter, exponential, Gauge, Histogram, labels } from '../base/metrics.ts';
import { profileOf, type QueuedPod } from './queue/queued-pod.ts';

/** What the gauges are read from. */
export interface SchedulerFigures {
  /** Every pod that is not placed. */
  readonly pods: Iterable<QueuedPod>;
  /** How many nodes and pods on them are known, and how many of the pods are still being bound. */
  readonly cache: { readonly nodes: number; readonly pods: number; readonly assumed_pods: number };
}

export type AttemptResult = 'scheduled' | 'unschedulable' | 'error';

/** The queues that upstream tells apart; a pod in flight is in none. */
const queues = ['active', 'backoff', 'unschedulable', 'gated'] as const;
/** Attempts beyond this are told together. */
const manyAttempts = 15;

/** The figures of the scheduler, by upstream's names, labels and buckets. Source: kube-scheduler `metrics/metrics.go`. */
export class SchedulerMetrics {
  readonly #clock: Clock;
  readonly #figures: () => SchedulerFigures;
  readonly #attempts = new Counter('scheduler_schedule_attempts_total', 'Attempts to schedule a pod, by result.');
  readonly #attemptTime = new Histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    'Time that attempts took, from the choice of a node to the binding.',
    exponential(0.001, 2, 15),
  );
  readonly #choiceTime = new Histogram(
    'scheduler_scheduling_algorithm_duration_seconds',
    'Time it took to choose a node.',
    exponential(0.001, 2, 15),
  );
  readonly #podTime = new Histogram(
    'scheduler_pod_scheduling_sli_duration_seconds',
    'Time from when a pod could first be tried until it was bound, by attempts.',
    exponential(0.01, 2, 20),
  );
  readonly #podAttempts = new Histogram(
    'scheduler_pod_scheduling_attempts',
    'Attempts that it took until a pod was bound.',
    exponential(1, 2, 5),
  );
  readonly #preemptions = new Counter('scheduler_preemption_attempts_total', 'Searches for pods to evict.', '');
  readonly #victims = new Histogram(
    'scheduler_preemption_victims',
    'Pods that were chosen to be evicted for another.',
    exponential(1, 2, 7),
  );
  readonly #incoming = new Counter(
    'scheduler_queue_incoming_pods_total',
    'Pods that came to a queue, by queue and what brought them there.',
  );
  readonly #pending = new Gauge('scheduler_pending_pods', 'Pods waiting to be placed, by queue.', () => {
    const sizes = new Map<string, number>(queues.map((queue) => [queue, 0]));
    for (const { place } of this.#figures().pods) if (sizes.has(place)) sizes.set(place, sizes.get(place)! + 1);
    return [...sizes].map(([queue, size]) => [labels({ queue }), size]);
  });
  readonly #unschedulable = new Gauge('scheduler_unschedulable_pods', 'Waiting pods, by who refused them last.', () => {
    const sizes = new Map<string, number>();
    for (const { info, place, refusedBy } of this.#figures().pods) {
      if (place === 'inFlight') continue;
      for (const plugin of refusedBy) {
        if (!plugin) continue;
        const series = labels({ plugin, profile: profileOf(info.pod) });
        sizes.set(series, (sizes.get(series) ?? 0) + 1);
      }
    }
    return sizes;
  });
  readonly #cache = new Gauge('scheduler_cache_size', 'Nodes and pods on nodes that are known.', () =>
    Object.entries(this.#figures().cache).map(([type, size]) => [labels({ type }), size]),
  );

  readonly #profiles = new Map<string, string>();

  constructor(clock: Clock, figures: () => SchedulerFigures) {
    this.#clock = clock;
    this.#figures = figures;
  }

  /** An attempt has found the node for its pod. */
  chosen(pod: QueuedPod): void {
    this.#choiceTime.observe(this.#since(pod.started));
  }

  /** An attempt is over, and the pod waits again. */
  attempted(pod: QueuedPod, result: AttemptResult): void {
    const series = `result="${result}",${this.#profileLabel(profileOf(pod.info.pod))}`;
    this.#attempts.add(series);
    this.#attemptTime.observe(this.#since(pod.started), series);
  }

  /** The pod is bound. */
  bound(pod: QueuedPod): void {
    this.attempted(pod, 'scheduled');
    this.#podAttempts.observe(pod.attempts);
    const attempts = pod.attempts >= manyAttempts ? `${manyAttempts}+` : `${pod.attempts}`;
    this.#podTime.observe(this.#since(pod.firstActive ?? pod.started), `attempts="${attempts}"`);
  }

  preempting(): void {
    this.#preemptions.add();
  }

  victims(count: number): void {
    this.#victims.observe(count);
  }

  /** A pod has come to a queue, by an event of upstream's name. */
  incoming(queue: string, event: string): void {
    this.#incoming.add(`queue="${queue}",event="${event}"`);
  }

  /** Prometheus text. */
  *lines(): Iterable<string> {
    const counted = [this.#attempts, this.#preemptions, this.#incoming];
    const observed = [this.#attemptTime, this.#choiceTime, this.#podTime, this.#podAttempts, this.#victims];
    for (const metric of [...counted, ...observed, this.#pending, this.#unschedulable, this.#cache]) {
      yield* metric.lines();
    }
  }

  /** There are few profiles, and many pods. */
  #profileLabel(profile: string): string {
    let label = this.#profiles.get(profile);
    if (label === undefined) this.#profiles.set(profile, (label = labels({ profile })));
    return label;
  }

  #since(start: number): number {
    return (this.#clock.steady() - start) / 1000;
  }
}
