import { ConformError, conform } from '../../api/conform.ts';
import type { Convert, Versioned } from '../../api/managed-fields/versions.ts';
import { type KubeObject, type Mutable, parseApiVersion, thaw } from '../../api/object.ts';
import { badRequest } from '../../api/status.ts';
import { decodeTarget } from './decode-target.ts';
import type { Registry } from './operation.ts';
import type { Served } from './served.ts';
import { inVersion, toWorking } from './versions.ts';

/** The same resource in another version, undefined when that is not served. */
export function servedIn(registry: Registry, served: Served, apiVersion: string): Served | undefined {
  if (apiVersion === served.apiVersion) return served;
  const gv = parseApiVersion(apiVersion);
  const other = gv && registry.served.find(gv.group, gv.version, served.resource);
  return other?.storage === served.storage && other.kind === served.kind ? other : undefined;
}

/** How field management sees objects of a resource in the versions others wrote. */
export const convertFor =
  (registry: Registry, served: Served): Convert =>
  (object, apiVersion) => {
    const from = servedIn(registry, served, object.apiVersion);
    const to = servedIn(registry, served, apiVersion);
    if (!from || !to) return undefined;
    const copy = canonical(from, thaw(object.tree));
    return from.custom && to.custom ? customIn(from, to, copy) : builtInIn(from, to, copy);
  };

/** A configuration may hold what its type does not allow: whoever sent it is told. */
function canonical(served: Served, tree: object): Mutable<KubeObject> {
  try {
    return conform(decodeTarget(served, '').type, tree).value as Mutable<KubeObject>;
  } catch (error) {
    throw error instanceof ConformError ? badRequest(error.message) : error;
  }
}

/**
 * An object that is in the version the verbs of `from` work in, as `to` shows it: itself where that is the same. `to` serves
 * the same objects. A promise for custom resources, which a webhook may have to convert.
 */
export function convertedTo(from: Served, to: Served, object: KubeObject): KubeObject | Promise<KubeObject> {
  if (from === to) return object;
  if (from.custom && to.custom)
    return customIn(from, to, thaw(object) as Mutable<KubeObject>).then(({ tree }) => tree as KubeObject);
  if (!from.conversion && Object.isFrozen(object)) return inVersion(to, object);
  const { tree } = builtInIn(from, to, thaw(object) as Mutable<KubeObject>);
  return conform(to.type, tree).value as KubeObject;
}

const seenAs = ({ apiVersion, type }: Served, tree: object): Versioned => ({ apiVersion, type, tree });

function builtInIn(from: Served, to: Served, object: Mutable<KubeObject>): Versioned {
  toWorking(from, object);
  to.conversion?.fromStorage(object);
  object.apiVersion = to.apiVersion;
  object.kind = to.kind;
  return seenAs(to, object);
}

async function customIn(from: Served, to: Served, object: Mutable<KubeObject>): Promise<Versioned> {
  const stored = (await from.custom!.toStored(object)) as KubeObject;
  await to.custom!.ready([stored]);
  return seenAs(to, to.custom!.shown(stored));
}
