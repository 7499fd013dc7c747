import type { PersistentVolumeClaim, Pod } from '../api/types/core-v1.gen.ts';
import type { IndexFunction } from '../client/index-map.ts';
import { podClaims } from '../resources/storage/pod-claims.ts';
import { controllerOf } from './ownership.ts';

/** The claims of a pod as keys, "namespace/name". */
export const claimKeys = (pod: Pod): string[] =>
  podClaims(pod).map(({ name }) => `${pod.metadata.namespace ?? ''}/${name}`);

/** Finds pods by the claims their volumes are about. */
export const podsByClaim: IndexFunction<Pod> = Object.assign(claimKeys, { indexName: 'claim' });

/** Whether a claim was made for this pod, not for a namesake before it. Source: component-helpers `VolumeIsForPod`. */
export const isClaimOf = (pod: Pod, claim: PersistentVolumeClaim): boolean =>
  claim.metadata.namespace === pod.metadata.namespace && controllerOf(claim)?.uid === pod.metadata.uid;
