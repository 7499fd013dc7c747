import type { Pod, PodResourceClaim } from '../api/types/core-v1.gen.ts';
import type { ResourceClaim } from '../api/types/resource-v1.gen.ts';
import { indexBy } from '../client/index-map.ts';
import { controllerOf } from './ownership.ts';

/** How pods name their ResourceClaims. Source: k8s.io/dynamic-resource-allocation/resourceclaim. */

/** The claim behind an entry of a pod: one that a user made, or one that was made for the pod. */
export interface ClaimName {
  readonly name: string;
  readonly generated: boolean;
}

/** The claim that an entry means; undefined while it is still to be made, `none` when the pod needs none after all. */
export function claimNameOf(pod: Pod, entry: PodResourceClaim): ClaimName | 'none' | undefined {
  if (entry.resourceClaimName !== undefined) return { name: entry.resourceClaimName, generated: false };
  const made = pod.status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  if (!made) return undefined;
  return made.resourceClaimName === undefined ? 'none' : { name: made.resourceClaimName, generated: true };
}

/** The names of the claims that a pod has, as far as they are known. */
export function claimNamesOf(pod: Pod): string[] {
  const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName;
  const names = (pod.spec?.resourceClaims ?? []).map((entry) => claimNameOf(pod, entry));
  return [...names.flatMap((name) => (typeof name === 'object' ? [name.name] : [])), ...(extended ? [extended] : [])];
}

/** Whether a claim was made for this pod. */
export const isClaimOf = (claim: ResourceClaim, pod: Pod): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

export const isReservedFor = ({ status }: ResourceClaim, pod: Pod): boolean =>
  status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) ?? false;

/** Finds pods by the keys of the claims they have. */
export const podsByClaim = indexBy<Pod>('resource-claims', (pod) =>
  claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`),
);
