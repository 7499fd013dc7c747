import type { Diagnosis } from './cycle.ts';
import type { PodInfo } from './pod-info.ts';

/** "0/3 nodes are available: 1 this, 2 that." with the reasons in order of their text (framework.FitError). */
function available(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available:${parts.length > 0 ? ` ${parts.join(', ')}.` : ''}`;
}

/** What FailedScheduling and the PodScheduled condition say. */
export function fitError(pod: PodInfo, diagnosis: Diagnosis): string {
  if (diagnosis.nodes === 0) return 'no nodes available to schedule pods';
  return `${available(diagnosis.nodes, diagnosis.reasons)} ${preemptionText(pod, diagnosis)}`;
}

/** What came of looking for pods to evict. Nothing is ever evicted for another pod yet. */
function preemptionText(pod: PodInfo, { nodes, unresolvable }: Diagnosis): string {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'preemption: not eligible due to preemptionPolicy=Never.';
  const reasons = new Map<string, number>();
  if (unresolvable < nodes) reasons.set('No preemption victims found for incoming pod', nodes - unresolvable);
  if (unresolvable > 0) reasons.set('Preemption is not helpful for scheduling', unresolvable);
  return `preemption: ${available(nodes, reasons)}`;
}
