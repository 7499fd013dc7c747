import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types/core-v1.gen.ts';
import { type PodClaim, podClaims } from '../../resources/storage/pod-claims.ts';
import { bindCompleted } from '../../resources/storage/volume-annotations.ts';
import type { PodInfo } from '../state/pod-info.ts';

const known = new WeakMap<Pod, readonly PodClaim[]>();

const none: readonly PodClaim[] = [];
const isClaim = (volume: Volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined;

/** The claims behind a pod's volumes; several plugins ask, and most pods have none. */
export function claimsOf({ pod }: PodInfo): readonly PodClaim[] {
  if (!pod.spec?.volumes?.some(isClaim)) return none;
  let claims = known.get(pod);
  if (!claims) known.set(pod, (claims = podClaims(pod)));
  return claims;
}

/** Whether the binder has finished with a claim. */
export const fullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec?.volumeName) && metadata.annotations?.[bindCompleted] !== undefined;
