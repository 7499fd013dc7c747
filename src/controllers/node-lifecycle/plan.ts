import type { Node, NodeCondition, Taint, TaintEffect } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { nodeCondition } from '../node-state.ts';

/** How long a node may be silent: --node-monitor-grace-period and --node-startup-grace-period. */
export const silenceGraceMs = 50_000;
export const startupGraceMs = 60_000;

const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

export const notReadyTaint = 'node.kubernetes.io/not-ready';
export const unreachableTaint = 'node.kubernetes.io/unreachable';

/** Condition and status → taint with effect NoSchedule. */
const conditionTaints: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', notReadyTaint],
  ['Ready', 'Unknown', unreachableTaint],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const noScheduleKeys = new Set([...conditionTaints.map(([, , key]) => key), unschedulableTaint]);

/** How long this node may be silent: longer until its kubelet has said anything at all. */
export const graceOf = (node: Node): number => (nodeCondition(node, 'Ready') ? silenceGraceMs : startupGraceMs);

/** The conditions of a node that has been silent for too long; undefined when they say so already. */
export function silentConditions(node: Node, now: number): readonly NodeCondition[] | undefined {
  const stamp = timestamp(now);
  let changed = false;
  const conditions: NodeCondition[] = [...(node.status?.conditions ?? [])];
  for (const type of watched) {
    const i = conditions.findIndex((c) => c.type === type);
    const current = conditions[i];
    if (current?.status === 'Unknown') continue;
    changed = true;
    if (current) {
      conditions[i] = {
        ...current,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: stamp,
      };
    } else {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp ?? stamp,
        lastTransitionTime: stamp,
      });
    }
  }
  return changed ? conditions : undefined;
}

/**
 * How a node that is not Ready is marked for eviction: `never` while the fault is likelier ours than its own; `change`
 * when it is not its turn yet, so that a mark it has is kept to what its condition says; `mark` when it is.
 */
export type Marking = 'never' | 'change' | 'mark';

/** The taints a node should have; undefined when it has them. */
export function planTaints(node: Node, marking: Marking, now: number): readonly Taint[] | undefined {
  const current = node.spec?.taints ?? [];
  const schedule = noScheduleWanted(node);
  const execute = mayHaveMark(node, marking) ? noExecuteWanted(node) : undefined;
  const wanted = (taint: Taint): boolean => {
    if (taint.effect === 'NoSchedule' && noScheduleKeys.has(taint.key)) return schedule.has(taint.key);
    if (taint.effect === 'NoExecute' && isReadinessTaint(taint.key)) return taint.key === execute;
    return true;
  };
  const kept = current.filter(wanted);
  const has = (key: string, effect: TaintEffect) => kept.some((t) => t.key === key && t.effect === effect);
  const added: Taint[] = [];
  for (const key of schedule)
    if (!has(key, 'NoSchedule')) added.push({ key, effect: 'NoSchedule', timeAdded: timestamp(now) });
  if (execute && !has(execute, 'NoExecute'))
    added.push({ key: execute, effect: 'NoExecute', timeAdded: timestamp(now) });
  return added.length === 0 && kept.length === current.length ? undefined : [...kept, ...added];
}

const mayHaveMark = (node: Node, marking: Marking): boolean =>
  marking === 'mark' || (marking === 'change' && isMarked(node));

/** Whether the node is marked for eviction because it is not Ready. */
export const isMarked = ({ spec }: Node): boolean =>
  spec?.taints?.some(({ key, effect }) => effect === 'NoExecute' && isReadinessTaint(key)) ?? false;

const isReadinessTaint = (key: string) => key === notReadyTaint || key === unreachableTaint;

function noScheduleWanted(node: Node): Set<string> {
  const keys = new Set<string>();
  for (const [type, status, key] of conditionTaints) if (nodeCondition(node, type)?.status === status) keys.add(key);
  if (node.spec?.unschedulable) keys.add(unschedulableTaint);
  return keys;
}

function noExecuteWanted(node: Node): string | undefined {
  const status = nodeCondition(node, 'Ready')?.status;
  if (status === 'False') return notReadyTaint;
  return status === 'Unknown' ? unreachableTaint : undefined;
}

/** Whether a node should be marked for eviction when its turn comes. */
export const awaitsMark = (node: Node): boolean => noExecuteWanted(node) !== undefined && !isMarked(node);

/** Labels that go by an old name, too. Source: labelReconcileInfo. */
const twinLabels: readonly (readonly [label: string, old: string])[] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
];

/** The labels to set under their old names; undefined when they say the same. */
export function planLabels({ metadata: { labels = {} } }: Node): Record<string, string> | undefined {
  const missing = twinLabels.filter(([label, old]) => labels[label] !== undefined && labels[old] !== labels[label]);
  return missing.length === 0 ? undefined : Object.fromEntries(missing.map(([label, old]) => [old, labels[label]!]));
}
