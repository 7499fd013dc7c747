import { thaw } from '../api/object.ts';
import type { ControllerRevision } from '../api/types/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../api/types/core-v1.gen.ts';
import { canonicalJson, fnv32a, safeEncode } from './template-hash.ts';

/** The label by which pods tell their revision: its name for a StatefulSet, its hash for a DaemonSet. */
export const revisionLabel = 'controller-revision-hash';

/** What a revision keeps: a patch that puts the template back. */
export function revisionData(template: PodTemplateSpec): Record<string, unknown> {
  return { spec: { template: { ...thaw(template), $patch: 'replace' } } };
}

/** The template a revision keeps. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { spec } = revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = spec.template;
  return template;
}

/** The hash of a revision's data; the collision count goes into it. */
export function revisionHash(data: unknown, collisions: number): string {
  const hash = fnv32a(Buffer.from(canonicalJson(data)));
  return safeEncode(String(fnv32a(Buffer.from(String(collisions)), hash)));
}

/** Oldest first. */
export const byRevision = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision || ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1);

/** What to do so that the newest revision is the current template. */
export type RevisionPlan =
  | { readonly use: ControllerRevision }
  /** An old revision is wanted again: it gets the highest number. */
  | { readonly renumber: ControllerRevision; readonly to: number }
  | { readonly create: { readonly data: Record<string, unknown>; readonly revision: number } };

/** Finds the revision of a template among the sorted ones. */
export function planRevision(sorted: readonly ControllerRevision[], template: PodTemplateSpec): RevisionPlan {
  const data = revisionData(template);
  const text = canonicalJson(data);
  const equal = sorted.filter((revision) => canonicalJson(revision.data) === text);
  const newest = sorted.at(-1);
  const match = equal.at(-1);
  if (match && match === newest) return { use: match };
  const next = (newest?.revision ?? 0) + 1;
  return match ? { renumber: match, to: next } : { create: { data, revision: next } };
}

/** Other revisions that keep what this one keeps. */
export function duplicatesOf(revision: ControllerRevision, all: readonly ControllerRevision[]): ControllerRevision[] {
  const text = canonicalJson(revision.data);
  return all.filter((other) => other !== revision && canonicalJson(other.data) === text);
}

/** The revisions beyond the limit that nothing uses, oldest first. */
export function excessRevisions(
  sorted: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
): ControllerRevision[] {
  const idle = sorted.filter((revision) => !live.has(revision.metadata.name!));
  return idle.slice(0, Math.max(0, idle.length - limit));
}
