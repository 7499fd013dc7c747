import { apiVersionOf, type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from './served.ts';

/** Turns a private object of the served version into the storage version, in place. */
export function toStorage(served: Served, object: Mutable<KubeObject>): void {
  served.conversion?.toStorage(object);
  object.apiVersion = apiVersionOf(served.rules);
  object.kind = served.rules.kind;
}

const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();
const convertedBytes = new WeakMap<KubeObject, Map<string, Buffer>>();

/** A stored value in the served version. The storage version is the shared value itself. */
export function inVersion(served: Served, object: KubeObject): KubeObject {
  if (!served.conversion) return object;
  let versions = converted.get(object);
  if (!versions) converted.set(object, (versions = new Map()));
  let value = versions.get(served.apiVersion);
  if (!value) {
    const copy = thaw(object);
    served.conversion.fromStorage(copy);
    copy.apiVersion = served.apiVersion;
    copy.kind = served.kind;
    versions.set(served.apiVersion, (value = copy as KubeObject));
  }
  return value;
}

/** An entry's JSON in the served version. The storage version's bytes are the stored ones. */
export function bytesInVersion(served: Served, entry: Entry): Buffer {
  if (!served.conversion) return entry.bytes;
  let versions = convertedBytes.get(entry.object);
  if (!versions) convertedBytes.set(entry.object, (versions = new Map()));
  let bytes = versions.get(served.apiVersion);
  if (!bytes) versions.set(served.apiVersion, (bytes = Buffer.from(JSON.stringify(inVersion(served, entry.object)))));
  return bytes;
}
