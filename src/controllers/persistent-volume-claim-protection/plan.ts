import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { foreignClaim, podClaims } from '../../resources/storage/pod-claims.ts';
import { isTerminal } from '../pod-state.ts';

/**
 * Whether a pod keeps a claim from being deleted. One without a node does not: no kubelet will start it with a claim
 * that is going. One that has ended does, as long as it is there. Source: pvcprotection podUsesPVC.
 */
export function keepsClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const { name, namespace } = claim.metadata;
  if (!pod.spec?.nodeName || pod.metadata.namespace !== namespace) return false;
  return podClaims(pod).some(
    (used) => used.name === name && (!used.ephemeral || (!isShutDown(pod) && !foreignClaim(pod, claim))),
  );
}

/** Its containers are gone and it is about to be: its own claim, on which its deletion may wait, need not wait for it. */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

/** Whether a pod in this state may have let go of its claims. */
export const mayRelease = (pod: Pod): boolean => isTerminal(pod) || !pod.spec?.nodeName || isShutDown(pod);
