import type { KubeObject, Mutable } from '../api/object.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { CommitQueue, type PendingWrite } from './commit-queue.ts';
import { atRevision, deepFreeze, encodeAt } from './encode.ts';
import { Floors, type Reach } from './floors.ts';
import type { Step } from './history.ts';
import { decodeIndex, encodeIndex } from './index-checkpoint.ts';
import type { Log, RowHead, RowType } from './log.ts';
import { rowType } from './log.ts';
import { ResourceTable } from './resource-table.ts';
import type { RowCodec } from './row-codec.ts';
import { parseKey, rowKey } from './row-key.ts';
import {
  Compacted,
  type Entry,
  FutureRevision,
  type IndexFunction,
  KeyExists,
  KeyMissing,
  type ListOptions,
  type Page,
  RevisionMismatch,
  type Store,
  type StoreKey,
  type Watch,
  type WatchOptions,
  type WatchSink,
  type WriteOptions,
} from './store.ts';
import {
  bytesCacheBytes,
  checkpointRows,
  compactEvery,
  compactRows,
  firstRevision,
  historyReach,
  objectCacheBytes,
  type RevisionStoreOptions,
  retentionReach,
  type StoreStats,
} from './store-options.ts';
import { Version, VersionSource } from './version.ts';

interface Write extends PendingWrite {
  readonly version: Version;
}

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** The store over any log: index, heads, history and watchers in memory, rows below. */
export class RevisionStore implements Store {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #codec: RowCodec;
  readonly #source: VersionSource;
  readonly #queue: CommitQueue<Write>;
  readonly #tables = new Map<string, ResourceTable>();
  readonly #floors = new Floors();
  readonly #history: Reach;
  readonly #retention: Reach;
  #accepted = firstRevision;
  #revision = firstRevision;
  #published = firstRevision;
  #floor = 0;
  /** While the index is being written down its history must stay. */
  #floorHeld = false;
  #batches = 0;
  #writes = 0;
  #upkeep: Promise<void> | undefined;
  /** The revision of the newest index checkpoint. */
  #checkpointed = firstRevision;
  #compactedAt: number;
  #closed = false;
  readonly #onCommit: (() => void) | undefined;
  readonly #onClose: (() => void) | undefined;

  constructor(options: RevisionStoreOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#codec = options.codec;
    const { log, codec } = options;
    const read = (key: StoreKey, revision: number) => {
      const value = log.read(revision);
      return value && codec.decode(rowKey(key), value);
    };
    // Where the log cannot be read back, nothing may be released.
    const bytes = log.readable ? (options.cache?.bytes ?? bytesCacheBytes) : Number.POSITIVE_INFINITY;
    this.#source = new VersionSource(read, options.cache?.objects ?? objectCacheBytes, bytes);
    this.#history = {
      ...historyReach,
      ...(log.readable ? { bytes: Number.POSITIVE_INFINITY } : {}),
      ...options.history,
    };
    this.#retention = { ...retentionReach, ...options.retention };
    this.#queue = new CommitQueue<Write>(
      { log, clock: options.clock, ids: options.ids, logger: options.logger, revision: () => this.#revision },
      { committed: (writes) => this.#commit(writes), dropped: (writes) => this.#drop(writes) },
    );
    this.#onCommit = options.onCommit;
    this.#onClose = options.onClose;
    this.#compactedAt = options.clock.steady();
    this.#load();
  }

  get revision(): number {
    return this.#revision;
  }

  get floor(): number {
    return this.#floor;
  }

  /** Everything up to this revision has been handed to live watchers. */
  get published(): number {
    return this.#published;
  }

