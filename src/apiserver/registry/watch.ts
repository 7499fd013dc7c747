import type { KubeObject } from '../../api/object.ts';
import { badRequest, StatusError } from '../../api/status.ts';
import {
  type Change,
  Compacted,
  type Entry,
  FutureRevision,
  type Watch,
  type WatchOptions,
} from '../../store/store.ts';
import { atRevision } from './at-revision.ts';
import { expiredWatch } from './continue-token.ts';
import { checkListOptions } from './list-options.ts';
import type { Operation, Registry } from './operation.ts';
import { parseRevision, tooLargeRevision } from './revision.ts';
import { selectionOf } from './selection.ts';
import type { Served } from './served.ts';
import { whenReady, working } from './versions.ts';

/**
 * One event of a watch. `entry` is the stored version it shows, where there is one, so that its bytes and frames are
 * shared by all watchers; `object` is set for values made for this watch alone.
 */
export type RawEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly entry: Entry; readonly object?: undefined }
  | { readonly type: 'DELETED'; readonly entry?: undefined; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly entry?: undefined; readonly object: KubeObject };

/** Takes the events of one watch. Must not block or throw. */
export interface RawSink {
  events(events: readonly RawEvent[]): void;
  /** The watch ended; with an error when it broke. */
  end(error?: Error): void;
  /** Asked while the state or the past is sent: resolves when more may come, undefined when it may at once. */
  room?(): Promise<void> | undefined;
}

/** A running watch. */
export interface RunningWatch {
  close(): void;
}

/** Objects handled before other work gets a turn, the bytes of one such stretch, and its milliseconds. */
const sliceSize = 256;
const sliceBytes = 4 * 1024 * 1024;
const sliceTime = 5;
/** Changes of a custom resource that may wait for a conversion webhook before the watch is cut off. */
const maxWaiting = 4096;
const bookmarkInterval = 60_000;
/** Shortest default life of a watch; the longest is twice as long. Source: --min-request-timeout. */
const minTimeout = 1_800_000;

/** GET with watch=true. Throws before the watch stands (400, 410, 504); afterwards everything goes to the sink. */
export function watch(registry: Registry, op: Operation, sink: RawSink): RunningWatch {
  const { options, served } = op;
  checkListOptions(options, true);
  const asked = parseRevision(options.resourceVersion);
  if (asked > registry.store.revision) throw tooLargeRevision(asked, registry.store.revision);
  if (served.custom && asked > 0 && asked < served.custom.since) throw expiredWatch(asked, served.custom.since);
  return new WatchRun(registry, op, sink, asked, served.storage);
}

const tooSlow = () =>
  new StatusError('Expired', 'too old resource version: the conversion webhook does not keep up with this watch');

class WatchRun implements RunningWatch {
  readonly #registry: Registry;
  readonly #op: Operation;
  readonly #sink: RawSink;
  readonly #keeps: ((object: KubeObject) => boolean) | undefined;
  readonly #target: Omit<WatchOptions, 'after'>;
  readonly #timers: { cancel(): void }[] = [];
  #watch: Watch | undefined;
  #closed = false;
  #lastBookmark = 0;
  /** What is being converted, in order; everything behind it waits. */
  #converting: Promise<void> | undefined;
  #waiting = 0;

