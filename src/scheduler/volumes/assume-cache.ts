import type { AnyKind } from '../../api/object.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';

/**
 * A cache of objects as they will be once the scheduler's own writes are through: it may decide about the next pod before
 * they are. What is assumed of an object ends with the next version the informer shows. Source: util/assumecache.
 */
export class AssumeCache<T extends AnyKind> {
  readonly informer: Informer<T>;
  readonly #assumed = new Map<string, T>();

  constructor(informer: Informer<T>) {
    this.informer = informer;
    const confirmed = (object: T) => void this.#assumed.delete(keyOf(object));
    informer.on({ updated: (_, object) => confirmed(object), deleted: confirmed });
  }

  /** The object as assumed, or else as it is. */
  get(key: string): T | undefined {
    return this.#assumed.get(key) ?? this.informer.get(key);
  }

  /** Each object as assumed, or else as it is. */
  *over(objects: Iterable<T>): Iterable<T> {
    if (this.#assumed.size === 0) yield* objects;
    else for (const object of objects) yield this.#assumed.get(keyOf(object)) ?? object;
  }

  assume(object: T): void {
    this.#assumed.set(keyOf(object), object);
  }

  /** Takes this assumption back; one that has come true or was replaced stays. */
  restore(object: T): void {
    const key = keyOf(object);
    if (this.#assumed.get(key) === object) this.#assumed.delete(key);
  }
}
