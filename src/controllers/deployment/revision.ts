import { deployments } from '../../api/kinds.gen.ts';
import type { Mutable } from '../../api/object.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { controllerReference } from '../ownership.ts';
import { hashLabel, sameTemplate, templateHash } from '../template-hash.ts';
import { maxSurge, newReplicas, replicasOf } from './sizing.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const historyAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';
/** The revision to go back to, as old versions of the API ask for it. */
export const rollbackAnnotation = 'deprecated.deployment.rollback.to';

/** A Deployment's annotations that its ReplicaSets do not inherit. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  rollbackAnnotation,
]);

/** Whether ReplicaSets inherit an annotation. */
export const isCopied = (annotation: string): boolean => !notCopied.has(annotation);

/** The history annotation is cut from the front to stay below this many characters. */
const historyLimit = 2000;

type Annotations = Record<string, string>;

/** Oldest first; names decide between equals. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [ta, tb] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (ta !== tb) return ta < tb ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The ReplicaSet of the current template: the oldest, if a bug or a user made several. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const template = deployment.spec!.template;
  return sets.toSorted(byAge).find((set) => sameTemplate(set.spec?.template ?? {}, template));
}

/** The revision a ReplicaSet carries; 0 when it has none. */
export function revisionOf(set: ReplicaSet): number {
  const revision = Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** The revision the current template should carry: one more than the highest of the old ones. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return Math.max(0, ...old.map(revisionOf)) + 1;
}

/** The annotations the new ReplicaSet should have; the same object when nothing changes. */
export function newSetAnnotations(
  deployment: Deployment,
  current: Readonly<Annotations>,
  revision: number,
  exists: boolean,
): Readonly<Annotations> {
  const next: Annotations = { ...current };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(key)) next[key] = value;
  }
  const before = current[revisionAnnotation];
  if (Number(before ?? 0) < revision) {
    next[revisionAnnotation] = String(revision);
    if (before !== undefined) next[historyAnnotation] = appendHistory(current[historyAnnotation] ?? '', before);
  }
  if (!exists) Object.assign(next, sizeAnnotations(deployment));
  const changed = Object.keys(next).some((key) => next[key] !== current[key]);
  return changed ? next : current;
}

function appendHistory(history: string, revision: string): string {
  if (history === '') return revision;
  const revisions = history.split(',');
  while (revisions.length > 0 && revisions.join(',').length + revision.length + 1 > historyLimit) revisions.shift();
  return [...revisions, revision].join(',');
}

/** The sizes a ReplicaSet remembers, by which a later scaling tells its share. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = deployment.spec?.replicas ?? 1;
  return { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + maxSurge(deployment)) };
}

/** A remembered size, undefined when it is missing or spoilt. */
export function rememberedSize(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

const longestName = 253;

/** The deployment's name is cut where the whole would be no name any more. Source: upstream's generateReplicaSetName. */
const setName = (deployment: string, hash: string): string =>
  `${deployment.slice(0, longestName - hash.length - 1)}-${hash}`;

/** The ReplicaSet to create for the current template, at its first size. */
export function newReplicaSet(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  revision: number,
): Mutable<ReplicaSet> {
  const spec = deployment.spec!;
  const hash = templateHash(spec.template, deployment.status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: setName(deployment.metadata.name!, hash),
      namespace: deployment.metadata.namespace!,
      labels: { ...labels },
      annotations: { ...newSetAnnotations(deployment, {}, revision, false) },
      ownerReferences: [{ ...controllerReference(deployment, deployments) }],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  } as Mutable<ReplicaSet>;
  set.spec!.replicas = newReplicas(deployment, replicasOf(old), 0);
  return set;
}

/** The old ReplicaSets beyond the history limit that may go: empty, settled, and oldest revision first. */
export function planCleanup(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined || limit === 2147483647) return [];
  const alive = old.filter((set) => !set.metadata.deletionTimestamp);
  const excess = alive.length - limit;
  if (excess <= 0) return [];
  const sorted = alive.toSorted((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b));
  return sorted.slice(0, excess).filter((set) => {
    const settled = (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
    return settled && (set.status?.replicas ?? 0) === 0 && (set.spec?.replicas ?? 0) === 0;
  });
}