  get stats(): StoreStats {
    let watchers = 0;
    for (const table of this.#tables.values()) watchers += table.hub.size;
    return {
      revision: this.#revision,
      floor: this.#floor,
      retained: this.#log.retained,
      batches: this.#batches,
      writes: this.#writes,
      watchers,
      readOnly: this.#queue.failure !== undefined,
    };
  }

  head(key: StoreKey): Version | undefined {
    const chain = this.#tables.get(key.resource)?.chain(key);
    const version = chain?.pending ?? chain?.newest;
    return version && !version.deleted ? version : undefined;
  }

  get(key: StoreKey): Version | undefined {
    const version = this.#tables.get(key.resource)?.chain(key)?.newest;
    return version && !version.deleted ? version : undefined;
  }

  list(resource: string, options: ListOptions = {}): Page {
    return this.#table(resource).list(options);
  }

  count(resource: string, namespace?: string): number {
    return this.#tables.get(resource)?.count(namespace) ?? 0;
  }

  async create(key: StoreKey, object: Mutable<KubeObject>, options?: WriteOptions): Promise<Entry> {
    if (this.head(key)) throw new KeyExists(key);
    return this.#put(key, object, 0, options);
  }

  async update(key: StoreKey, object: Mutable<KubeObject>, expect: number, options?: WriteOptions): Promise<Entry> {
    return this.#put(key, object, this.#expect(key, expect).revision, options);
  }

  async delete(
    key: StoreKey,
    expect: number,
    options?: WriteOptions & { lastState?: Mutable<KubeObject> },
  ): Promise<Entry> {
    const head = this.#expect(key, expect);
    this.#assertWritable();
    const revision = ++this.#accepted;
    const last = options?.lastState;
    if (!last) {
      const version = this.#version(key, revision, rowType.delete, head.size, head);
      return this.#accept(
        version.hold(atRevision(head.object, revision), undefined),
        head.revision,
        undefined,
        options,
      );
    }
    const bytes = encodeAt(last, revision);
    const version = this.#version(key, revision, rowType.delete, bytes.length, undefined);
    return this.#accept(version.hold(deepFreeze(last), bytes), head.revision, bytes, options);
  }

  watch(resource: string, options: WatchOptions, sink: WatchSink): Watch {
    if (options.after > this.#revision) throw new FutureRevision(options.after, this.#revision);
    if (options.after <= this.#floor) throw new Compacted(options.after, this.#floor);
    return this.#table(resource).hub.watch(options, sink);
  }

  defineIndex(resource: string, name: string, value: IndexFunction): void {
    this.#table(resource).defineIndex(name, value);
  }

  async compact(revision: number): Promise<void> {
    if (revision > this.#revision) throw new FutureRevision(revision, this.#revision);
    await this.#maintain(async () => {
      this.#raiseFloor(revision);
      await this.#compactLog(Math.min(this.#floor, revision));
    });
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.close();
    for (const table of this.#tables.values()) table.hub.endAll(new Error('the store is closed'));
    try {
      await this.checkpoint();
    } catch (error) {
      this.#logger.warn('The index checkpoint could not be written; the next start reads the whole log', { error });
    }
    await this.#log.close();
    this.#onClose?.();
  }

  /** Takes no more writes because the file is damaged; reads go on as long as they can. */
  distrust(cause: Error): void {
    this.#queue.poison(cause);
  }

  #put(key: StoreKey, object: Mutable<KubeObject>, previous: number, options?: WriteOptions): Promise<Entry> {
    this.#assertWritable();
    const revision = ++this.#accepted;
    const bytes = encodeAt(object, revision);
    const type = previous === 0 ? rowType.create : rowType.update;
    const version = this.#version(key, revision, type, bytes.length, undefined);
    return this.#accept(version.hold(deepFreeze(object), bytes), previous, bytes, options);
  }

  #accept(version: Version, previous: number, bytes: Buffer | undefined, options?: WriteOptions): Promise<Entry> {
    const chain = this.#table(version.key.resource).claim(version.key);
    chain.pending = version;
    const key = rowKey(version.key);
    const value = bytes && this.#codec.encode(version.key.resource, key, bytes);
    const { revision, type } = version;
    const row = { revision, previous, type, time: this.#clock.wall(), key, value };
    return new Promise((resolve, reject) => {
      this.#queue.push({ row, version, resolve: () => resolve(version), reject }, options?.lazy ?? false);
    });
  }

  #version(key: StoreKey, revision: number, type: RowType, size: number, ended: Version | undefined): Version {
    return new Version(this.#source, this.#table(key.resource).claim(key).key, revision, type, size, ended);
  }

  #expect(key: StoreKey, expect: number): Version {
    const head = this.head(key);
    if (!head) throw new KeyMissing(key);
    if (head.revision !== expect) throw new RevisionMismatch(key, expect, head.revision);
    return head;
  }

  #assertWritable(): void {
    if (this.#queue.failure) throw this.#queue.failure;
  }

