import { conform } from '../../api/conform.ts';
import { apiVersionOf, type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import { deepFreeze } from '../../store/encode.ts';
import type { Entry } from '../../store/store.ts';
import type { Served } from './served.ts';

/**
 * Three forms of an object: as stored, as the verbs work with it, and as a served version shows it. Verbs of built-in
 * kinds work in the storage version; those of custom resources in the served one, since each version has its own schema.
 */

/** Turns a decoded private object into the version the verbs work in, in place. */
export function toWorking(served: Served, object: Mutable<KubeObject>): void {
  if (served.custom) return;
  served.conversion?.toStorage(object);
  object.apiVersion = apiVersionOf(served.rules);
  object.kind = served.rules.kind;
}

/**
 * Runs `use` once stored values can be given to `working` and `inVersion`: at once, but where a conversion webhook has to be
 * asked. What was made ready is found by its object, so the objects are held until `use` is done.
 */
export function whenReady<T>(
  served: Served,
  objects: () => readonly KubeObject[],
  use: () => T | Promise<T>,
): T | Promise<T> {
  if (!served.custom) return use();
  const held = objects();
  const waiting = served.custom.ready(held);
  return waiting ? useHeld(waiting, held, use) : use();
}

/** A use, so that what is passed lives until here. */
const holding = (_: unknown): void => {};

async function useHeld<T>(waiting: Promise<void>, held: readonly KubeObject[], use: () => T | Promise<T>): Promise<T> {
  await waiting;
  try {
    return await use();
  } finally {
    holding(held);
  }
}

/** The same for entries. */
export const whenEntriesReady = <T>(
  served: Served,
  entries: readonly Entry[],
  use: () => T | Promise<T>,
): T | Promise<T> => whenReady(served, () => entries.map((entry) => entry.object), use);

/** A stored value in the version the verbs work in. */
export const working = (served: Served, object: KubeObject): KubeObject => served.custom?.shown(object) ?? object;

/** A finished private object in the version it is stored in. */
export const toStored = (
  served: Served,
  object: Mutable<KubeObject>,
): Mutable<KubeObject> | Promise<Mutable<KubeObject>> => served.custom?.toStored(object) ?? object;

const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();
const shownBytes = new WeakMap<KubeObject, Buffer>();

/** A stored value in the served version. The storage version is the shared value itself. */
export function inVersion(served: Served, object: KubeObject): KubeObject {
  if (served.custom) return served.custom.shown(object);
  if (!served.conversion) return object;
  let versions = converted.get(object);
  if (!versions) converted.set(object, (versions = new Map()));
  let value = versions.get(served.apiVersion);
  if (!value) {
    const copy = thaw(object);
    served.conversion.fromStorage(copy);
    copy.apiVersion = served.apiVersion;
    copy.kind = served.kind;
    // Each version has its own say on what is left out when it is empty. What is shared must be frozen.
    value = deepFreeze(conform(served.type, copy).value as KubeObject);
    versions.set(served.apiVersion, value);
  }
  return value;
}

/** A value made for one answer, in the served version; of another kind (Status, Scale, a review's own) it is as it should be. */
export function answered(served: Served, object: KubeObject): KubeObject {
  const { conversion, rules } = served;
  if (!conversion || object.kind !== rules.kind || object.apiVersion !== apiVersionOf(rules)) return object;
  return inVersion(served, object);
}

/** An entry's JSON in the served version. The storage version's bytes are the stored ones. */
export function bytesInVersion(served: Served, entry: Entry): Buffer {
  if (!served.conversion && !served.custom) return entry.bytes;
  const value = inVersion(served, entry.object);
  if (value === entry.object) return entry.bytes;
  let bytes = shownBytes.get(value);
  if (!bytes) shownBytes.set(value, (bytes = Buffer.from(JSON.stringify(value))));
  return bytes;
}
