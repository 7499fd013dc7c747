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
