/**
 * The notation of the discovery facts: what a group, a version, a resource and a subresource say of themselves, and short
 * words to write tables of them.
 */

export interface SubresourceFacts {
  /** "status" */
  readonly name: string;
  /** Kind of the body, with its group version where that is not the parent's. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

export interface ResourceFacts {
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceFacts[];
  /** The version objects are stored in; undefined for what is never stored. */
  readonly storageVersion: string | undefined;
}

export interface GroupVersionFacts {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceFacts[];
}

export interface GroupFacts {
  readonly group: string;
  /** The aggregator's priority: groups are listed from high to low. */
  readonly priority: number;
  /** Preferred first. */
  readonly versions: readonly GroupVersionFacts[];
}

export const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
export const getPatchUpdate = ['get', 'patch', 'update'] as const;
export const connect = ['create', 'get'] as const;
export const proxy = ['create', 'delete', 'get', 'patch', 'update'] as const;

export type Sub = (kind: string) => SubresourceFacts;
export const same =
  (name: string, verbs: readonly string[] = getPatchUpdate): Sub =>
  (kind) => ({ name, kind, verbs });
export const other =
  (name: string, kind: string, verbs: readonly string[], group?: string, version?: string): Sub =>
  () => ({ name, kind, verbs, ...(group !== undefined && { group }), ...(version !== undefined && { version }) });
export const status = same('status');
export const scale = other('scale', 'Scale', getPatchUpdate, 'autoscaling', 'v1');

export interface Options {
  readonly singular?: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly verbs?: readonly string[];
  readonly subs?: readonly Sub[];
  readonly stored?: false | string;
}

function make(resource: string, kind: string, namespaced: boolean, o: Options): ResourceFacts {
  return {
    resource,
    singular: o.singular ?? kind.toLowerCase(),
    shortNames: o.short ?? [],
    categories: o.categories ?? [],
    kind,
    namespaced,
    verbs: o.verbs ?? all,
    subresources: (o.subs ?? []).map((sub) => sub(kind)),
    storageVersion: o.stored === false ? undefined : (o.stored ?? ''),
  };
}
export const namespaced = (resource: string, kind: string, options: Options = {}) =>
  make(resource, kind, true, options);
export const cluster = (resource: string, kind: string, options: Options = {}) => make(resource, kind, false, options);

/** A kind that is asked and answered, never stored. */
export const review: Options = { verbs: ['create'], stored: false };
/** A kind that is measured when it is asked for, never stored. */
export const measured: Options = { verbs: ['get', 'list'], stored: false };
export const everyday = { categories: ['all'] };
export const extension = { categories: ['api-extensions'] };

/** Fills in the storage version, which is the group version's own unless the resource names another. */
function version(group: string, name: string, resources: readonly ResourceFacts[]): GroupVersionFacts {
  const stored = resources.map((r) => (r.storageVersion === '' ? { ...r, storageVersion: name } : r));
  return { group, version: name, resources: stored };
}

/** A group; its versions in order of preference. */
export function group(
  name: string,
  priority: number,
  versions: Readonly<Record<string, readonly ResourceFacts[]>>,
): GroupFacts {
  return { group: name, priority, versions: Object.entries(versions).map(([v, r]) => version(name, v, r)) };
}
