import { isDeepStrictEqual } from 'node:util';
import type { GroupVersionResource, KubeObject } from '../../api/object.ts';
import { parseApiVersion, thaw } from '../../api/object.ts';
import { isStatus } from '../../api/status.ts';
import type { Transport } from '../../client/call.ts';

/** How an object's kind is addressed. */
export type ResourceOf = (apiVersion: string, kind: string) => GroupVersionResource;

/** `create` leaves an existing object to its users; `own` puts its own fields back where they differ. */
export type EnsureMode = 'create' | 'own';

/** Fields that bootstrap owns: everything but metadata and status. */
const owned = (object: KubeObject) =>
  Object.fromEntries(
    Object.entries(object).filter(([key]) => !['metadata', 'status', 'apiVersion', 'kind'].includes(key)),
  );

/**
 * Makes sure an object of the bootstrap is there. All objects of one list are written at once, so that they share
 * commits; references between them need no order.
 */
export async function ensureObjects(
  transport: Transport,
  resourceOf: ResourceOf,
  objects: readonly KubeObject[],
  mode: EnsureMode,
): Promise<void> {
  await Promise.all(objects.map((object) => ensureObject(transport, resourceOf, object, mode)));
}

async function ensureObject(
  transport: Transport,
  resourceOf: ResourceOf,
  wanted: KubeObject,
  mode: EnsureMode,
): Promise<void> {
  const { group, version } = parseApiVersion(wanted.apiVersion)!;
  const resource = resourceOf(wanted.apiVersion, wanted.kind);
  const at = {
    resource: { ...resource, group, version },
    ...(wanted.metadata.namespace && { namespace: wanted.metadata.namespace }),
  };
  const name = wanted.metadata.name!;
  let current: KubeObject;
  try {
    current = await transport.call({ verb: 'get', ...at, name });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    await transport.call({ verb: 'create', ...at, object: thaw(wanted) });
    return;
  }
  if (mode === 'create') return;
  const differs = Object.entries(owned(wanted)).some(([key, value]) => !contains(current[key], value));
  if (differs)
    await transport.call({ verb: 'update', ...at, name, object: { ...thaw(current), ...thaw(owned(wanted)) } });
}

/** Whether `current` has everything `wanted` says; what defaulting added does not count as a difference. */
function contains(current: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(current) &&
      current.length === wanted.length &&
      wanted.every((item, i) => contains(current[i], item))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof current !== 'object' || current === null) return false;
    return Object.entries(wanted).every(([key, value]) => contains((current as Record<string, unknown>)[key], value));
  }
  return isDeepStrictEqual(current, wanted);
}
