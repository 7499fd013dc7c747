import { sameValue } from '../../api/object-meta.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { type Demand, podDemand } from '../state/pod-info.ts';
import type { ClusterEvent, EventAction } from './events.ts';

type Change = (old: Pod, pod: Pod) => boolean;

const aspects: readonly (readonly [EventAction, Change])[] = [
  ['UpdatePodLabel', (old, pod) => !sameValue(old.metadata?.labels, pod.metadata?.labels)],
  ['UpdatePodScaleDown', (old, pod) => !sameSpec(old, pod) && asksForLess(podDemand(old), podDemand(pod))],
  [
    'UpdatePodSchedulingGatesEliminated',
    (old, pod) => (old.spec?.schedulingGates?.length ?? 0) > 0 && !pod.spec?.schedulingGates?.length,
  ],
  // Tolerations are only ever added.
  ['UpdatePodToleration', (old, pod) => old.spec?.tolerations?.length !== pod.spec?.tolerations?.length],
  [
    'UpdatePodGeneratedResourceClaim',
    (old, pod) =>
      !sameValue(old.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses) ||
      !sameValue(old.status?.extendedResourceClaimStatus, pod.status?.extendedResourceClaimStatus),
  ],
];

/** The events that lead from one version of a pod to the next (PodSchedulingPropertiesChange). */
export function podChanges(old: Pod, pod: Pod): ClusterEvent[] {
  const resource = pod.spec?.nodeName ? 'AssignedPod' : 'UnscheduledPod';
  const actions = aspects.filter(([, changed]) => changed(old, pod)).map(([action]) => action);
  if (actions.length === 0) actions.push('Update');
  return actions.map((action) => ({ resource, action, old, now: pod }));
}

/** A change of the spec raises the generation; most updates are status. */
function sameSpec(old: Pod, pod: Pod): boolean {
  const generation = old.metadata?.generation;
  return generation !== undefined && generation === pod.metadata?.generation;
}

/** Whether some resource is asked for less. */
export function asksForLess(before: Demand, after: Demand): boolean {
  if (after.cpu < before.cpu || after.memory < before.memory || after.storage < before.storage) return true;
  for (const [resource, value] of before.scalars) if ((after.scalars.get(resource) ?? 0) < value) return true;
  return false;
}
