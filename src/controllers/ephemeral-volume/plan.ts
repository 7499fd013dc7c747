import { pods as podsRef } from '../../api/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { foreignClaim, podClaim } from '../../resources/storage/pod-claims.ts';
import { controllerReference } from '../ownership.ts';

/** What is to be done for one volume of a pod. */
export type EphemeralStep =
  | { readonly volume: string; readonly create: PersistentVolumeClaim }
  /** Another has a claim of the name; the text says so. */
  | { readonly volume: string; readonly foreign: string };

/** The claims that a pod's own volumes lack. */
export function ephemeralClaims(
  pod: Pod,
  claimAt: (key: string) => PersistentVolumeClaim | undefined,
): EphemeralStep[] {
  const { name: podName, namespace } = pod.metadata;
  return (pod.spec?.volumes ?? []).flatMap((volume): EphemeralStep[] => {
    if (!volume.ephemeral) return [];
    const { name } = podClaim(podName!, volume)!;
    const there = claimAt(`${namespace}/${name}`);
    const foreign = there && foreignClaim(pod, there);
    if (there) return foreign ? [{ volume: volume.name, foreign }] : [];
    const { metadata, spec } = volume.ephemeral.volumeClaimTemplate!;
    const { annotations, labels } = metadata ?? {};
    const create: PersistentVolumeClaim = {
      metadata: {
        name,
        namespace: namespace!,
        ownerReferences: [controllerReference(pod, podsRef)],
        ...(annotations && { annotations }),
        ...(labels && { labels }),
      },
      spec,
    };
    return [{ volume: volume.name, create }];
  });
}
