import { unfitError } from '../cycle/fit-error.ts';
import type { Framework } from '../framework.ts';
import { nominate } from '../preemption/evict.ts';
import type { SchedulingQueue } from '../queue/queue.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import { type ReportTools, report } from '../report.ts';
import type { NodeTable } from '../state/node-table.ts';
import { BindError, bind } from './bind.ts';
import { PreBindFailure, Reservations } from './reservations.ts';

/** So many bindings may be under way at once. */
const maxBindings = 256;

/** What bindings need of the scheduler they belong to. */
export interface BindingTools extends ReportTools {
  readonly nodes: NodeTable;
  readonly queue: SchedulingQueue;
  /** Called when there is room for another binding. */
  wake(): void;
  /** Takes work that the scheduler waits for before it ends. */
  spawn(work: Promise<void>): void;
}

/** A pod on its way to the node that was chosen for it. */
interface Course {
  readonly pod: QueuedPod;
  readonly framework: Framework;
  readonly node: string;
  /** What plugins hold for the pod until it is bound. */
  readonly held: Reservations | undefined;
}

/** The binding cycles: pods that count as placed though the API server does not say so yet. */
export class Bindings {
  readonly #tools: BindingTools;
  /** Until the informer shows the pod on its node, by uid. */
  readonly #courses = new Map<string, Course>();
  #writing = 0;

  constructor(tools: BindingTools) {
    this.#tools = tools;
  }

  /** Whether no more should be begun for now. */
  get full(): boolean {
    return this.#writing >= maxBindings;
  }

  /** How many pods are under way. */
  get size(): number {
    return this.#courses.size;
  }

  has(uid: string): boolean {
    return this.#courses.has(uid);
  }

  /** Counts a pod against its node and sees to it that it is bound there. */
  begin(pod: QueuedPod, framework: Framework, node: string, signal: AbortSignal): void {
    const { nodes, queue } = this.#tools;
    const { info } = pod;
    const held = Reservations.make(framework.reservers, info, nodes.slotOf(node)!, nodes);
    const course = { pod, framework, node, held };
    this.#courses.set(info.uid, course);
    nodes.addPod(info, node);
    queue.settled(pod);
    this.#tools.spawn(held ? this.#prepare(course, held, signal) : this.#bind(course, signal));
  }

  /** The informer has shown the pod on a node. Returns whether it was under way to one. */
  confirm(uid: string): boolean {
    return this.#courses.delete(uid);
  }

  /** The pod is gone. */
  abandon(uid: string): void {
    this.#courses.get(uid)?.held?.abandon();
    this.#courses.delete(uid);
  }

  /** Waits for what plugins have to do before the pod is bound. Such pods do not hold up others. */
  async #prepare(course: Course, held: Reservations, signal: AbortSignal): Promise<void> {
    try {
      if (held.takesTime) await this.#tellNode(course, course.node, signal);
      await held.preBind(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PreBindFailure)) throw error;
      this.#giveUp(course);
      if (held.abandoned) return;
      await this.#tellNode(course, null, signal);
      await this.#unprepared(course, error, signal);
      return;
    }
    if (!signal.aborted) await this.#bind(course, signal);
  }

  /** Lets others, autoscalers for one, know where a pod is to go that cannot be bound yet (NominatedNodeNameForExpectation). */
  async #tellNode(course: Course, node: string | null, signal: AbortSignal): Promise<void> {
    try {
      await nominate(this.#tools.client, course.pod.info, node, signal);
    } catch (error) {
      if (!signal.aborted) this.#warn('The node a pod is to have could not be written', course, error as Error);
    }
  }

  async #unprepared(course: Course, failure: PreBindFailure, signal: AbortSignal): Promise<void> {
    const { plugin, message, unfit } = failure;
    if (unfit) return this.#report(course, unfitError(message), 'Unschedulable', signal);
    this.#warn('A pod could not be prepared for its node', course, failure);
    return this.#report(course, `running PreBind plugin "${plugin}": ${message}`, 'SchedulerError', signal);
  }

  async #bind(course: Course, signal: AbortSignal): Promise<void> {
    const { pod, framework, node } = course;
    const { queue, wake } = this.#tools;
    const { namespace, name, uid } = pod.info;
    this.#writing++;
    try {
      await bind(framework.binders, pod.info, node, signal);
      queue.done(pod);
      this.#tools.metrics.bound(pod);
      const text = `Successfully assigned ${namespace}/${name} to ${node}`;
      framework.events.event(pod.info.pod, 'Normal', 'Scheduled', text);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof BindError)) throw error;
      this.#giveUp(course);
      // The pod is gone; the informer says so too.
      if (error.gone) queue.delete(uid);
      else {
        this.#warn('Binding failed', course, error);
        await this.#report(course, error.message, 'SchedulerError', signal);
      }
    } finally {
      this.#writing--;
      wake();
    }
  }

  /** Takes a pod back, unless the informer has shown it bound after all. It is tried again after its back-off. */
  #giveUp({ pod, held }: Course): void {
    const { nodes, queue, spawn } = this.#tools;
    const { uid } = pod.info;
    if (held) spawn(held.unreserve());
    if (this.#courses.get(uid)?.pod !== pod) return;
    this.#courses.delete(uid);
    nodes.removePod(uid);
    queue.failed(pod);
    queue.notify({ resource: 'AssignedPod', action: 'Delete', old: pod.info.pod });
  }

  #warn(what: string, { pod, node }: Course, error: Error): void {
    this.#tools.log.warn(what, { pod: `${pod.info.namespace}/${pod.info.name}`, node, error });
  }

  #report(
    { pod, framework }: Course,
    message: string,
    reason: 'Unschedulable' | 'SchedulerError',
    signal: AbortSignal,
  ): Promise<void> {
    return report(this.#tools, pod, framework, message, reason, signal);
  }
}
