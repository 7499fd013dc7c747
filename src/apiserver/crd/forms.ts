import { deepFreeze, type KubeObject, type Mutable, thaw } from '../../api/object.ts';
import { internalError } from '../../api/status.ts';
import { sameTree } from '../registry/equality.ts';
import { conversionFailure } from './conversion-failure.ts';
import type { SchemaVersion } from './schema-version.ts';

/** Converts settled objects of one kind to a version, keeping their order. Rejects with a Status. */
export type Convert = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly Mutable<KubeObject>[]>;

/**
 * The forms of the objects of one custom kind: as stored, with today's schema of the version they were stored in (settled),
 * and as another version shows them. What is in the right version and was written under today's schema is itself in all
 * three. Source of the order (prune, default, convert, prune): apiextensions `crdConversionRESTOptionsGetter`.
 */
export class Forms {
  readonly #versions: ReadonlyMap<string, SchemaVersion>;
  readonly #storage: SchemaVersion;
  /** Undefined where versions differ by nothing but their name and schema. */
  readonly #convert: Convert | undefined;
  readonly #settled = new WeakMap<KubeObject, KubeObject>();
  readonly #shown = new WeakMap<KubeObject, Map<string, KubeObject>>();
  readonly #pending = new WeakMap<KubeObject, Map<string, Promise<void>>>();

  constructor(versions: ReadonlyMap<string, SchemaVersion>, storage: SchemaVersion, convert: Convert | undefined) {
    this.#versions = versions;
    this.#storage = storage;
    this.#convert = convert;
  }

  /** Makes stored objects ready to be shown; undefined when they are. */
  ready(target: SchemaVersion, objects: readonly KubeObject[]): Promise<void> | undefined {
    let missing: KubeObject[] | undefined;
    let waiting: Set<Promise<void>> | undefined;
    for (const object of objects) {
      if (object.apiVersion === target.apiVersion) continue;
      if (!this.#versions.has(object.apiVersion)) return Promise.reject(unknownVersion(object.apiVersion));
      if (!this.#convert || this.#shown.get(object)?.has(target.apiVersion)) continue;
      const pending = this.#pending.get(object)?.get(target.apiVersion);
      if (pending) (waiting ??= new Set()).add(pending);
      else (missing ??= []).push(object);
    }
    if (missing) (waiting ??= new Set()).add(this.#fetch(this.#convert!, target, missing));
    if (!waiting) return undefined;
    return waiting.size === 1 ? waiting.values().next().value : Promise.all(waiting).then(() => undefined);
  }

  /** A stored object with what today's schema of its own version drops and fills in. */
  settled(object: KubeObject): KubeObject {
    const version = this.#versions.get(object.apiVersion);
    return version ? this.#settle(object, version) : object;
  }

  /** A stored object as the version shows it, which `ready` has made possible. */
  shown(target: SchemaVersion, object: KubeObject): KubeObject {
    if (object.apiVersion === target.apiVersion) return this.#settle(object, target);
    const known = this.#shown.get(object)?.get(target.apiVersion);
    if (known) return known;
    const from = this.#versions.get(object.apiVersion);
    if (!from) throw unknownVersion(object.apiVersion);
    if (this.#convert) throw internalError(`${target.apiVersion} of an object was not asked for before it was shown`);
    const settled = this.#settle(object, from);
    const value = from.text === target.text ? relabelled(settled, target) : pruned(thaw(settled), target);
    note(this.#shown, object, target.apiVersion, value);
    return value;
  }

  /** A finished object of a version as it is stored. */
  toStored(from: SchemaVersion, object: Mutable<KubeObject>): Mutable<KubeObject> | Promise<Mutable<KubeObject>> {
    const target = this.#storage;
    if (from === target) return object;
    const stored = (converted: Mutable<KubeObject>) => {
      converted.apiVersion = target.apiVersion;
      if (from.text !== target.text || this.#convert) target.prune(converted, 'drop');
      return converted;
    };
    // What an update did not touch it shares with the frozen state before.
    if (!this.#convert) return stored(from.text === target.text ? object : thaw(object as KubeObject));
    return this.#convert([object as KubeObject], target.apiVersion).then(([converted]) => stored(converted!));
  }

  #settle(object: KubeObject, version: SchemaVersion): KubeObject {
    if (Number(object.metadata.resourceVersion) > version.since) return object;
    let settled = this.#settled.get(object);
    if (!settled) {
      const copy = thaw(object);
      version.prune(copy, 'drop');
      version.defaults(copy);
      settled = sameTree(copy, object) ? object : (deepFreeze(copy) as KubeObject);
      this.#settled.set(object, settled);
    }
    return settled;
  }

  #fetch(convert: Convert, target: SchemaVersion, objects: readonly KubeObject[]): Promise<void> {
    const settled = objects.map((object) => this.#settle(object, this.#versions.get(object.apiVersion)!));
    const done = convert(settled, target.apiVersion).then((converted) => {
      for (const [i, object] of objects.entries())
        note(this.#shown, object, target.apiVersion, pruned(converted[i]!, target));
    });
    const fetching = done.finally(() => {
      for (const object of objects) this.#pending.get(object)?.delete(target.apiVersion);
    });
    for (const object of objects) note(this.#pending, object, target.apiVersion, fetching);
    return fetching;
  }
}

function note<T>(map: WeakMap<KubeObject, Map<string, T>>, object: KubeObject, apiVersion: string, value: T): void {
  const known = map.get(object);
  if (known) known.set(apiVersion, value);
  else map.set(object, new Map([[apiVersion, value]]));
}

/** The same object under another version's name, sharing all it holds. */
const relabelled = (object: KubeObject, { apiVersion }: SchemaVersion): KubeObject =>
  Object.freeze({ ...object, apiVersion });

function pruned(object: Mutable<KubeObject>, version: SchemaVersion): KubeObject {
  object.apiVersion = version.apiVersion;
  version.prune(object, 'drop');
  return deepFreeze(object) as KubeObject;
}

const unknownVersion = (apiVersion: string) =>
  conversionFailure(`request to convert CR from an invalid group/version: ${apiVersion}`);
