import type { Node, Pod } from '../api/types/core-v1.gen.ts';
import type { Bindings } from './binding/bindings.ts';
import type { ClusterEvent } from './events/events.ts';
import type { ClusterBook } from './events/follow.ts';
import { nodeChanges } from './events/node-changes.ts';
import { asksTheSame, ended } from './events/pod-changes.ts';
import { podChanges } from './events/pod-events.ts';
import type { SchedulingQueue } from './queue/queue.ts';
import { profileOf } from './queue/queued-pod.ts';
import type { NodeTable } from './state/node-table.ts';
import type { Nominations } from './state/nominations.ts';
import { podInfo } from './state/pod-info.ts';

interface LiveBookTools {
  readonly nodes: NodeTable;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  readonly bindings: Bindings;
  /** By schedulerName; pods of other schedulers do not wait here. */
  readonly profiles: ReadonlyMap<string, unknown>;
}

/** Keeps what the scheduler knows of the cluster as the informers show it, and tells those who wait. */
export class LiveBook implements ClusterBook {
  readonly #tools: LiveBookTools;

  constructor(tools: LiveBookTools) {
    this.#tools = tools;
  }

  nodeSet(old: Node | undefined, node: Node): void {
    this.#tools.nodes.setNode(node);
    const added: ClusterEvent = { resource: 'Node', action: 'Add', now: node };
    for (const event of old ? nodeChanges(old, node) : [added]) this.#tools.queue.notify(event);
  }

  nodeGone(node: Node): void {
    this.#tools.nodes.removeNode(node.metadata?.name ?? '');
    this.#tools.queue.notify({ resource: 'Node', action: 'Delete', old: node });
  }

  changed(event: ClusterEvent): void {
    this.#tools.queue.notify(event);
  }

  podSet(old: Pod | undefined, pod: Pod): void {
    const { profiles, queue } = this.#tools;
    const uid = pod.metadata?.uid ?? '';
    const nodeName = pod.spec?.nodeName;
    if (ended(pod)) this.podGone(pod);
    else if (nodeName) this.#podAssigned(old, pod, uid, nodeName);
    else if (!profiles.has(profileOf(pod)) || pod.metadata?.deletionTimestamp) queue.delete(uid);
    else this.#podWaits(old, pod);
  }

  podGone(pod: Pod): void {
    const { nodes, queue, bindings, nominations } = this.#tools;
    const uid = pod.metadata?.uid ?? '';
    queue.delete(uid);
    bindings.abandon(uid);
    const nominated = nominations.delete(uid);
    const counted = nodes.has(uid);
    if (counted) nodes.removePod(uid);
    if (counted || nominated) queue.notify({ resource: 'AssignedPod', action: 'Delete', old: pod });
  }

  #podWaits(old: Pod | undefined, pod: Pod): void {
    const { queue, bindings, nominations } = this.#tools;
    const info = podInfo(pod);
    queue.set(info, old && podChanges(old, pod));
    // Of an assumed pod the informer may still be showing what was before its binding.
    if (bindings.has(info.uid)) return;
    // After a restart the nomination is only in the status.
    const node = pod.status?.nominatedNodeName;
    if (node) nominations.set(info, node);
    const before = old?.status?.nominatedNodeName;
    if (before && before !== node) queue.notify({ resource: 'AssignedPod', action: 'Delete', old });
  }

  #podAssigned(old: Pod | undefined, pod: Pod, uid: string, nodeName: string): void {
    const { nodes, queue, bindings, nominations } = this.#tools;
    const confirmed = bindings.confirm(uid);
    nominations.delete(uid);
    queue.delete(uid);
    const known = nodes.has(uid) && !confirmed;
    if (known && old && asksTheSame(old, pod)) return;
    nodes.addPod(podInfo(pod), nodeName);
    const added: ClusterEvent = { resource: 'AssignedPod', action: 'Add', now: pod };
    for (const event of known && old ? podChanges(old, pod) : [added]) queue.notify(event);
  }
}
