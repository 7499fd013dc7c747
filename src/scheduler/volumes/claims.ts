import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { type PodClaim, podClaims } from '../../resources/storage/pod-claims.ts';
import { bindCompleted } from '../../resources/storage/volume-annotations.ts';
import type { PodInfo } from '../pod-info.ts';

const known = new WeakMap<Pod, readonly PodClaim[]>();

/** The claims behind a pod's volumes; several plugins ask. */
export function claimsOf({ pod }: PodInfo): readonly PodClaim[] {
  let claims = known.get(pod);
  if (!claims) known.set(pod, (claims = podClaims(pod)));
  return claims;
}

/** Whether the binder has finished with a claim. */
export const fullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec?.volumeName) && metadata.annotations?.[bindCompleted] !== undefined;

/** What is wrong with the owner of a claim that is to be the pod's own; undefined when it is. Source: `VolumeIsForPod`. */
export function foreignClaim({ namespace, name, uid }: PodInfo, { metadata }: PersistentVolumeClaim) {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (metadata.namespace === namespace && owner?.uid === uid) return undefined;
  return `PVC ${metadata.namespace}/${metadata.name} was not created for pod ${namespace}/${name} (pod is not owner)`;
}
