import { scaledValue } from '../../api/int-or-string.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';

/** The sizes that ReplicaSets ask for, summed. */
export const replicasOf = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.spec?.replicas ?? 0), 0);

/** The pods that ReplicaSets have, summed. */
export const actualReplicasOf = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.status?.replicas ?? 0), 0);

export const availableReplicasOf = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);

export const wantedReplicas = (deployment: Deployment): number => deployment.spec?.replicas ?? 1;

export const isRolling = (deployment: Deployment): boolean => deployment.spec?.strategy?.type !== 'Recreate';

/** Surge rounds up, unavailability down; both zero would never move, so one pod may then be missing. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const replicas = wantedReplicas(deployment);
  const surge = scaledValue(rolling?.maxSurge ?? '25%', replicas, true);
  const unavailable = scaledValue(rolling?.maxUnavailable ?? '25%', replicas, false);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** How many pods beyond the wanted number a rolling update may have. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many of the wanted pods may be missing during a rolling update. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = wantedReplicas(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

/** How large the new ReplicaSet, now at `size`, may be while all ReplicaSets together have `total`. */
export function newReplicas(deployment: Deployment, total: number, size: number): number {
  const wanted = wantedReplicas(deployment);
  if (!isRolling(deployment)) return wanted;
  const limit = wanted + maxSurge(deployment);
  if (total >= limit) return size;
  return size + Math.min(limit - total, wanted - size);
}
