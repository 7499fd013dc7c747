import type { Diagnosis } from './diagnosis.ts';

const prefix = (nodes: number) => `0/${nodes} nodes are available:`;

/** "0/3 nodes are available: 1 this, 2 that." with the reasons in order of their text (framework.FitError). */
function available(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `${prefix(nodes)}${parts.length > 0 ? ` ${parts.join(', ')}.` : ''}`;
}

/**
 * What FailedScheduling and the PodScheduled condition say. `preemption` is what came of looking for pods to evict,
 * `remedies` of what plugins tried before that.
 */
export function fitError(
  diagnosis: Diagnosis,
  preemption: string | undefined,
  remedies: readonly string[] = [],
): string {
  if (diagnosis.nodes === 0) return 'no nodes available to schedule pods';
  const { nodes, reasons, everywhere } = diagnosis;
  const text = everywhere === undefined ? available(nodes, reasons) : `${prefix(nodes)} ${everywhere}.`;
  const tried = preemption === undefined ? remedies : [...remedies, `preemption: ${preemption}`];
  return tried.length === 0 ? text : `${text} ${tried.join(', ')}`;
}

/** What is said when the node a pod was given does not do after all. */
export const unfitError = (reason: string): string => available(1, new Map([[reason, 1]]));

/** The text for when evicting other pods helps nowhere: why not on the nodes that were looked at, `tried` of all. */
export function noVictims(nodes: number, tried: number, reasons: ReadonlyMap<string, number>): string {
  const others = nodes - tried;
  const all = others > 0 ? new Map([...reasons, ['Preemption is not helpful for scheduling', others]]) : reasons;
  return available(nodes, all);
}
