import type { PersistentVolumeClaim, Pod, Volume } from '../../api/types/core-v1.gen.ts';

/** A volume of a pod that is a claim, or gets one of its own. */
export interface PodClaim {
  /** The volume in the pod. */
  readonly volume: string;
  /** The claim's name in the pod's namespace. */
  readonly name: string;
  /** Whether the claim is made for the pod and goes with it. */
  readonly ephemeral: boolean;
  readonly readOnly: boolean;
}

/** The claims behind a pod's volumes. Source: component-helpers `storage/ephemeral` for the names of those made for it. */
export function podClaims({ metadata, spec }: Pod): PodClaim[] {
  return (spec?.volumes ?? []).flatMap((volume) => podClaim(metadata?.name ?? '', volume) ?? []);
}

/** The claim behind one volume of the pod of this name; undefined for volumes of other types. */
export function podClaim(pod: string, { name, persistentVolumeClaim: claim, ephemeral }: Volume): PodClaim | undefined {
  if (claim) return { volume: name, name: claim.claimName, ephemeral: false, readOnly: claim.readOnly ?? false };
  if (ephemeral) return { volume: name, name: `${pod}-${name}`, ephemeral: true, readOnly: false };
  return undefined;
}

/** The claims of a pod as keys, "namespace/name". */
export const claimKeys = (pod: Pod): string[] =>
  podClaims(pod).map(({ name }) => `${pod.metadata?.namespace ?? ''}/${name}`);

/** Finds pods by the claims their volumes are about: an index of informers. */
export const podsByClaim = Object.assign((pod: Pod) => claimKeys(pod), { indexName: 'claim' });

/** What is wrong with the owner of a claim that is to be the pod's own; undefined when it is. Source: `VolumeIsForPod`. */
export function foreignClaim({ metadata: pod }: Pod, { metadata }: PersistentVolumeClaim): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (metadata.namespace === pod.namespace && owner?.uid === pod.uid) return undefined;
  return `PVC ${metadata.namespace}/${metadata.name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`;
}
