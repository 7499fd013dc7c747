import { namespaces, nodes as nodesRef, pods as podsRef } from '../api/kinds.gen.ts';
import { isStatus } from '../api/status.ts';
import type { Node, Pod } from '../api/types/core-v1.gen.ts';
import { type Clock, timestamp } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informers } from '../client/informers.ts';
import type { Runnable } from '../client/reconciler.ts';
import { type Diagnosis, place } from './cycle.ts';
import { evict, nominate } from './evict.ts';
import { fitError, noVictims } from './fit-error.ts';
import { nodeChanges } from './node-changes.ts';
import { NodeTable } from './node-table.ts';
import type { ClusterEvent, Plugin, World } from './plugin.ts';
import { plugins as defaultPlugins } from './plugins/index.ts';
import { type PodInfo, podInfo } from './pod-info.ts';
import { findVictims, preemptionBar } from './preemption.ts';
import { type QueuedPod, SchedulingQueue } from './queue.ts';
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
  readonly #tasks = new Set<Promise<void>>();
  #bindings = 0;
  #pumping = false;
  #signal: AbortSignal | undefined;

  constructor(options: SchedulerOptions, plugins: readonly Plugin[]) {
    this.#options = options;
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
      stops.push(this.#followNodes(), this.#followPods(), this.#followNamespaces());
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
    const { info } = pod;
    const random = () => this.#options.ids.random();
    const outcome = this.#withNominated(info, () => place(info, this.#nodes, this.#world, this.#plugins, random));
    if (outcome.node !== undefined) {
      this.#nominated.delete(info.uid);
      this.#assumed.set(info.uid, pod);
      this.#nodes.addPod(info, outcome.node);
      this.#bindings++;
      this.#spawn(this.#bind(pod, outcome.node, signal));
      return;
    }
    const preemption = this.#preempt(info, outcome.diagnosis, signal);
    this.#queue.refused(pod, outcome.diagnosis.plugins);
    this.#spawn(this.#report(info, fitError(outcome.diagnosis, preemption), 'Unschedulable', signal));
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
      await client.resource(podsRef).createSubresource(
        { namespace, name },
        'binding',
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { namespace, name, uid },
          target: { kind: 'Node', name: node },
        },
        { signal },
      );
      this.#queue.done(pod);
      events.event(pod.info.pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
    } catch (error) {
      if (signal.aborted) return;
      this.#forget(pod);
      // The pod is gone; the informer says so too.
      if (isStatus(error, 'NotFound')) {
        this.#queue.delete(uid);
        return;
      }
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('Binding failed', { pod: `${namespace}/${name}`, node, error });
      await this.#report(
        pod.info,
        `Binding rejected: running Bind plugin "DefaultBinder": ${reason}`,
        'SchedulerError',
        signal,
      );
    } finally {
      this.#bindings--;
      this.#wake();
    }
  }

  /** Takes an assumed pod back, unless the informer has shown it bound after all. */
  #forget(pod: QueuedPod): void {
    const { uid } = pod.info;
    if (this.#assumed.get(uid) !== pod) return;
    this.#assumed.delete(uid);
    this.#nodes.removePod(uid);
    this.#queue.failed(pod);
    this.#queue.notify('PodGone');
  }

  /** Tells the user why a pod is not placed: an event each time, the condition when it changes. */
  async #report(info: PodInfo, message: string, reason: string, signal: AbortSignal): Promise<void> {
    const { client, clock, events, log } = this.#options;
    events.event(info.pod, 'Warning', 'FailedScheduling', message);
    const current = info.pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (current?.status === 'False' && current.reason === reason && current.message === message) return;
    const lastTransitionTime =
      current?.status === 'False' && current.lastTransitionTime ? current.lastTransitionTime : timestamp(clock.wall());
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime };
    const { namespace, name, uid } = info;
    try {
      await client
        .resource(podsRef)
        .patch(
          { namespace, name },
          { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } },
          { subresource: 'status', signal },
        );
    } catch (error) {
      if (signal.aborted || isStatus(error, 'NotFound') || isStatus(error, 'Conflict')) return;
      log.warn('The condition of an unschedulable pod could not be written', { pod: `${namespace}/${name}`, error });
    }
  }

  #spawn(work: Promise<void>): void {
    const task = work.finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}

/** Whether nothing that placing pods reckons with has changed: most updates are status. */
function asksTheSame(old: Pod, pod: Pod): boolean {
  const [a, b] = [old.metadata, pod.metadata];
  return (
    a?.generation !== undefined &&
    a.generation === b?.generation &&
    a.deletionTimestamp === b.deletionTimestamp &&
    old.spec?.nodeName === pod.spec?.nodeName &&
    JSON.stringify(a.labels) === JSON.stringify(b.labels)
  );
}

function ended(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
