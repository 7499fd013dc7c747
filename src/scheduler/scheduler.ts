import { namespaces, nodes as nodesRef, pods as podsRef } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Node, Pod } from '../api/types/core-v1.gen.ts';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import { bind } from './bind.ts';
import { type Diagnosis, place } from './cycle.ts';
import { evict, nominate } from './evict.ts';
import { fitError, noVictims, unfitError } from './fit-error.ts';
import { nodeChanges } from './node-changes.ts';
import { NodeTable } from './node-table.ts';
import { type ClusterEvent, type Plugin, type PluginDescriptor, PluginError, type World } from './plugin.ts';
import { plugins as defaultPlugins } from './plugins/index.ts';
import { asksTheSame, ended } from './pod-changes.ts';
import { type PodInfo, podInfo } from './pod-info.ts';
import { findVictims, preemptionBar } from './preemption.ts';
import { type QueuedPod, SchedulingQueue } from './queue.ts';
import { type NotPlaced, report } from './report.ts';
import { PreBindFailure, Reservations } from './reservations.ts';
import { followResources } from './resource-changes.ts';
import { InformerWorld } from './spread-selector.ts';

export interface SchedulerOptions {
  /** Writes as system:kube-scheduler; without the read-your-writes wait of the controllers. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** Pods with another spec.schedulerName are left alone. */
  readonly name?: string;
}

/** How long one turn may place pods before others get the loop, in milliseconds. */
const burst = 5;
/** So many bindings may be under way at once. */
const maxBindings = 256;

/** Makes the scheduler. It works from `run` until the signal aborts. */
export function createScheduler(options: SchedulerOptions): Runnable {
  return new Scheduler(options, defaultPlugins);
}

class Scheduler implements Runnable {
  readonly #options: SchedulerOptions;
  readonly #plugins: readonly Plugin[];
  readonly #name: string;
  readonly #nodes = new NodeTable();
  readonly #world: World;
  readonly #queue: SchedulingQueue;
  /** Pods given to a node whose binding the informer has not shown yet. */
  readonly #assumed = new Map<string, QueuedPod>();
  /** Pods waiting for others to leave the node they are to have. */
  readonly #nominated = new Map<string, { readonly info: PodInfo; readonly node: string }>();
  /** What plugins hold for pods whose node is chosen, by uid. */
  readonly #reserved = new Map<string, Reservations>();
  readonly #tasks = new Set<Promise<void>>();
  #bindings = 0;
  #pumping = false;
  #signal: AbortSignal | undefined;

