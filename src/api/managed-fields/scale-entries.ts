import { type Entry, fieldsOfEntry, withFields } from './entries.ts';
import { difference, type FieldSet, hasPath, isEmptySet, pathSet } from './field-set.ts';

/**
 * Who manages the replicas of an object, seen through its Scale: entries of the object that own its replicas are entries
 * of the Scale that own `spec.replicas`, and back. Source: apimachinery `util/managedfields/scalehandler.go`.
 */

const scaleVersion = 'autoscaling/v1';
const inScale = ['f:spec', 'f:replicas'];

/** Where the replicas stand in the object in a version; undefined for versions without a scale. */
export type ReplicasPath = (apiVersion: string) => readonly string[] | undefined;

const elementsOf = (path: readonly string[]) => path.map((name) => `f:${name}`);

function ownsReplicas(entry: Entry, replicas: ReplicasPath): boolean {
  const path = replicas(entry.apiVersion ?? '');
  return path !== undefined && hasPath(fieldsOfEntry(entry), elementsOf(path));
}

/** The entries of the Scale. */
export const scaleEntries = (entries: readonly Entry[], replicas: ReplicasPath): Entry[] =>
  entries
    .filter((entry) => ownsReplicas(entry, replicas))
    .map((entry) => ({ ...entry, apiVersion: scaleVersion, fieldsV1: pathSet(...inScale) }));

const isSame = (a: Entry, b: Entry) =>
  a.manager === b.manager && a.operation === b.operation && (a.subresource ?? '') === (b.subresource ?? '');

/**
 * The entries of the object after a write of its Scale in `apiVersion`: who lost the replicas there loses them here, who
 * gained them is a manager of the `scale` subresource.
 */
export function parentEntries(
  entries: readonly Entry[],
  scale: readonly Entry[],
  apiVersion: string,
  replicas: ReplicasPath,
): Entry[] {
  const owners = scale.filter((entry) => hasPath(fieldsOfEntry(entry), inScale));
  const kept = entries.flatMap((entry) => {
    const path = replicas(entry.apiVersion ?? '');
    if (!path || !ownsReplicas(entry, replicas)) return [entry];
    const owner = owners.find((candidate) => isSame(candidate, entry));
    if (!owner) return withoutPath(entry, pathSet(...elementsOf(path)));
    owners.splice(owners.indexOf(owner), 1);
    return [owner.time === entry.time ? entry : { ...entry, time: owner.time! }];
  });
  const own = pathSet(...elementsOf(replicas(apiVersion) ?? []));
  return [...kept, ...owners.map((entry) => ({ ...entry, apiVersion, fieldsV1: own }))];
}

function withoutPath(entry: Entry, path: FieldSet): Entry[] {
  const rest = difference(fieldsOfEntry(entry), path);
  return isEmptySet(rest) ? [] : [withFields(entry, rest)];
}
