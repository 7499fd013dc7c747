import { sameValue } from '../../api/object-meta.ts';
import type { Node } from '../../api/types/core-v1.gen.ts';
import type { ClusterEvent, EventAction } from './events.ts';

/** What schedulers look at in a node, by the event that says it changed. Heartbeats are none of it. */
const aspects: readonly (readonly [EventAction, (node: Node) => unknown])[] = [
  ['UpdateNodeAllocatable', (node) => node.status?.allocatable],
  ['UpdateNodeLabel', (node) => node.metadata?.labels],
  ['UpdateNodeTaint', (node) => node.spec?.taints],
  ['UpdateNodeCondition', (node) => node.status?.conditions?.map(({ type, status }) => [type, status])],
  ['UpdateNodeAnnotation', (node) => node.metadata?.annotations],
];

/** The events that lead from one version of a node to the next (NodeSchedulingPropertiesChange). */
export function nodeChanges(old: Node, node: Node): ClusterEvent[] {
  const actions = aspects.filter(([, of]) => !sameValue(of(old), of(node))).map(([action]) => action);
  const uncordoned = old.spec?.unschedulable && !node.spec?.unschedulable;
  if (uncordoned && !actions.includes('UpdateNodeTaint')) actions.unshift('UpdateNodeTaint');
  return actions.map((action) => ({ resource: 'Node', action, old, now: node }));
}
