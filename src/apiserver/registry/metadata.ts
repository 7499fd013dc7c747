import type { KubeObject, Mutable, ObjectMeta } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import { timestamp } from '../../base/clock.ts';
import type { Operation, Registry } from './operation.ts';

/** Longest base of a generated name. Source: apiserver `storage/names`. */
const maxGeneratedBase = 58;
const suffixLength = 5;

/** A name out of generateName: the base, cut where needed, and five random characters. */
export const generatedName = (registry: Registry, base: string) =>
  base.slice(0, maxGeneratedBase) + registry.ids.suffix(suffixLength);

/** Makes the body's namespace and kind agree with the request. Source: apiserver `EnsureObjectNamespaceMatchesRequestNamespace`. */
export function settleNamespace(op: Operation, object: Mutable<KubeObject>): void {
  const metadata = object.metadata;
  if (!op.served.namespaced) {
    if (metadata.namespace) delete metadata.namespace;
    return;
  }
  if (!metadata.namespace) metadata.namespace = op.namespace;
  else if (metadata.namespace !== op.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (!metadata.namespace) throw badRequest(`an empty namespace may not be set during creation`);
}

/** Refuses an object that is not the one the request names. Source: apiserver `endpoints/handlers` checkName. */
export function checkName(op: Operation, { metadata: { name } }: KubeObject): void {
  if (!name)
    throw badRequest(`the name of the object (${op.name} based on URL) was undeterminable: name must be provided`);
  if (name !== op.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${op.name})`);
}

/** Gives a new object its server-side metadata. Source: apiserver `registry/rest/create.go` and `meta.go`. */
export function beginLife(registry: Registry, op: Operation, object: Mutable<KubeObject>): void {
  const metadata = object.metadata;
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.uid = registry.ids.uid();
  metadata.creationTimestamp = timestamp(registry.clock.wall());
  if (op.served.rules.generation) metadata.generation = 1;
  else delete metadata.generation;
}

/**
 * What only the server may change is taken from the stored object; another uid and a deletion that a writer makes up are
 * left in, to be refused. Source: apiserver `registry/rest/update.go`.
 */
export function keepLife(object: Mutable<KubeObject>, old: KubeObject): void {
  const metadata = object.metadata;
  const before = old.metadata;
  if (!metadata.uid) keep(metadata, before, 'uid');
  keep(metadata, before, 'creationTimestamp');
  if (before.deletionTimestamp) keep(metadata, before, 'deletionTimestamp');
  if (metadata.deletionGracePeriodSeconds === undefined) keep(metadata, before, 'deletionGracePeriodSeconds');
  keep(metadata, before, 'generation');
  delete metadata.selfLink;
}

function keep<K extends keyof ObjectMeta>(metadata: Mutable<ObjectMeta>, before: ObjectMeta, key: K): void {
  if (before[key] === undefined) delete metadata[key];
  else metadata[key] = before[key] as Mutable<ObjectMeta>[K];
}

/** Removes empty containers from metadata, as upstream's encoding does, so that equal objects have equal bytes. */
export function tidyMetadata(metadata: Mutable<ObjectMeta>): void {
  for (const key of ['labels', 'annotations'] as const) {
    const map = metadata[key];
    if (map && Object.keys(map).length === 0) delete metadata[key];
  }
  for (const key of ['finalizers', 'ownerReferences', 'managedFields'] as const) {
    if (metadata[key]?.length === 0) delete metadata[key];
  }
}
