import { statefulSets } from '../../api/kinds.gen.ts';
import type { Mutable } from '../../api/object.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { podFromTemplate } from '../pod-template.ts';
import { revisionLabel } from '../revision-history.ts';

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

export const wantedReplicas = (set: StatefulSet): number => set.spec?.replicas ?? 1;

/** Whether the set has a pod of this ordinal. */
export const isWanted = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + wantedReplicas(set);

export const podNameAt = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The name of the claim that an ordinal has of a template. */
export const claimName = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string =>
  `${template.metadata!.name}-${set.metadata.name}-${ordinal}`;

/** The labels by which a pod of an ordinal can be told. */
const identityLabels = (set: StatefulSet, ordinal: number): Record<string, string> => ({
  [podNameLabel]: podNameAt(set, ordinal),
  [podIndexLabel]: String(ordinal),
});

/** The labels that a pod lacks, as one that was adopted may; undefined when it has them. */
export function missingIdentity(set: StatefulSet, pod: Pod): Record<string, string> | undefined {
  const labels = identityLabels(set, ordinalOf(set, pod)!);
  return Object.entries(labels).some(([key, value]) => pod.metadata.labels?.[key] !== value) ? labels : undefined;
}

/** The pod of an ordinal, from one revision's template: named, with its host name and its own volumes. */
export function podAt(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Mutable<Pod> {
  const { namespace, name } = set.metadata;
  const pod = podFromTemplate(template, { name: name!, namespace: namespace! }, controllerReference(set, statefulSets));
  const podName = podNameAt(set, ordinal);
  pod.metadata.name = podName;
  pod.metadata.labels = { ...pod.metadata.labels, ...identityLabels(set, ordinal), [revisionLabel]: revision };
  pod.spec!.hostname = podName;
  if (set.spec?.serviceName) pod.spec!.subdomain = set.spec.serviceName;
  const claimed = (set.spec?.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata!.name!,
    persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
  }));
  const others = (pod.spec!.volumes ?? []).filter((volume) => !claimed.some((c) => c.name === volume.name));
  if (claimed.length > 0) pod.spec!.volumes = [...claimed, ...others];
  return pod;
}
