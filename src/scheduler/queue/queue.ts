import type { Clock, Timer } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import { type ClusterEvent, type EventHint, labelOf } from '../events/events.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { InFlightEvents } from './in-flight.ts';
import { goesFirst, type Place, profileOf, type QueuedPod, queuedPod } from './queued-pod.ts';
import { WaitingPods } from './waiting-pods.ts';

/** A pod that no event concerned is tried again after this long, in case a hint was missing. */
const unschedulableLimit = 5 * 60_000;
/** Back-offs that end within the same window end together, so that priority decides between their pods. */
const window = 1000;
/** What upstream calls it when an attempt to place a pod has failed. */
const attemptFailed = 'ScheduleAttemptFailure';
const aligned = (at: number) => Math.floor(at / window) * window;

interface Ticket {
  readonly pod: QueuedPod;
  readonly move: number;
}

/** What the queue must know of a profile. */
export interface QueueProfile {
  /** By plugin, what may undo its refusal. */
  readonly hints: ReadonlyMap<string, readonly EventHint[]>;
  /** Plugins that keep pods from being tried at all (PreEnqueue): true when the pod must wait. */
  readonly gates: ReadonlyMap<string, (pod: PodInfo) => boolean>;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** The first back-off and the longest, milliseconds. */
  readonly initialBackoff: number;
  readonly maxBackoff: number;
  /** By schedulerName. */
  readonly profiles: ReadonlyMap<string, QueueProfile>;
  /** Called when there may be a pod to take. */
  wake(): void;
  /** Called with each pod that comes to a queue: which, and by what event, both as upstream names them. */
  incoming(queue: string, event: string): void;
}

