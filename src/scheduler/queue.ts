import type { Clock, Timer } from '../base/clock.ts';
import { Heap } from '../base/heap.ts';
import type { ClusterEvent } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

const initialBackoff = 1000;
const maxBackoff = 10_000;
/** A pod that no event concerned is tried again after this long, in case a hint was missing. */
const unschedulableLimit = 5 * 60_000;

type Place = 'active' | 'backoff' | 'unschedulable' | 'gated' | 'inFlight';

/** A pod waiting to be placed. */
export interface QueuedPod {
  info: PodInfo;
  place: Place;
  /** Grows with every move, so that entries left behind in a heap are recognised. */
  move: number;
  /** When it came to the queue, steady milliseconds: between equal priorities the older goes first. */
  readonly since: number;
  attempts: number;
  backoffUntil: number;
  unschedulableSince: number;
  /** The plugins that refused it last; empty when it failed for another reason. */
  refusedBy: ReadonlySet<string>;
}

interface Ticket {
  readonly pod: QueuedPod;
  readonly move: number;
}

/** What a refused pod waits for, by the names of the plugins that refused it. */
export type RetryHints = ReadonlyMap<string, ReadonlySet<ClusterEvent>>;

/**
 * The three queues of upstream's scheduler: active pods by priority and age, pods in back-off by when it ends, and
 * pods no node takes until something in the cluster changes that the refusing plugins care about. Nothing polls.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #hints: RetryHints;
  readonly #wake: () => void;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #unschedulable = new Set<QueuedPod>();
  readonly #active = new Heap<Ticket>(
    ({ pod: a }, { pod: b }) =>
      a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.since < b.since),
  );
  readonly #backoff = new Heap<Ticket>(({ pod: a }, { pod: b }) => a.backoffUntil < b.backoffUntil);
  readonly #events = new Set<ClusterEvent>();
  #timer: { readonly at: number; readonly handle: Timer } | undefined;

  /** `wake` is called when there may be an active pod. */
  constructor(clock: Clock, hints: RetryHints, wake: () => void) {
    this.#clock = clock;
    this.#hints = hints;
    this.#wake = wake;
  }

  /** Takes a new pod, or a new version of a waiting one. */
  set(info: PodInfo): void {
    const known = this.#pods.get(info.uid);
    if (!known) {
      const now = this.#clock.steady();
      const pod: QueuedPod = {
        info,
        place: 'gated',
        move: 0,
        since: now,
        attempts: 0,
        backoffUntil: 0,
        unschedulableSince: 0,
        refusedBy: new Set(),
      };
      this.#pods.set(info.uid, pod);
      this.#activate(pod);
      return;
    }
    const before = known.info;
    known.info = info;
    if (known.place === 'inFlight') return;
    if (known.place === 'gated' || gated(info)) this.#activate(known);
    else if (known.place === 'unschedulable' && asksDifferently(before, info)) this.#retry(known);
  }

  /** Takes a new version of a pod that is in flight; anything else is none of the queue's. */
  refresh(info: PodInfo): void {
    const pod = this.#pods.get(info.uid);
    if (pod) pod.info = info;
  }

  delete(uid: string): void {
    const pod = this.#pods.get(uid);
    if (!pod) return;
    this.#pods.delete(uid);
    this.#moved(pod, 'gated');
  }

  /** Something changed in the cluster. Looked at when the next pod is asked for, many changes at once. */
  notify(event: ClusterEvent): void {
    if (this.#unschedulable.size === 0) return;
    this.#events.add(event);
    this.#wake();
  }

  /** The next pod to place; it is in flight until `done`, `failed` or `refused` is said of it. */
  take(): QueuedPod | undefined {
    this.#applyEvents();
    for (let ticket = this.#active.pop(); ticket; ticket = this.#active.pop()) {
      const { pod, move } = ticket;
      if (pod.move !== move || pod.place !== 'active') continue;
      this.#moved(pod, 'inFlight');
      pod.attempts++;
      return pod;
    }
    return undefined;
  }

  /** The pod is bound. */
  done(pod: QueuedPod): void {
    if (this.#pods.get(pod.info.uid) === pod) this.#pods.delete(pod.info.uid);
  }

  /** No node takes the pod. */
  refused(pod: QueuedPod, plugins: ReadonlySet<string>): void {
    if (this.#pods.get(pod.info.uid) !== pod) return;
    const now = this.#clock.steady();
    pod.refusedBy = plugins;
    pod.backoffUntil = now + backoff(pod.attempts);
    pod.unschedulableSince = now;
    this.#moved(pod, 'unschedulable');
    this.#unschedulable.add(pod);
    this.#arm(now + unschedulableLimit);
  }

  /** Placing the pod went wrong for a reason of its own: it is tried again after its back-off. */
  failed(pod: QueuedPod): void {
    if (this.#pods.get(pod.info.uid) !== pod) return;
    pod.refusedBy = new Set();
    pod.backoffUntil = this.#clock.steady() + backoff(pod.attempts);
    this.#retry(pod);
  }

  close(): void {
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  /** How many pods wait where. */
  get sizes(): Record<Place, number> {
    const sizes = { active: 0, backoff: 0, unschedulable: 0, gated: 0, inFlight: 0 };
    for (const { place } of this.#pods.values()) sizes[place]++;
    return sizes;
  }

  #activate(pod: QueuedPod): void {
    if (gated(pod.info)) {
      this.#moved(pod, 'gated');
      return;
    }
    this.#moved(pod, 'active');
    this.#active.push({ pod, move: pod.move });
    this.#wake();
  }

  #retry(pod: QueuedPod): void {
    if (pod.backoffUntil <= this.#clock.steady()) {
      this.#activate(pod);
      return;
    }
    this.#moved(pod, 'backoff');
    this.#backoff.push({ pod, move: pod.move });
    this.#arm(pod.backoffUntil);
  }

  #moved(pod: QueuedPod, place: Place): void {
    this.#unschedulable.delete(pod);
    pod.place = place;
    pod.move++;
  }

  #applyEvents(): void {
    if (this.#events.size === 0) return;
    const events = [...this.#events];
    this.#events.clear();
    for (const pod of [...this.#unschedulable]) if (this.#concerned(pod, events)) this.#retry(pod);
  }

  #concerned(pod: QueuedPod, events: readonly ClusterEvent[]): boolean {
    if (pod.refusedBy.size === 0 || events.includes('NodeAdded')) return true;
    for (const plugin of pod.refusedBy) {
      const hints = this.#hints.get(plugin);
      if (hints && events.some((event) => hints.has(event))) return true;
    }
    return false;
  }

  /** One timer for the next thing that is due. */
  #arm(at: number): void {
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.handle.cancel();
    this.#timer = { at, handle: this.#clock.after(at - this.#clock.steady(), () => this.#due()) };
  }

  #due(): void {
    this.#timer = undefined;
    const now = this.#clock.steady();
    for (let next = this.#backoff.peek(); next; next = this.#backoff.peek()) {
      const stale = next.pod.move !== next.move;
      if (!stale && next.pod.backoffUntil > now) {
        this.#arm(next.pod.backoffUntil);
        break;
      }
      this.#backoff.pop();
      if (!stale) this.#activate(next.pod);
    }
    for (const pod of [...this.#unschedulable]) {
      if (pod.unschedulableSince + unschedulableLimit <= now) this.#retry(pod);
      else {
        this.#arm(pod.unschedulableSince + unschedulableLimit);
        break;
      }
    }
  }
}

function gated({ pod }: PodInfo): boolean {
  return (pod.spec?.schedulingGates?.length ?? 0) > 0;
}

function backoff(attempts: number): number {
  return Math.min(maxBackoff, initialBackoff * 2 ** Math.max(0, attempts - 1));
}

/** Whether a new version asks for something else: status changes do not count. */
function asksDifferently(before: PodInfo, after: PodInfo): boolean {
  if (before.pod === after.pod) return false;
  const asks = ({ pod, labels }: PodInfo) => JSON.stringify([pod.spec, labels]);
  return asks(before) !== asks(after);
}
