import type { KubeObject, Mutable } from '../api/object.ts';

/**
 * The revision log as the rest of krill sees it. One write is one revision; the revision is the `resourceVersion`.
 *
 * Two heads per key: *pending* (accepted, revision assigned, not yet durable) and *committed*. Preconditions, uniqueness,
 * allocators and quota read pending (`head`); get, list, watch and informers read committed only. A promise returned by
 * a write resolves after the commit is durable and before its event is published to watchers in the same turn.
 */
export interface Store {
  /** The newest committed revision; the `resourceVersion` of a list taken now. */
  readonly revision: number;
  /** Revisions at or below this one can no longer be listed at or watched from (`Compacted`). */
  readonly floor: number;

  /** The newest accepted version, durable or not. */
  head(key: StoreKey): Entry | undefined;
  /** The newest durable version. */
  get(key: StoreKey): Entry | undefined;
  /** One consistent page, in key order (namespace, then name). Throws `Compacted` or `FutureRevision`. */
  list(resource: string, options?: ListOptions): Page;
  /** How many live objects there are, in a namespace or all. */
  count(resource: string, namespace?: string): number;

  /**
   * Accepts a new object. Sets its `metadata.resourceVersion`, freezes it deep and encodes it once.
   * Throws `KeyExists` at once when the pending head exists.
   */
  create(key: StoreKey, object: Mutable<KubeObject>, options?: WriteOptions): Promise<Entry>;
  /** Accepts a new version. Throws `RevisionMismatch` at once when the pending head is not at `expect`, `KeyMissing` when absent. */
  update(key: StoreKey, object: Mutable<KubeObject>, expect: number, options?: WriteOptions): Promise<Entry>;
  /**
   * Writes a tombstone. Resolves with the last state carrying the deletion's revision as resourceVersion, which is what
   * watchers receive. Throws as `update` does. `lastState` replaces the stored last state (final status of a pod).
   */
  delete(key: StoreKey, expect: number, options?: WriteOptions & { lastState?: Mutable<KubeObject> }): Promise<Entry>;

  /**
   * Calls `sink.changes` with every committed change after `options.after`, in revision order and without gaps,
   * first those of the past (in a later turn), then live. The sink must not block or throw. Throws `Compacted` or `FutureRevision`.
   */
  watch(resource: string, options: WatchOptions, sink: WatchSink): Watch;

  /** Declares an index before the first watch: watchers and lists with `index` cost nothing for foreign values. */
  defineIndex(resource: string, name: string, value: IndexFunction): void;

  /** Moves the floor up to `revision` and forgets what lies below and is not the newest version of its key. */
  compact(revision: number): Promise<void>;
  /** Resolves when every write accepted before the call is durable (or failed). */
  flush(): Promise<void>;
  /** Flushes, checkpoints and releases the file. */
  close(): Promise<void>;
}

/** Where an object lives. `resource` is "pods" or "deployments.apps"; `namespace` is "" for cluster scope. */
export interface StoreKey {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** One version of one object: immutable, bytes kept. */
export interface Entry {
  readonly key: StoreKey;
  readonly revision: number;
  /** Storage-version JSON with this revision as its resourceVersion. Plain even where the row is encrypted. */
  readonly bytes: Buffer;
  /** The length of `bytes`, near enough, at hand without them. */
  readonly size: number;
  /** The parsed, deep-frozen value: the same pointer for every reader. Parsed at first use where only bytes were kept. */
  readonly object: KubeObject;
  /** Where the value of `metadata` begins and ends (exclusive) in `bytes`: Table and PartialObjectMetadata splice it. */
  readonly metadataRange: { readonly start: number; readonly end: number } | undefined;
}

export interface WriteOptions {
  /** May wait up to a second to join a batch (leases, events, heartbeats). Still durable before it is visible. */
  readonly lazy?: boolean;
}

export interface ListOptions {
  readonly namespace?: string;
  /** List as of this revision; the newest committed one unless given. */
  readonly revision?: number;
  /** Start after this key (exclusive). */
  readonly after?: { readonly namespace: string; readonly name: string };
  /** At most this many entries; all unless given. */
  readonly limit?: number;
  /** Only entries that `keep` accepts count against `limit`; the rest are skipped. */
  readonly keep?: (entry: Entry) => boolean;
  /** Only entries with this value of a defined index. */
  readonly index?: { readonly name: string; readonly value: string };
}

export interface Page {
  readonly entries: readonly Entry[];
  /** The revision the page is consistent with. */
  readonly revision: number;
  /** Whether entries follow this page, and (without `keep`) exactly how many. */
  readonly more: boolean;
  readonly remaining: number | undefined;
}

/** The value under which an index holds an object; undefined for none. One name always means one function. */
export type IndexFunction = (object: KubeObject) => string | undefined;

export interface WatchOptions {
  readonly namespace?: string;
  readonly name?: string;
  /** Only changes of objects that have, or had, this value of an index: of a defined one, or of one that lives while it is watched. */
  readonly index?: { readonly name: string; readonly value: string; readonly read?: IndexFunction };
  /** Deliver changes with a revision greater than this one. */
  readonly after: number;
}

/** What happened at one revision. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The new version; for DELETED the last state with the deletion's revision. */
  readonly entry: Entry;
  /** The version before, for MODIFIED and DELETED: selector transitions compare the two. */
  readonly previous: Entry | undefined;
}

export interface WatchSink {
  changes(changes: readonly Change[]): void;
  /** Asked between stretches of the past: resolves when the sink can take more, undefined when it can at once. */
  room?(): Promise<void> | undefined;
  /** The watch ended by itself (the store closed, or a change left the index's reach cannot be told). */
  end?(error: Error): void;
}

export interface Watch {
  /** Everything up to this revision has been delivered: what a bookmark may say. */
  readonly progress: number;
  close(): void;
}

/** A create met a live key. */
export class KeyExists extends Error {
  constructor(key: StoreKey) {
    super(`${key.resource} ${key.namespace}/${key.name} exists`);
    this.name = 'KeyExists';
  }
}

/** An update or delete met no live key. */
export class KeyMissing extends Error {
  constructor(key: StoreKey) {
    super(`${key.resource} ${key.namespace}/${key.name} does not exist`);
    this.name = 'KeyMissing';
  }
}

/** The pending head has moved on from the revision the write was derived from. */
export class RevisionMismatch extends Error {
  readonly actual: number;
  constructor(key: StoreKey, expected: number, actual: number) {
    super(`${key.resource} ${key.namespace}/${key.name} is at ${actual}, not ${expected}`);
    this.name = 'RevisionMismatch';
    this.actual = actual;
  }
}

/** The asked revision lies at or below the floor. */
export class Compacted extends Error {
  readonly floor: number;
  constructor(asked: number, floor: number) {
    super(`revision ${asked} has been compacted, the floor is ${floor}`);
    this.name = 'Compacted';
    this.floor = floor;
  }
}

/** The asked revision has not happened yet. */
export class FutureRevision extends Error {
  readonly current: number;
  constructor(asked: number, current: number) {
    super(`revision ${asked} is larger than the current one, ${current}`);
    this.name = 'FutureRevision';
    this.current = current;
  }
}

/** The write's batch could not be made durable; the store takes no writes until a probe write succeeds. */
export class WriteFailed extends Error {
  constructor(cause: unknown) {
    super(`the write could not be made durable: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'WriteFailed';
  }
}
