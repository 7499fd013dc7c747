import type { Node, Pod } from '../api/types/core-v1.gen.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import { Bindings } from './binding/bindings.ts';
import { defaultSchedulerConfig } from './config/scheduler-config.ts';
import type { SchedulerConfig } from './config/types.ts';
import type { Diagnosis } from './cycle/diagnosis.ts';
import { fitError } from './cycle/fit-error.ts';
import type { ClusterEvent } from './events/events.ts';
import { type ClusterBook, type FollowCluster, prepareFollowing } from './events/follow.ts';
import { nodeChanges } from './events/node-changes.ts';
import { asksTheSame, ended } from './events/pod-changes.ts';
import { podChanges } from './events/pod-events.ts';
import { type Consultation, Consultations } from './extender/consultations.ts';
import { Extender } from './extender/extender.ts';
import { placeWithExtenders } from './extender/extender-cycle.ts';
import { availablePlugins, buildFramework, type Framework, noNodes } from './framework.ts';
import { PluginError } from './plugin.ts';
import { type Preemption, Preemptor } from './preemption/preemptor.ts';
import { tryRemedies } from './preemption/remedies.ts';
import { SchedulingQueue } from './queue/queue.ts';
import { profileOf, type QueuedPod } from './queue/queued-pod.ts';
import { type NotPlaced, report } from './report.ts';
import { InformerWorld } from './state/informer-world.ts';
import { NodeTable } from './state/node-table.ts';
import { Nominations } from './state/nominations.ts';
import { type PodInfo, podInfo } from './state/pod-info.ts';
import type { World } from './state/world.ts';

export interface SchedulerOptions {
  /** Writes as system:kube-scheduler; without the read-your-writes wait of the controllers. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Records events in the name of a profile. */
  readonly recorder: (schedulerName: string) => EventRecorder;
  /** Upstream's defaults unless given. */
  readonly config?: SchedulerConfig;
}

/** How long one turn may place pods before others get the loop, in milliseconds. */
const burst = 5;

/** Makes the scheduler. It works from `run` until the signal aborts. Pods of no profile's name are left alone. */
export function createScheduler(options: SchedulerOptions): Runnable {
  return new Scheduler(options);
}

class Scheduler implements Runnable, ClusterBook {
  readonly #options: SchedulerOptions;
  /** By schedulerName. */
  readonly #frameworks: ReadonlyMap<string, Framework>;
  readonly #extenders: readonly Extender[];
  readonly #consultations = new Consultations((consultation) => this.#consult(consultation));
  readonly #follow: FollowCluster;
  readonly #nodes = new NodeTable();
  readonly #world: World;
  readonly #queue: SchedulingQueue;
  readonly #nominations = new Nominations(this.#nodes);
  readonly #preemptor: Preemptor;
  readonly #bindings: Bindings;
  readonly #tasks = new Set<Promise<void>>();
  #pumping = false;
  #signal: AbortSignal | undefined;

