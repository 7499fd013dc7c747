import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { claimsOf } from '../volumes/claims.ts';

/** For claims, whose coming and changing matters to their own pods only. */
export function isClaimOfPod({ now }: ClusterEvent): PodTest {
  const { namespace, name } = now!.metadata!;
  return (pod) => pod.namespace === namespace && claimsOf(pod).some((claim) => claim.name === name);
}

/** Any claim a pod waits for, or waits to see bound. */
export const ownClaim: EventHint = {
  resource: 'PersistentVolumeClaim',
  actions: ['Add', 'Update'],
  hint: isClaimOfPod,
};
