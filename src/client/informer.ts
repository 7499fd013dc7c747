import type { AnyKind, KubeObject } from '../api/object.ts';
import type { Transport, WatchEvent } from './call.ts';
import { Index, type IndexFunction } from './index-map.ts';
import { keyOf, keyText, type ObjectKey, revisionOf } from './object-key.ts';
import { type Mirror, Reflector, type ReflectorEnvironment, type Selection } from './reflector.ts';

/** Told of every change in order. Objects are shared and frozen. Handlers must not block; one that throws is reported. */
export interface ChangeHandler<T> {
  /** `initial` while the first list is replayed. */
  added?(object: T, initial: boolean): void;
  updated?(old: T, object: T): void;
  /** The last state; after a missed deletion the last one known. */
  deleted?(object: T): void;
}

interface Waiter {
  readonly revision: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/** A cache of one selection of objects, kept by a watch, with indexes and change handlers. In-process it holds the store's own values. */
export class Informer<T extends AnyKind = KubeObject> {
  readonly selection: Selection;
  readonly #transport: Transport;
  readonly #env: ReflectorEnvironment;
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #onHandler: (off: () => void) => void;
  #synced = false;
  #revision = 0;
  #ended: DOMException | undefined;
  #waiters: Waiter[] = [];
  /** During a list: what was there before it and has not been on one of its pages. */
  #stale = new Set<string>();

  /** `onHandler` is given, for every handler that is put on, how to take it off. */
  constructor(
    transport: Transport,
    selection: Selection,
    env: ReflectorEnvironment,
    onHandler: (off: () => void) => void = () => undefined,
  ) {
    this.#transport = transport;
    this.selection = selection;
    this.#env = env;
    this.#onHandler = onHandler;
  }

  /** Whether the first list has been taken over. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Everything up to this revision is in the cache. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** `key` is "namespace/name", or "name" at cluster scope. */
  get(key: string | ObjectKey): T | undefined {
    return this.#objects.get(typeof key === 'string' ? key : keyText(key));
  }

  /** Everything, in no order. The iterator is live: copy it before awaiting. */
  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** A copy of everything, or of one namespace. */
  list(namespace?: string): T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.by(byNamespace, namespace);
  }