  constructor(options: SchedulerOptions) {
    const { informers, clock, recorder, config = defaultSchedulerConfig(availablePlugins) } = options;
    this.#options = options;
    const preempting = new Set<string>();
    this.#world = new InformerWorld(informers);
    this.#extenders = config.extenders.map((extender) => new Extender(extender, clock));
    const scene = { nodes: this.#nodes, world: this.#world, extenders: this.#extenders, preempting };
    const frameworks = config.profiles.map((profile) =>
      buildFramework(profile, options, scene, recorder(profile.schedulerName)),
    );
    this.#frameworks = new Map(frameworks.map((framework) => [framework.name, framework]));
    this.#follow = prepareFollowing(
      informers,
      frameworks.flatMap(({ hints }) => [...hints.values()]),
    );
    this.#queue = new SchedulingQueue({
      clock,
      initialBackoff: config.podInitialBackoffSeconds * 1000,
      maxBackoff: config.podMaxBackoffSeconds * 1000,
      profiles: this.#frameworks,
      wake: () => this.#wake(),
    });
    const shared = { nodes: this.#nodes, queue: this.#queue, spawn: (work: Promise<void>) => this.#spawn(work) };
    this.#bindings = new Bindings({ ...shared, report: options, wake: () => this.#wake() });
    const tools = { ...options, ...shared, world: this.#world, nominations: this.#nominations };
    this.#preemptor = new Preemptor(tools, preempting);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers, log } = this.#options;
    let stop: (() => void) | undefined;
    try {
      await informers.synced(signal);
      await Promise.all([...this.#frameworks.values()].map(({ prepare }) => prepare()));
      if (signal.aborted) return;
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      stop = this.#follow(this);
      this.#signal = signal;
      log.info('The scheduler is up', { profiles: [...this.#frameworks.keys()], nodes: this.#nodes.size });
      this.#wake();
      await aborted;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#signal = undefined;
      stop?.();
      this.#queue.close();
      await Promise.all(this.#tasks);
    }
  }

  nodeSet(old: Node | undefined, node: Node): void {
    this.#nodes.setNode(node);
    const added: ClusterEvent = { resource: 'Node', action: 'Add', now: node };
    for (const event of old ? nodeChanges(old, node) : [added]) this.#queue.notify(event);
  }

  nodeGone(node: Node): void {
    this.#nodes.removeNode(node.metadata?.name ?? '');
    this.#queue.notify({ resource: 'Node', action: 'Delete', old: node });
  }

  changed(event: ClusterEvent): void {
    this.#queue.notify(event);
  }

  podSet(old: Pod | undefined, pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const nodeName = pod.spec?.nodeName;
    if (ended(pod)) this.podGone(pod);
    else if (nodeName) this.#podAssigned(old, pod, uid, nodeName);
    else if (!this.#frameworks.has(profileOf(pod)) || pod.metadata?.deletionTimestamp) this.#queue.delete(uid);
    else this.#podWaits(old, pod);
  }

  podGone(pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    this.#queue.delete(uid);
    this.#bindings.abandon(uid);
    const nominated = this.#nominations.delete(uid);
    const counted = this.#nodes.has(uid);
    if (counted) this.#nodes.removePod(uid);
    if (counted || nominated) this.#queue.notify({ resource: 'AssignedPod', action: 'Delete', old: pod });
  }

  #podWaits(old: Pod | undefined, pod: Pod): void {
    const info = podInfo(pod);
    this.#queue.set(info, old && podChanges(old, pod));
    // Of an assumed pod the informer may still be showing what was before its binding.
    if (this.#bindings.has(info.uid)) return;
    // After a restart the nomination is only in the status.
    const node = pod.status?.nominatedNodeName;
    if (node) this.#nominations.set(info, node);
    const before = old?.status?.nominatedNodeName;
    if (before && before !== node) this.#queue.notify({ resource: 'AssignedPod', action: 'Delete', old });
  }

  #podAssigned(old: Pod | undefined, pod: Pod, uid: string, nodeName: string): void {
    const confirmed = this.#bindings.confirm(uid);
    this.#nominations.delete(uid);
    this.#queue.delete(uid);
    const known = this.#nodes.has(uid) && !confirmed;
    if (known && old && asksTheSame(old, pod)) return;
    this.#nodes.addPod(podInfo(pod), nodeName);
    const added: ClusterEvent = { resource: 'AssignedPod', action: 'Add', now: pod };
    for (const event of known && old ? podChanges(old, pod) : [added]) this.#queue.notify(event);
  }

  /** Pods are placed in a later turn, so that what came together is seen together. */
  #wake(): void {
    if (this.#pumping || !this.#signal || this.#bindings.full) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    const until = this.#options.clock.steady() + burst;
    while (this.#signal && !this.#bindings.full) {
      if (this.#options.clock.steady() > until) {
        this.#wake();
        return;
      }
      const pod = this.#queue.take();
      if (!pod) return;
      this.#schedule(pod, this.#signal);
    }
  }

  #schedule(pod: QueuedPod, signal: AbortSignal): void {
    const { info } = pod;
    const framework = this.#frameworks.get(profileOf(info.pod))!;
    const extenders = this.#extenders.filter((extender) => extender.isInterested(info.pod));
    if (extenders.length > 0) {
      this.#queue.park(pod);
      const turn = this.#consultations.add({ pod, framework, extenders });
      if (turn) this.#spawn(turn);
      return;
    }
    try {
      const outcome = this.#nominations.respecting(info, () => framework.cycle.place(info, this.#random));
      if (outcome.node !== undefined) this.#give(pod, framework, outcome.node, signal);
      else {
        const remedies = this.#remedies(info, framework, outcome.diagnosis, signal);
        const preemption = this.#preemptor.preempt(info, framework, outcome.diagnosis, signal);
        this.#refuse(pod, framework, outcome.diagnosis, remedies, preemption, signal);
      }
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#fail(pod, framework, error.message, signal);
    }
  }

  /** The same for a pod that others have a say in: they take their time. */
  async #consult(consultation: Consultation): Promise<void> {
    const { pod, framework, extenders } = consultation;
    const signal = this.#signal;
    const { info } = pod;
    if (!signal || !this.#queue.inFlight(pod)) return;
    this.#queue.resume(pod);
    const tools = { nodes: this.#nodes, nominations: this.#nominations, random: this.#random, log: this.#options.log };
    try {
      const outcome = await placeWithExtenders(info, framework, extenders, tools, signal);
      if (!this.#queue.inFlight(pod)) return;
      // What was found out is about another version of the pod.
      if (pod.info !== info) return await this.#consult(consultation);
      if (outcome.node !== undefined) {
        this.#give(pod, framework, outcome.node, signal);
        return;
      }
      const remedies = this.#remedies(info, framework, outcome.diagnosis, signal);
      const preempt = this.#preemptor.preemptAsking(info, framework, outcome.diagnosis, extenders, signal);
      this.#refuse(pod, framework, outcome.diagnosis, remedies, await preempt, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(pod, framework, error instanceof Error ? error.message : String(error), signal);
    }
  }

  #remedies(info: PodInfo, framework: Framework, { nodes }: Diagnosis, signal: AbortSignal): string[] {
    const tools = { log: this.#options.log, spawn: (work: Promise<void>) => this.#spawn(work) };
    return nodes === 0 ? [] : tryRemedies(tools, info, framework, signal);
  }

  readonly #random = (): number => this.#options.ids.random();

  #give(pod: QueuedPod, framework: Framework, node: string, signal: AbortSignal): void {
    this.#nominations.delete(pod.info.uid);
    this.#bindings.begin(pod, framework, node, signal);
  }

  #refuse(
    pod: QueuedPod,
    framework: Framework,
    diagnosis: Diagnosis,
    remedies: readonly string[],
    { made, why }: Preemption,
    signal: AbortSignal,
  ): void {
    this.#queue.refused(pod, diagnosis.nodes === 0 ? noNodes : diagnosis.plugins);
    // Where room is being made there is no more to say.
    const text = made ? fitError(diagnosis, undefined) : fitError(diagnosis, why, remedies);
    this.#spawn(this.#report(pod.info, framework, text, 'Unschedulable', signal));
  }

  #fail(pod: QueuedPod, framework: Framework, message: string, signal: AbortSignal): void {
    this.#queue.failed(pod);
    this.#spawn(this.#report(pod.info, framework, message, 'SchedulerError', signal));
  }

  #report(
    info: PodInfo,
    { events }: Framework,
    message: string,
    reason: NotPlaced,
    signal: AbortSignal,
  ): Promise<void> {
    return report({ ...this.#options, events }, info, message, reason, signal);
  }

  #spawn(work: Promise<void>): void {
    const task = work.finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}
