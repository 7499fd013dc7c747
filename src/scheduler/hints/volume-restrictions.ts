import type { Pod } from '../../api/types/core-v1.gen.ts';
import { podClaims } from '../../resources/storage/pod-claims.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { claimsOf } from '../volumes/claims.ts';
import { clash, disksOf } from '../volumes/disks.ts';
import { ownClaim } from './own-claims.ts';

/** What a pod waits for whose disk or claim another pod has (VolumeRestrictions.EventsToRegister). */
export const volumeRestrictionsEvents: readonly EventHint[] = [
  { resource: 'AssignedPod', actions: ['Delete'], hint: volumesFreed },
  { resource: 'Node', actions: ['Add'] },
  ownClaim,
];

function volumesFreed({ old }: ClusterEvent): PodTest {
  const gone = old as Pod;
  const names = new Set(podClaims(gone).map(({ name }) => name));
  const { namespace } = gone.metadata;
  if (!gone.spec?.volumes?.length) return false;
  return (pod) =>
    clash(disksOf(pod.pod), gone) || (pod.namespace === namespace && claimsOf(pod).some(({ name }) => names.has(name)));
}
