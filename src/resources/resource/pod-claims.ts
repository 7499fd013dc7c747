import type { Pod, PodResourceClaim } from '../../api/types/core-v1.gen.ts';
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../api/types/resource-v1.gen.ts';

/** How pods and their ResourceClaims belong together. Source: k8s.io/dynamic-resource-allocation/resourceclaim. */

/** Kept on claims that are allocated, so that nothing is given away that is still in use. */
export const claimFinalizer = 'resource.kubernetes.io/delete-protection';

/** Pods that may share a claim. */
const maxReservations = 256;

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

/** The same as keys, "namespace/name". */
export const claimKeysOf = (pod: Pod): string[] => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`);

/** Finds pods by the keys of the claims they have: an index of informers. */
export const podsByClaim = Object.assign(claimKeysOf, { indexName: 'resource-claims' });

/** Whether a claim was made for this pod. */
export const isClaimOf = ({ metadata }: ResourceClaim, pod: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace &&
  metadata.ownerReferences?.find(({ controller }) => controller)?.uid === pod.metadata.uid;

export const isReservedFor = ({ status }: ResourceClaim, pod: Pod): boolean =>
  status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) ?? false;

/** Whether one more pod may use the claim. */
export const canBeReserved = ({ status }: ResourceClaim): boolean =>
  (status?.reservedFor?.length ?? 0) < maxReservations;

/** A pod as the user of a claim. */
export const reservation = ({ metadata }: Pod): ResourceClaimConsumerReference => ({
  resource: 'pods',
  name: metadata.name!,
  uid: metadata.uid!,
});
