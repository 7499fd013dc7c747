import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { CSINode } from '../../api/types/storage-v1.gen.ts';
import { podClaims } from '../../resources/storage/pod-claims.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { isClaimOfPod } from './own-claims.ts';

/** What a pod waits for where a driver attaches no more volumes (CSILimits.EventsToRegister). */
export const nodeVolumeLimitsEvents: readonly EventHint[] = [
  { resource: 'CSINode', actions: ['Add', 'Update'], hint: higherLimit },
  { resource: 'AssignedPod', actions: ['Delete'], hint: ({ old }) => podClaims(old as Pod).length > 0 },
  { resource: 'Node', actions: ['Add'] },
  { resource: 'PersistentVolumeClaim', actions: ['Add'], hint: isClaimOfPod },
  { resource: 'VolumeAttachment', actions: ['Delete'] },
];

const limitsOf = ({ spec }: CSINode) =>
  new Map(spec.drivers.map(({ name, allocatable }) => [name, allocatable?.count]));

function higherLimit({ old, now }: ClusterEvent): PodTest {
  if (!old) return true;
  const before = limitsOf(old as CSINode);
  for (const [driver, count] of limitsOf(now as CSINode)) {
    const least = before.has(driver) ? (before.get(driver) ?? Number.POSITIVE_INFINITY) : 0;
    if ((count ?? Number.POSITIVE_INFINITY) > least) return true;
  }
  return false;
}
