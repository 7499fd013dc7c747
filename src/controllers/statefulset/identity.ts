import { statefulSets } from '../../api/kinds.gen.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { podFromTemplate } from '../pod-template.ts';

export const revisionLabel = 'controller-revision-hash';
const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** The ordinal in a pod's name; undefined when the name is not one that this set gives. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const name = pod.metadata.name ?? '';
  const rest = name.slice(prefix.length);
  return name.startsWith(prefix) && /^\d+$/.test(rest) ? Number(rest) : undefined;
}

export const firstOrdinal = (set: StatefulSet): number => set.spec?.ordinals?.start ?? 0;

export const podNameAt = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The pod of an ordinal, from one revision's template: named, with its host name and its own volumes. */
export function podAt(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Mutable<Pod> {
  const { namespace, name } = set.metadata;
  const pod = podFromTemplate(template, { name: name!, namespace: namespace! }, controllerReference(set, statefulSets));
  const podName = podNameAt(set, ordinal);
  pod.metadata.name = podName;
  const own = { [podNameLabel]: podName, [podIndexLabel]: String(ordinal), [revisionLabel]: revision };
  pod.metadata.labels = { ...pod.metadata.labels, ...own };
  pod.spec!.hostname = podName;
  if (set.spec?.serviceName) pod.spec!.subdomain = set.spec.serviceName;
  const claimed = (set.spec?.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata!.name!,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
  }));
  const others = (pod.spec!.volumes ?? []).filter((volume) => !claimed.some((c) => c.name === volume.name));
  if (claimed.length > 0) pod.spec!.volumes = [...others, ...claimed];
  return pod;
}

const claimName = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number): string =>
  `${claim.metadata!.name}-${set.metadata.name}-${ordinal}`;

/** The claims of an ordinal. They outlive its pod, and the set too unless its retention policy says otherwise. */
export function claimsAt(set: StatefulSet, ordinal: number): Mutable<PersistentVolumeClaim>[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const claim = thaw(template) as Mutable<PersistentVolumeClaim>;
    const { labels, annotations } = template.metadata ?? {};
    const goesWithSet = set.spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    const { controller: _, blockOwnerDeletion: __, ...reference } = controllerReference(set, statefulSets);
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
    claim.metadata = {
      name: claimName(set, template, ordinal),
      namespace: set.metadata.namespace!,
      labels: { ...labels, ...set.spec?.selector.matchLabels },
      ...(annotations && { annotations: { ...annotations } }),
      ...(goesWithSet && { ownerReferences: [reference] }),
    };
    delete claim.status;
    return claim;
  });
}
