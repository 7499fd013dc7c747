import type { Node } from '../api/types/core-v1.gen.ts';
import type { ClusterEvent } from './plugin.ts';

/** What schedulers look at in a node, by the event that says it changed. Heartbeats are none of it. */
const aspects: readonly (readonly [ClusterEvent, (node: Node) => unknown])[] = [
  ['NodeAllocatable', (node) => node.status?.allocatable],
  ['NodeLabels', (node) => node.metadata?.labels],
  ['NodeTaints', (node) => node.spec?.taints],
  ['NodeUnschedulable', (node) => node.spec?.unschedulable ?? false],
];

/** The events that lead from one version of a node to the next. */
export function nodeChanges(old: Node, node: Node): ClusterEvent[] {
  return aspects
    .filter(([, of]) => of(old) !== of(node) && JSON.stringify(of(old)) !== JSON.stringify(of(node)))
    .map(([event]) => event);
}