  constructor(registry: Registry, op: Operation, sink: RawSink, asked: number, storage: string) {
    this.#registry = registry;
    this.#op = op;
    this.#sink = sink;
    const selection = selectionOf(op.served, op.options);
    this.#keeps = selection.keeps;
    if (op.name && op.options.fieldSelector && selection.name !== op.name)
      throw badRequest("fieldSelector metadata.name doesn't match requested name");
    const namespace = op.namespace || selection.namespace;
    const name = op.name || selection.name;
    const { index, watchIndex } = selection;
    this.#target = {
      ...(op.served.namespaced && namespace && { namespace }),
      ...(name && { name }),
      ...((index ?? watchIndex) && { index: (index ?? watchIndex)! }),
    };
    // Source: apimachinery `meta/internalversion`, SetListOptionsDefaults.
    const initial = op.options.sendInitialEvents ?? asked === 0;
    if (initial) this.#sendState(storage, index);
    else this.#follow(asked > 0 ? asked : registry.store.revision);
    this.#armTimeout();
    if (op.options.allowWatchBookmarks) this.#armBookmark();
    const retired = op.served.custom?.retired;
    if (retired?.aborted) setImmediate(this.#retire);
    else retired?.addEventListener('abort', this.#retire);
  }

  /** The definition of the kind has changed: what has happened so far is shown, and the client comes back. */
  readonly #retire = (): void => {
    if (this.#converting) void this.#converting.then(this.#retire);
    else this.#end();
  };

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#op.served.custom?.retired.removeEventListener('abort', this.#retire);
    this.#watch?.close();
    for (const timer of this.#timers) timer.cancel();
  }

  #end(error?: Error): void {
    if (this.#closed) return;
    this.close();
    this.#sink.end(error);
  }

  /** Sends what there is as ADDED, in slices, and then follows from there. */
  #sendState(storage: string, index: WatchOptions['index']): void {
    const { clock } = this.#registry;
    const page = this.#state(storage, index);
    const keeps = this.#keeps;
    const name = this.#target.name;
    let at = 0;
    const slice = () => {
      if (this.#closed) return;
      const started = clock.steady();
      while (at < page.entries.length) {
        const entries = nextSlice(page.entries, at);
        at += entries.length;
        this.#inOrder(
          entries.length,
          () => entries.map((entry) => entry.object),
          () => {
            const events: RawEvent[] = [];
            for (const entry of entries) {
              if (name !== undefined && entry.key.name !== name) continue;
              if (!keeps || keeps(entry.object)) events.push({ type: 'ADDED', entry });
            }
            if (events.length > 0) this.#sink.events(events);
          },
        );
        if (this.#converting) return void this.#converting.then(slice);
        const room = this.#sink.room?.();
        if (room) return void room.then(slice);
        if (at < page.entries.length && clock.steady() - started > sliceTime) return void setImmediate(slice);
      }
      if (this.#op.options.allowWatchBookmarks)
        this.#sendBookmark(page.revision, { 'k8s.io/initial-events-end': 'true' });
      try {
        this.#follow(page.revision);
      } catch (error) {
        this.#end(error as Error);
      }
    };
    // A watch stands before its first event is sent.
    setImmediate(slice);
  }

  #state(storage: string, index: WatchOptions['index']): { entries: readonly Entry[]; revision: number } {
    const { store } = this.#registry;
    const { namespace, name } = this.#target;
    if (name !== undefined && (namespace || !this.#op.served.namespaced)) {
      const entry = store.get({ resource: storage, namespace: namespace ?? '', name });
      return { entries: entry ? [entry] : [], revision: store.revision };
    }
    return store.list(storage, { ...(namespace && { namespace }), ...(index && { index }) });
  }

  #follow(after: number): void {
    try {
      this.#watch = this.#registry.store.watch(
        this.#op.served.storage,
        { ...this.#target, after },
        {
          changes: (changes) => this.#changes(changes),
          end: (error) => this.#end(error),
          room: () => this.#converting ?? this.#sink.room?.(),
        },
      );
      this.#lastBookmark = after;
    } catch (error) {
      if (error instanceof Compacted) throw expiredWatch(after, this.#registry.store.floor + 1);
      if (error instanceof FutureRevision) throw tooLargeRevision(after, this.#registry.store.revision);
      throw error;
    }
  }

  #changes(changes: readonly Change[]): void {
    if (this.#closed) return;
    const objects = () =>
      changes.flatMap(({ entry, previous }) => (previous ? [entry.object, previous.object] : [entry.object]));
    this.#inOrder(changes.length, objects, () => {
      const events: RawEvent[] = [];
      for (const change of changes) {
        const event = this.#keeps ? selected(this.#op.served, change, this.#keeps) : change;
        if (event) events.push(event);
      }
      if (events.length > 0) this.#sink.events(events);
    });
  }

  /** Runs `show` when the objects can be shown and everything before them has been. */
  #inOrder(count: number, objects: () => readonly KubeObject[], show: () => void): void {
    const run = () => (this.#closed ? undefined : whenReady(this.#op.served, objects, show));
    const running = this.#converting ? this.#converting.then(run) : run();
    if (!running) return;
    this.#waiting += count;
    if (this.#waiting > maxWaiting) {
      this.#end(tooSlow());
      return;
    }
    const done = running.then(
      () => {
        this.#waiting -= count;
        if (this.#converting === done) this.#converting = undefined;
      },
      (error) => this.#end(error as Error),
    );
    this.#converting = done;
  }

  #armTimeout(): void {
    const asked = this.#op.options.timeoutSeconds;
    const ms = asked ? asked * 1000 : minTimeout * (1 + this.#registry.ids.random());
    this.#timers[0] = this.#registry.clock.after(ms, () => {
      if (this.#op.options.allowWatchBookmarks && this.#watch) this.#bookmarkProgress();
      this.#end();
    });
  }

  #armBookmark(): void {
    this.#timers[1] = this.#registry.clock.after(bookmarkInterval, () => {
      this.#bookmarkProgress();
      if (!this.#closed) this.#armBookmark();
    });
  }

  #bookmarkProgress(): void {
    const progress = this.#watch?.progress ?? 0;
    // What is still being converted has not been delivered.
    if (this.#closed || this.#converting || progress <= this.#lastBookmark) return;
    this.#sendBookmark(progress);
  }

  #sendBookmark(revision: number, annotations?: Readonly<Record<string, string>>): void {
    this.#lastBookmark = revision;
    const { apiVersion, kind } = this.#op.served;
    const metadata = { resourceVersion: String(revision), ...(annotations && { annotations }) };
    this.#sink.events([{ type: 'BOOKMARK', object: { kind, apiVersion, metadata } }]);
  }
}

/** The entries from `at` on that are sent in one go. */
function nextSlice(entries: readonly Entry[], at: number): readonly Entry[] {
  let end = at;
  for (let bytes = 0; end < entries.length && end - at < sliceSize && bytes < sliceBytes; end++)
    bytes += entries[end]!.size;
  return entries.slice(at, end);
}

/** What a change is to a watcher that sees only what `keeps` accepts: coming into view is ADDED, leaving it DELETED. */
function selected(served: Served, change: Change, keeps: (object: KubeObject) => boolean): RawEvent | undefined {
  const { type, entry, previous } = change;
  const before = previous !== undefined && keeps(previous.object);
  if (type === 'DELETED') return before ? change : undefined;
  const now = keeps(entry.object);
  if (now) return before ? change : { type: 'ADDED', entry };
  // Upstream shows the last state in view, at the revision at which it left.
  return before ? { type: 'DELETED', object: atRevision(working(served, previous.object), entry.revision) } : undefined;
}