/**
 * The queues of upstream's scheduler: active pods by priority and age, pods in back-off by when it ends, and pods no
 * node takes until something in the cluster changes that the refusing plugins care about. Nothing polls.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions;
  readonly #pods = new Map<string, QueuedPod>();
  /** Oldest first. */
  readonly #unschedulable = new Set<QueuedPod>();
  readonly #waiting: WaitingPods;
  readonly #inFlight = new InFlightEvents<QueuedPod>();
  readonly #active = new Heap<Ticket>(({ pod: a }, { pod: b }) => goesFirst(a, b));
  readonly #backoff = new Heap<Ticket>(backoffEndsFirst);
  readonly #errorBackoff = new Heap<Ticket>(backoffEndsFirst);
  #timer: { readonly at: number; readonly handle: Timer } | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#waiting = new WaitingPods(options.profiles);
  }

  /** Takes a new pod, or a new version of a waiting one with the events that lead to it. */
  set(info: PodInfo, changes: readonly ClusterEvent[] = []): void {
    const known = this.#pods.get(info.uid);
    if (!known) {
      this.#add(info);
      return;
    }
    known.info = info;
    if (known.place === 'inFlight') for (const event of changes) this.#inFlight.record(event);
    if (known.place !== 'unschedulable' && known.place !== 'gated') return;
    const change = changes.find((event) => this.#waiting.concerns(event, known));
    if (change) this.#retry(known, labelOf(change));
  }

  delete(uid: string): void {
    const pod = this.#pods.get(uid);
    if (!pod) return;
    this.#pods.delete(uid);
    this.#inFlight.end(pod);
    this.#moved(pod, 'gated');
  }

  /** Something changed in the cluster: waiting pods whose plugins care are tried again. */
  notify(event: ClusterEvent): void {
    this.#inFlight.record(event);
    const concerned = this.#waiting.concerned(event);
    if (concerned.size === 0) return;
    const label = labelOf(event);
    for (const pod of concerned) this.#retry(pod, label);
  }

  /** A pod that waits, for whatever reason, is to be tried at once; in flight, when it comes back. */
  activate(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod && pod.place !== 'active' && pod.place !== 'inFlight') this.#activate(pod, 'ForceActivate');
  }

  /** What gated a pod may be over: it is tried again if events have come for it meanwhile. */
  release(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod?.place === 'gated') this.#retry(pod, 'ForceActivate');
  }

  /** The next pod to place; it is in flight until `done`, `failed` or `refused` is said of it. */
  take(): QueuedPod | undefined {
    // Who has nothing else to do need not wait for the end of a back-off; errors are another matter.
    const pod = current(this.#active, 'active') ?? current(this.#backoff, 'backoff');
    if (!pod) return undefined;
    if (pod.place === 'backoff') this.#comes(pod, 'active', 'PopFromBackoffQ');
    this.#moved(pod, 'inFlight');
    this.#inFlight.begin(pod);
    pod.started = this.#options.clock.steady();
    pod.attempts++;
    return pod;
  }

  /** Whether the pod is still being placed: it may have been deleted meanwhile. */
  inFlight(pod: QueuedPod): boolean {
    return this.#pods.get(pod.info.uid) === pod && pod.place === 'inFlight';
  }

  /** A pod that is in flight has to wait for its turn: what happens until `resume` cannot have misled anybody. */
  park(pod: QueuedPod): void {
    this.#inFlight.end(pod);
  }

  resume(pod: QueuedPod): void {
    this.#inFlight.begin(pod);
    pod.started = this.#options.clock.steady();
  }

  /** The pod has its node and is about to be bound: from now on only an error can bring it back. */
  settled(pod: QueuedPod): void {
    this.#inFlight.end(pod);
  }

  /** The pod is bound. */
  done(pod: QueuedPod): void {
    this.#inFlight.end(pod);
    if (this.#pods.get(pod.info.uid) === pod) this.#pods.delete(pod.info.uid);
  }

  /** No node takes the pod. It is tried again when one of the plugins may think differently. */
  refused(pod: QueuedPod, plugins: ReadonlySet<string>): void {
    const missed = this.#inFlight.end(pod);
    if (this.#pods.get(pod.info.uid) !== pod) return;
    const now = this.#options.clock.steady();
    pod.since = now;
    pod.refusals++;
    pod.errors = 0;
    pod.refusedBy = plugins;
    pod.backoffUntil = aligned(now + this.#backoffOf(pod.refusals));
    if (missed.some((event) => this.#waiting.concerns(event, pod))) {
      this.#retry(pod, attemptFailed);
      return;
    }
    this.#comes(pod, 'unschedulable', attemptFailed);
    this.#waiting.add(pod);
    this.#unschedulable.add(pod);
    this.#arm(now + unschedulableLimit);
  }

  /** Placing the pod went wrong for a reason of its own: it is tried again after its back-off. */
  failed(pod: QueuedPod): void {
    this.#inFlight.end(pod);
    if (this.#pods.get(pod.info.uid) !== pod) return;
    const now = this.#options.clock.steady();
    pod.since = now;
    pod.errors++;
    pod.refusedBy = new Set();
    pod.backoffUntil = aligned(now + this.#backoffOf(pod.errors));
    this.#retry(pod, attemptFailed);
  }

  close(): void {
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  /** Every pod that is not placed. */
  get pods(): Iterable<QueuedPod> {
    return this.#pods.values();
  }

  #add(info: PodInfo): void {
    const pod = queuedPod(info, this.#options.clock.steady());
    this.#pods.set(info.uid, pod);
    this.#activate(pod, 'UnschedulablePodAdd');
  }

  /** `event` names what let the pod be tried, here and below. */
  #activate(pod: QueuedPod, event: string): void {
    if (this.#gated(pod, event)) return;
    this.#comes(pod, 'active', event);
    pod.firstActive ??= this.#options.clock.steady();
    this.#active.push({ pod, move: pod.move });
    this.#options.wake();
  }

  #retry(pod: QueuedPod, event: string): void {
    if (pod.backoffUntil <= aligned(this.#options.clock.steady())) {
      this.#activate(pod, event);
      return;
    }
    if (this.#gated(pod, event)) return;
    this.#comes(pod, 'backoff', event);
    const heap = pod.errors > 0 ? this.#errorBackoff : this.#backoff;
    heap.push({ pod, move: pod.move });
    this.#arm(pod.backoffUntil);
    this.#options.wake();
  }

  /** Lets a pod wait for the plugin that gates it, if one does. */
  #gated(pod: QueuedPod, event: string): boolean {
    for (const [plugin, gates] of this.#options.profiles.get(profileOf(pod.info.pod))?.gates ?? []) {
      if (!gates(pod.info)) continue;
      this.#comes(pod, 'gated', event);
      pod.refusedBy = new Set([plugin]);
      this.#waiting.add(pod);
      return true;
    }
    return false;
  }

  #backoffOf(times: number): number {
    const { initialBackoff, maxBackoff } = this.#options;
    return Math.min(maxBackoff, initialBackoff * 2 ** Math.max(0, times - 1));
  }

  #comes(pod: QueuedPod, place: Place, event: string): void {
    // Upstream keeps gated pods among those that nobody takes.
    if (pod.place !== place || pod.move === 0)
      this.#options.incoming(place === 'gated' ? 'unschedulable' : place, event);
    this.#moved(pod, place);
  }

  #moved(pod: QueuedPod, place: Place): void {
    this.#unschedulable.delete(pod);
    this.#waiting.delete(pod);
    pod.place = place;
    pod.move++;
  }

  /** One timer for the next thing that is due. */
  #arm(at: number): void {
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.handle.cancel();
    const { clock } = this.#options;
    this.#timer = { at, handle: clock.after(at - clock.steady(), () => this.#due()) };
  }

  #due(): void {
    this.#timer = undefined;
    const now = this.#options.clock.steady();
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let next = heap.peek(); next; next = heap.peek()) {
        const stale = next.pod.move !== next.move;
        if (!stale && next.pod.backoffUntil > now) {
          this.#arm(next.pod.backoffUntil);
          break;
        }
        heap.pop();
        if (!stale) this.#activate(next.pod, 'BackoffComplete');
      }
    }
    for (const pod of [...this.#unschedulable]) {
      if (pod.since + unschedulableLimit > now) {
        this.#arm(pod.since + unschedulableLimit);
        break;
      }
      this.#retry(pod, 'UnschedulableTimeout');
    }
  }
}

function backoffEndsFirst({ pod: a }: Ticket, { pod: b }: Ticket): boolean {
  return a.backoffUntil < b.backoffUntil || (a.backoffUntil === b.backoffUntil && goesFirst(a, b));
}

/** The first entry of a heap that still holds. */
function current(heap: Heap<Ticket>, place: Place): QueuedPod | undefined {
  for (let ticket = heap.pop(); ticket; ticket = heap.pop()) {
    if (ticket.pod.move === ticket.move && ticket.pod.place === place) return ticket.pod;
  }
  return undefined;
}
