import { persistentVolumeClaims as claimsRef, pods as podsRef, statefulSets as setsRef } from '../../api/kinds.gen.ts';
import { type Mutable, type OwnerReference, thaw } from '../../api/object.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { claimName, isWanted, ordinalOf } from './identity.ts';

/** Whether a claim has a name that this set gives. */
export function isClaimOf(set: StatefulSet, { metadata }: PersistentVolumeClaim): boolean {
  const ordinal = /-(\d+)$/.exec(metadata?.name ?? '')?.[1];
  const templates = set.spec?.volumeClaimTemplates ?? [];
  return ordinal !== undefined && templates.some((claim) => claimName(set, claim, Number(ordinal)) === metadata?.name);
}

/**
 * The claims of an ordinal, as they are made: owned by the set already if they go with it. Upstream says so after the pod
 * was made, when the scheduler may just be about to write to them.
 */
export function claimsAt(set: StatefulSet, ordinal: number): Mutable<PersistentVolumeClaim>[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const claim = thaw(template) as Mutable<PersistentVolumeClaim>;
    const { labels, annotations } = template.metadata ?? {};
    claim.apiVersion = 'v1';
    claim.kind = claimsRef.kind;
    claim.metadata = {
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace!,
      labels: { ...labels, ...set.spec?.selector.matchLabels },
      ...(annotations && { annotations: { ...annotations } }),
      ...(retention(set).withSet && { ownerReferences: [controllerReference(set, setsRef)] }),
    };
    delete claim.status;
    return claim;
  });
}

const isFor = (reference: OwnerReference, { kind, group }: ResourceRef, name: string | undefined): boolean =>
  reference.kind === kind && (reference.apiVersion.split('/')[0] === group || group === '') && reference.name === name;

const retention = ({ spec }: StatefulSet) => {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = spec?.persistentVolumeClaimRetentionPolicy ?? {};
  return { withSet: whenDeleted === 'Delete', withPod: whenScaled === 'Delete' };
};

/** Whether a claim still belongs to an earlier pod of this name, with which it will go: no new pod may use it. */
export function isStale(set: StatefulSet, podName: string, claim: PersistentVolumeClaim): boolean {
  return retention(set).withPod && (claim.metadata?.ownerReferences ?? []).some((o) => isFor(o, podsRef, podName));
}

/**
 * The owners a claim should have by the set's retention policy; undefined when they are as they should be. A claim goes
 * with its set, or with a pod that is scaled away; what somebody else controls is left to them.
 * Source: upstream's updateClaimOwnerRefForSetAndPod.
 */
export function ownersByPolicy(
  set: StatefulSet,
  pod: Pod,
  claim: PersistentVolumeClaim,
): readonly OwnerReference[] | undefined {
  const known = claim.metadata?.ownerReferences ?? [];
  const forSet = (o: OwnerReference) => isFor(o, setsRef, set.metadata.name);
  const forPod = (o: OwnerReference) => isFor(o, podsRef, pod.metadata.name);
  const others = known.filter((o) => !forSet(o) && !forPod(o));
  const { withSet, withPod } = retention(set);
  const strange =
    others.some((o) => o.controller) ||
    known.some((o) => (forSet(o) && o.uid !== set.metadata.uid) || (forPod(o) && o.uid !== pod.metadata.uid));
  const owner = strange ? undefined : ownerBy(withSet, withPod && !isWanted(set, ordinalOf(set, pod)!), set, pod);
  const wanted = owner ? [...others, owner] : others;
  const same = wanted.length === known.length && wanted.every((o) => known.some((k) => k.uid === o.uid));
  return same ? undefined : wanted;
}

function ownerBy(withSet: boolean, withPod: boolean, set: StatefulSet, pod: Pod): OwnerReference | undefined {
  // One living owner would keep the claim: a pod that is scaled away owns it alone.
  if (withPod) return controllerReference(pod, podsRef);
  return withSet ? controllerReference(set, setsRef) : undefined;
}