  #table(resource: string): ResourceTable {
    let table = this.#tables.get(resource);
    if (!table) this.#tables.set(resource, (table = new ResourceTable(resource, this)));
    return table;
  }

  #commit(writes: readonly Write[]): () => void {
    const steps = new Map<ResourceTable, Step[]>();
    let bytes = 0;
    for (const { version, row } of writes) {
      const table = this.#table(version.key.resource);
      const change = table.commit(version);
      const known = steps.get(table);
      if (known) known.push(change);
      else steps.set(table, [change]);
      bytes += row.value?.length ?? 0;
    }
    this.#revision = writes.at(-1)!.version.revision;
    this.#batches++;
    this.#writes += writes.length;
    const marked = this.#floors.note(this.#revision, this.#clock.steady(), bytes);
    return () => {
      for (const [table, changes] of steps) table.hub.publish(changes);
      this.#published = this.#revision;
      this.#onCommit?.();
      if (marked) this.#moveFloors();
    };
  }

  #drop(writes: readonly Write[]): void {
    for (const { version } of writes) this.#table(version.key.resource).drop(version);
  }

  #raiseFloor(revision: number): void {
    // The newest revision can always be listed at and watched from.
    const floor = Math.min(revision, this.#revision - 1);
    if (floor <= this.#floor || this.#floorHeld) return;
    this.#floor = floor;
    for (const table of this.#tables.values()) table.trim(floor);
  }

  #moveFloors(): void {
    const now = this.#clock.steady();
    this.#raiseFloor(this.#floors.floor(this.#history, now));
    const retained = Math.min(this.#floor, this.#floors.floor(this.#retention, now));
    this.#floors.trim(retained);
    if (this.#upkeep || this.#closed) return;
    if (this.#revision - this.#checkpointed >= checkpointRows) {
      // Noted before it is done: one that fails is not tried at every commit.
      this.#checkpointed = this.#revision;
      this.checkpoint().catch((error) => this.#logger.warn('The index checkpoint could not be written', { error }));
      return;
    }
    const rows = retained - this.#log.retained;
    if (rows <= 0) return;
    if (rows < compactRows && now - this.#compactedAt < compactEvery) return;
    this.#compactedAt = now;
    this.#maintain(() => this.#compactLog(retained)).catch((error) =>
      this.#logger.warn('Compaction failed; it is tried again later', { error }),
    );
  }

  async #compactLog(revision: number): Promise<void> {
    if (revision <= this.#log.retained) return;
    await this.#log.compact(revision);
    await this.#saveCheckpoint();
  }

  /** Writes the index checkpoint now, so that the next start need not read the log. */
  checkpoint(): Promise<void> {
    return this.#maintain(() => this.#saveCheckpoint());
  }

  async #saveCheckpoint(): Promise<void> {
    if (!this.#log.readable) return;
    const revision = this.#revision;
    this.#floorHeld = true;
    try {
      const state = {
        tables: [...this.#tables.values()],
        floor: this.#floor,
        revision,
        marks: [...this.#floors.marks],
        offset: this.#clock.wall() - this.#clock.steady(),
      };
      const data = await encodeIndex(state, nextTurn);
      await this.#log.saveCheckpoint({ revision, data });
    } finally {
      this.#floorHeld = false;
    }
  }

  /** Runs one piece of upkeep after another. */
  #maintain(work: () => Promise<void>): Promise<void> {
    const before = this.#upkeep?.catch(() => undefined) ?? Promise.resolve();
    const run = before.then(work).finally(() => {
      if (this.#upkeep === run) this.#upkeep = undefined;
    });
    this.#upkeep = run;
    return run;
  }

  #load(): void {
    const { wall, steady } = { wall: this.#clock.wall(), steady: this.#clock.steady() };
    const add = (key: StoreKey, revision: number, type: RowType, size: number, historic: boolean) => {
      const table = this.#table(key.resource);
      const chain = table.claim(key);
      const ended = type === rowType.delete && size === 0 ? chain.newest : undefined;
      table.load(chain, this.#version(key, revision, type, ended?.size ?? size, ended), historic);
      this.#revision = revision;
    };
    const note = (revision: number, time: number, bytes: number) =>
      this.#floors.note(revision, steady - Math.max(0, wall - time), bytes);
    let from = 0;
    const checkpoint = this.#log.checkpoint();
    const index = checkpoint && decodeIndex(checkpoint.data);
    if (checkpoint && index) {
      index.restore({ add, note });
      this.#floor = index.floor;
      this.#revision = from = checkpoint.revision;
      this.#checkpointed = from;
    }
    this.#log.scan(from, (row: RowHead) => {
      add(parseKey(row.key), row.revision, row.type, row.size, true);
      note(row.revision, row.time, row.size);
    });
    this.#accepted = this.#published = this.#revision;
    this.#raiseFloor(Math.max(this.#log.retained, this.#floors.floor(this.#history, steady)));
    for (const table of this.#tables.values()) table.loaded();
  }
}
