import type { AnyKind } from '../../../src/api/object.ts';
import { groupResource } from '../../../src/api/object.ts';
import type { ResourceRef } from '../../../src/api/resource-ref.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { SeededIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Client } from '../../../src/client/client.ts';
import { Index, type IndexFunction } from '../../../src/client/index-map.ts';
import type { ChangeHandler, Informer } from '../../../src/client/informer.ts';
import { keyOf } from '../../../src/client/object-key.ts';
import type { Plugin, PluginHandle } from '../../../src/scheduler/plugin.ts';
import { plugins } from '../../../src/scheduler/plugins/index.ts';

/** The part of an informer that plugins read, filled by hand and at once. */
export class Shelf<T extends AnyKind> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #handlers = new Set<ChangeHandler<T>>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  list(namespace?: string): T[] {
    return [...this.#objects.values()].filter((o) => namespace === undefined || o.metadata?.namespace === namespace);
  }

  by(fn: IndexFunction<T>, value: string): T[] {
    let index = this.#indexes.get(fn.indexName);
    if (!index) {
      index = new Index(fn);
      for (const [key, object] of this.#objects) index.set(key, undefined, object);
      this.#indexes.set(fn.indexName, index);
    }
    return [...index.get(value)];
  }

  index(): this {
    return this;
  }

  on(handler: ChangeHandler<T>): () => void {
    for (const object of this.#objects.values()) handler.added?.(object, true);
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  set(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.set(key, old, object);
    for (const handler of this.#handlers) old ? handler.updated?.(old, object) : handler.added?.(object, false);
  }

  remove(key: string): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.set(key, old, undefined);
    for (const handler of this.#handlers) handler.deleted?.(old);
  }
}

/** Shelves by resource, as plugins get informers. */
export class Shelves {
  readonly #shelves = new Map<string, Shelf<AnyKind>>();

  of<T extends AnyKind>(ref: ResourceRef<T>): Informer<T> {
    return this.shelf(ref) as unknown as Informer<T>;
  }

  serves(): boolean {
    return true;
  }

  shelf<T extends AnyKind>(ref: ResourceRef<T>): Shelf<T> {
    const id = groupResource(ref);
    let shelf = this.#shelves.get(id);
    if (!shelf) this.#shelves.set(id, (shelf = new Shelf()));
    return shelf as unknown as Shelf<T>;
  }
}

/** A handle for plugins that are judged by what they read. A client is only for those that write. */
export const handle = (informers = new Shelves(), client?: Client): PluginHandle => ({
  informers,
  client: client as Client,
  clock: new ManualClock(),
  ids: new SeededIds(1),
  log: silentLogger,
});

/** The default profile over an empty cluster. */
export const defaultPlugins = (): readonly Plugin[] => plugins.map((descriptor) => descriptor.build(handle()));