  /** The objects that the index function gives this value; the index is built at its first use. */
  by(index: IndexFunction<T>, value: string): T[] {
    return [...this.#indexOf(index).get(value)];
  }

  /** How many objects `by` would return. */
  count(index: IndexFunction<T>, value: string): number {
    return this.#indexOf(index).count(value);
  }

  /** Declares an index before it is first used, so that no later call pays for building it. */
  index(index: IndexFunction<T>): this {
    this.#indexOf(index);
    return this;
  }

  #indexOf(fn: IndexFunction<T>): Index<T> {
    let index = this.#indexes.get(fn.indexName);
    if (!index) {
      index = new Index(fn);
      for (const [key, object] of this.#objects) index.set(key, undefined, object);
      this.#indexes.set(fn.indexName, index);
    }
    if (index.fn !== fn) throw new Error(`two indexes of one informer are called "${fn.indexName}"`);
    return index;
  }

  /** Starts telling `handler`, first of what is already there. Returns how to stop. */
  on(handler: ChangeHandler<T>): () => void {
    if (handler.added)
      for (const object of [...this.#objects.values()]) this.#tell(() => handler.added?.(object, true));
    this.#handlers.add(handler);
    const off = () => void this.#handlers.delete(handler);
    this.#onHandler(off);
    return off;
  }

  /** Resolves when the first list has been taken over. */
  whenSynced(signal: AbortSignal): Promise<void> {
    return this.#wait(0, signal);
  }

  /** Resolves when the cache shows `revision`: after it, a reader sees the write that returned that revision. */
  seen(revision: string | number, signal: AbortSignal): Promise<void> {
    return this.#wait(Number(revision), signal);
  }

  #wait(revision: number, signal: AbortSignal): Promise<void> {
    if (this.#synced && this.#revision >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#ended) return reject(this.#ended ?? signal.reason);
      const onAbort = () => {
        this.#waiters = this.#waiters.filter((w) => w !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        revision,
        resolve: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        reject,
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Keeps the cache until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#ended = undefined;
    const mirror: Mirror = {
      begin: () => {
        this.#stale = new Set(this.#objects.keys());
      },
      page: (items) => this.#page(items as unknown as readonly T[]),
      end: (revision) => this.#end(revision),
      apply: (events) => this.#apply(events as unknown as readonly WatchEvent<T>[]),
      progress: (revision) => this.#progress(revision),
    };
    await new Reflector(this.#transport, this.selection, mirror, this.#env).run(signal);
    this.#ended = new DOMException('the informer has ended', 'AbortError');
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#ended);
  }

  #page(items: readonly T[]): void {
    for (const item of items) {
      const key = keyOf(item);
      this.#stale.delete(key);
      this.#set(key, item, !this.#synced);
    }
  }

  #end(revision: number): void {
    for (const key of this.#stale) this.#remove(key, this.#objects.get(key)!);
    this.#stale = new Set();
    this.#synced = true;
    this.#progress(revision);
  }

  #apply(events: readonly WatchEvent<T>[]): void {
    for (const event of events) {
      const object = event.object as T;
      const key = keyOf(object);
      if (event.type === 'DELETED') this.#remove(key, object);
      else this.#set(key, object, false);
    }
  }

  #progress(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    if (this.#waiters.length === 0) return;
    const due = this.#waiters.filter((w) => w.revision <= this.#revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((w) => w.revision > this.#revision);
    for (const waiter of due) waiter.resolve();
  }

  #set(key: string, object: T, initial: boolean): void {
    let old = this.#objects.get(key);
    if (old && revisionOf(old) === revisionOf(object)) return;
    // Deleted and created again while the watch was down: two changes, and the old one must be seen to go.
    if (old && old.metadata?.uid !== object.metadata?.uid) {
      this.#remove(key, old);
      old = undefined;
    }
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) index.set(key, old, object);
    for (const handler of this.#handlers) {
      if (!old) this.#tell(() => handler.added?.(object, initial));
      else this.#tell(() => handler.updated?.(old, object));
    }
  }

  #remove(key: string, last: T): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.set(key, old, undefined);
    for (const handler of this.#handlers) this.#tell(() => handler.deleted?.(last));
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#env.log.error('informer handler failed', { resource: this.selection.resource.resource, error });
    }
  }
}

/** Finds objects by namespace. */
export const byNamespace: IndexFunction<AnyKind> = Object.assign(
  (object: AnyKind) => object.metadata?.namespace ?? '',
  { indexName: 'namespace' },
);

/** Finds objects by the uid of each of their owners. */
export const byOwner: IndexFunction<AnyKind> = Object.assign(
  (object: AnyKind) => object.metadata?.ownerReferences?.map((o) => o.uid) ?? [],
  { indexName: 'owner' },
);

/** Finds objects by the uid of their controlling owner. */
export const byController: IndexFunction<AnyKind> = Object.assign(
  (object: AnyKind) => object.metadata?.ownerReferences?.find((o) => o.controller)?.uid,
  { indexName: 'controller' },
);

/** Finds the objects of a namespace that no owner controls. */
export const orphansByNamespace: IndexFunction<AnyKind> = Object.assign(
  (object: AnyKind) =>
    object.metadata?.ownerReferences?.some((o) => o.controller) ? undefined : (object.metadata?.namespace ?? ''),
  { indexName: 'orphans' },
);

/** Finds pods by the node they are bound to; unbound ones under "". */
export const byNode: IndexFunction<AnyKind & { readonly spec?: { readonly nodeName?: string } }> = Object.assign(
  (object: { readonly spec?: { readonly nodeName?: string } }) => object.spec?.nodeName ?? '',
  { indexName: 'node' },
);
