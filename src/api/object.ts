import { isBigInteger } from './json-number.ts';

/**
 * The shapes every Kubernetes object shares.
 *
 * Mutability: decode yields a private mutable tree; admission, defaults and prepare change it in place; the store
 * freezes it deep. From there on everything is shared, so everything is typed readonly.
 */

/** Readonly all the way down. */
export type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Undoes readonly all the way down: the view of a tree before the store has frozen it. */
export type Mutable<T> = T extends readonly (infer E)[]
  ? Mutable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
  readonly subresource?: string;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly selfLink?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly selfLink?: string;
}

/** Any object with an identity: built-in kinds extend it, custom resources are exactly it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** What every generated kind satisfies: typed fields instead of an index signature. */
export interface AnyKind {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** A resource as the API addresses it. `group` is "" for the core group. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** "pods" or "deployments.apps": the name of a resource without its version, as RBAC and errors write it. */
export function groupResource(r: { group: string; resource: string }): string {
  return r.group ? `${r.resource}.${r.group}` : r.resource;
}

/** "v1" or "apps/v1". */
export function apiVersionOf(g: { group: string; version: string }): string {
  return g.group ? `${g.group}/${g.version}` : g.version;
}

/** Splits "v1" or "apps/v1"; undefined when it has more than one slash or is empty. */
export function parseApiVersion(text: string): { group: string; version: string } | undefined {
  const parts = text.split('/');
  if (parts.length === 1 && parts[0]) return { group: '', version: parts[0] };
  if (parts.length === 2 && parts[0] && parts[1]) return { group: parts[0], version: parts[1] };
  return undefined;
}

/** A map's own entry. Keys are the user's, and "constructor" must not find what every object has. */
export const entryOf = <T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  map && Object.hasOwn(map, key) ? map[key] : undefined;

/** Freezes a tree and everything in it. Stops at what is already frozen, so shared subtrees cost nothing. */
export function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key in value) deepFreeze(value[key]);
  }
  return value as DeepReadonly<T>;
}

/** A private mutable copy of a (frozen) JSON tree. */
export function thaw<T>(value: T): Mutable<T> {
  if (Array.isArray(value)) return value.map(thaw) as Mutable<T>;
  if (typeof value === 'object' && value !== null && !isBigInteger(value)) {
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      // Assigning it would set the prototype. Decoding refuses it; this is the second lock.
      if (key !== '__proto__') copy[key] = thaw((value as Record<string, unknown>)[key]);
    }
    return copy as Mutable<T>;
  }
  return value as Mutable<T>;
}