  constructor(options: SchedulerOptions, descriptors: readonly PluginDescriptor[]) {
    this.#options = options;
    const plugins = descriptors.map((descriptor) => descriptor.build(options));
    this.#plugins = plugins;
    this.#name = options.name ?? 'default-scheduler';
    this.#world = new InformerWorld(options.informers);
    const hints = new Map(plugins.map(({ name, retryOn = [] }) => [name, new Set<ClusterEvent>(retryOn)]));
    this.#queue = new SchedulingQueue(options.clock, hints, () => this.#wake());
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers } = this.#options;
    const stops: Array<() => void> = [];
    try {
      const all = [informers.of(nodesRef), informers.of(podsRef), informers.of(namespaces)];
      await informers.synced(signal);
      if (signal.aborted) return;
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      stops.push(this.#followNodes(), this.#followPods(), this.#followNamespaces(), this.#followOthers());
      this.#signal = signal;
      this.#options.log.info('The scheduler is up', { informers: all.length, nodes: this.#nodes.size });
      this.#wake();
      await aborted;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#signal = undefined;
      for (const stop of stops) stop();
      this.#queue.close();
      await Promise.all(this.#tasks);
    }
  }

  #followNodes(): () => void {
    return this.#options.informers.of(nodesRef).on({
      added: (node) => {
        this.#nodes.setNode(node);
        this.#queue.notify('NodeAdded');
      },
      updated: (old, node) => {
        this.#nodes.setNode(node);
        for (const event of nodeChanges(old, node)) this.#queue.notify(event);
      },
      deleted: (node: Node) => this.#nodes.removeNode(node.metadata?.name ?? ''),
    });
  }

  #followPods(): () => void {
    return this.#options.informers.of(podsRef).on({
      added: (pod) => this.#podChanged(undefined, pod),
      updated: (old, pod) => this.#podChanged(old, pod),
      deleted: (pod) => this.#podGone(pod),
    });
  }

  #followNamespaces(): () => void {
    return this.#options.informers.of(namespaces).on({
      added: () => this.#queue.notify('NamespaceLabels'),
      updated: () => this.#queue.notify('NamespaceLabels'),
    });
  }

  #followOthers(): () => void {
    const awaited = new Set(this.#plugins.flatMap(({ retryOn = [] }) => retryOn));
    return followResources(this.#options.informers, awaited, (event) => this.#queue.notify(event));
  }

  #podChanged(old: Pod | undefined, pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    const nodeName = pod.spec?.nodeName;
    if (ended(pod)) this.#podGone(pod);
    else if (nodeName) this.#podAssigned(old, pod, uid, nodeName);
    else if (pod.spec?.schedulerName !== this.#name || pod.metadata?.deletionTimestamp) this.#queue.delete(uid);
    // Of an assumed pod the informer may still be showing what was before its binding.
    else if (this.#assumed.has(uid)) this.#queue.refresh(podInfo(pod));
    else this.#podWaits(podInfo(pod));
  }

  #podWaits(info: PodInfo): void {
    this.#queue.set(info);
    // After a restart the nomination is only in the status.
    const node = info.pod.status?.nominatedNodeName;
    if (node) this.#nominated.set(info.uid, { info, node });
  }

  #podAssigned(old: Pod | undefined, pod: Pod, uid: string, nodeName: string): void {
    const confirmed = this.#assumed.get(uid);
    if (confirmed) this.#assumed.delete(uid);
    this.#nominated.delete(uid);
    this.#queue.delete(uid);
    const known = this.#nodes.has(uid);
    if (known && old && !confirmed && asksTheSame(old, pod)) return;
    this.#nodes.addPod(podInfo(pod), nodeName);
    if (!known || confirmed) this.#queue.notify('PodAssigned');
    else this.#queue.notify('PodLabels');
  }

  #podGone(pod: Pod): void {
    const uid = pod.metadata?.uid ?? '';
    this.#queue.delete(uid);
    this.#assumed.delete(uid);
    this.#nominated.delete(uid);
    this.#reserved.get(uid)?.abandon();
    if (!this.#nodes.has(uid)) return;
    this.#nodes.removePod(uid);
    this.#queue.notify('PodGone');
  }

  /** Pods are placed in a later turn, so that what came together is seen together. */
  #wake(): void {
    if (this.#pumping || !this.#signal || this.#bindings >= maxBindings) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    const until = this.#options.clock.steady() + burst;
    while (this.#signal && this.#bindings < maxBindings) {
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
    try {
      this.#place(pod, signal);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      this.#queue.failed(pod);
      this.#spawn(this.#report(pod.info, error.message, 'SchedulerError', signal));
    }
  }

  #place(pod: QueuedPod, signal: AbortSignal): void {
    const { info } = pod;
    const random = () => this.#options.ids.random();
    const outcome = this.#withNominated(info, () => place(info, this.#nodes, this.#world, this.#plugins, random));
    if (outcome.node !== undefined) {
      this.#assume(pod, outcome.node, signal);
      return;
    }
    const preemption = this.#preempt(info, outcome.diagnosis, signal);
    this.#queue.refused(pod, outcome.diagnosis.plugins);
    this.#spawn(this.#report(info, fitError(outcome.diagnosis, preemption), 'Unschedulable', signal));
  }

  #assume(pod: QueuedPod, node: string, signal: AbortSignal): void {
    const { info } = pod;
    const held = Reservations.make(this.#plugins, info, this.#nodes.slotOf(node)!, this.#nodes);
    this.#nominated.delete(info.uid);
    this.#assumed.set(info.uid, pod);
    this.#nodes.addPod(info, node);
    if (held) {
      this.#reserved.set(info.uid, held);
      this.#spawn(this.#prepare(pod, node, held, signal));
      return;
    }
    this.#bindings++;
    this.#spawn(this.#bind(pod, node, signal));
  }

  /** Waits for what plugins have to do before the pod is bound. Such pods do not hold up others. */
  async #prepare(pod: QueuedPod, node: string, held: Reservations, signal: AbortSignal): Promise<void> {
    try {
      await held.preBind(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof PreBindFailure)) throw error;
      this.#unreserve(pod);
      if (!held.abandoned) await this.#unprepared(pod, node, error, signal);
      return;
    }
    if (signal.aborted) return;
    this.#bindings++;
    await this.#bind(pod, node, signal);
    this.#reserved.delete(pod.info.uid);
  }

  #unreserve({ info: { uid } }: QueuedPod): void {
    const held = this.#reserved.get(uid);
    this.#reserved.delete(uid);
    held?.unreserve();
  }

  async #unprepared(pod: QueuedPod, node: string, failure: PreBindFailure, signal: AbortSignal): Promise<void> {
    const { plugin, message, unfit } = failure;
    const { namespace, name } = pod.info;
    this.#forget(pod);
    if (unfit) return this.#report(pod.info, unfitError(message), 'Unschedulable', signal);
    this.#options.log.warn('A pod could not be prepared for its node', { pod: `${namespace}/${name}`, node, failure });
    return this.#report(pod.info, `running PreBind plugin "${plugin}": ${message}`, 'SchedulerError', signal);
  }

  /** Room that was made for a pod is not given to a less important one meanwhile. */
  #withNominated<T>(info: PodInfo, work: () => T): T {
    const held = [...this.#nominated.values()].filter(
      (other) =>
        other.info.uid !== info.uid && other.info.priority >= info.priority && !this.#nodes.has(other.info.uid),
    );
    for (const other of held) this.#nodes.addPod(other.info, other.node);
    try {
      return work();
    } finally {
      for (const other of held) this.#nodes.removePod(other.info.uid);
    }
  }

  /** Evicts less important pods if that makes room; says why not otherwise. */
  #preempt(info: PodInfo, diagnosis: Diagnosis, signal: AbortSignal): string | undefined {
    const bar = preemptionBar(info, this.#nodes);
    if (bar !== undefined) return bar;
    const victims = this.#withNominated(info, () =>
      findVictims(info, this.#nodes, this.#world, this.#plugins, diagnosis.resolvable),
    );
    if (!victims) {
      const nominated = this.#nominated.delete(info.uid) || info.pod.status?.nominatedNodeName;
      if (nominated) this.#spawn(this.#attempt(info, nominate(this.#options.client, info, null, signal), signal));
      return noVictims(diagnosis);
    }
    this.#nominated.set(info.uid, { info, node: victims.node });
    this.#spawn(this.#attempt(info, evict(this.#options, info, victims, signal), signal));
    return undefined;
  }

  /** Preemption that fails is tried again with the pod; the log says why. */
  async #attempt(info: PodInfo, work: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.warn('Preemption failed', { pod: `${info.namespace}/${info.name}`, error });
    }
  }

  async #bind(pod: QueuedPod, node: string, signal: AbortSignal): Promise<void> {
    const { namespace, name, uid } = pod.info;
    const { client, events, log } = this.#options;
    try {
      await bind(client, pod.info, node, signal);
      this.#queue.done(pod);
      events.event(pod.info.pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    } catch (error) {
      if (signal.aborted) return;
      this.#unreserve(pod);
      this.#forget(pod);
      // The pod is gone; the informer says so too.
      if (isStatus(error, 'NotFound')) {
        this.#queue.delete(uid);
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('Binding failed', { pod: `${namespace}/${name}`, node, error });
      const text = `Binding rejected: running Bind plugin "DefaultBinder": ${reason}`;
      await this.#report(pod.info, text, 'SchedulerError', signal);
    } finally {
      this.#bindings--;
      this.#wake();
    }
  }

  /** Takes an assumed pod back, unless the informer has shown it bound after all. It is tried again after its back-off. */
  #forget(pod: QueuedPod): void {
    const { uid } = pod.info;
    if (this.#assumed.get(uid) !== pod) return;
    this.#assumed.delete(uid);
    this.#nodes.removePod(uid);
    this.#queue.failed(pod);
    this.#queue.notify('PodGone');
  }

  #report(info: PodInfo, message: string, reason: NotPlaced, signal: AbortSignal): Promise<void> {
    return report(this.#options, info, message, reason, signal);
  }

  #spawn(work: Promise<void>): void {
    const task = work.finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}
