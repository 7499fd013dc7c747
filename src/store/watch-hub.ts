import type { Step } from './history.ts';
import { Compacted, type IndexFunction, type Watch, type WatchOptions, type WatchSink } from './store.ts';

/** How many past changes one turn looks at, and about how many bytes they may hold, so that a long replay holds up nobody. */
const replaySlice = 512;
const replayBytes = 4 * 1024 * 1024;

/** The first of the changes that together are not too large. */
function bounded(steps: readonly Step[]): readonly Step[] {
  let bytes = 0;
  const end = steps.findIndex(({ entry }) => (bytes += entry.size) > replayBytes);
  return end < 0 ? steps : steps.slice(0, end + 1);
}

/** What the hub asks of the store for one resource. */
export interface WatchedResource {
  readonly floor: number;
  /** Everything up to this revision has been handed to the live watchers. */
  readonly published: number;
  after(revision: number, limit: number): readonly Step[];
}

type Buckets = Map<string, Set<Watcher>>;

/** An index while somebody watches by it. */
interface WatchedIndex {
  readonly read: IndexFunction;
  readonly buckets: Buckets;
}

/** Whether the one thing its bucket goes by is all that a watch asks for. */
function isExact({ namespace, name, index }: WatchOptions): boolean {
  return index === undefined || (namespace === undefined && name === undefined);
}

/** One watch: first it reads the past in slices, then it stands in exactly one bucket of its hub. */
class Watcher implements Watch {
  readonly options: WatchOptions;
  readonly sink: WatchSink;
  /** Changes matched in the batch being published. */
  matched: Step[] = [];
  closed = false;
  live = false;
  /** Whether its bucket alone says what it wants. */
  readonly exact: boolean;
  readonly #hub: WatchHub;
  #delivered: number;

  constructor(hub: WatchHub, options: WatchOptions, sink: WatchSink) {
    this.#hub = hub;
    this.options = options;
    this.sink = sink;
    this.exact = isExact(options);
    this.#delivered = options.after;
  }

  get progress(): number {
    return this.live ? Math.max(this.#delivered, this.#hub.resource.published) : this.#delivered;
  }

  /** Delivers one slice of the past; goes live when there is no more. */
  replay(): void {
    if (this.closed) return;
    const { resource } = this.#hub;
    if (this.#delivered < resource.floor) {
      this.end(new Compacted(this.#delivered, resource.floor));
      return;
    }
    const room = this.sink.room?.();
    if (room) {
      void room.then(() => this.replay());
      return;
    }
    const found = resource.after(this.#delivered, replaySlice);
    const past = bounded(found);
    const matched = past.filter((step) => this.#hub.matches(this.options, step));
    const last = past.at(-1);
    if (found.length < replaySlice && past.length === found.length) {
      this.live = true;
      this.#hub.add(this);
    } else setImmediate(() => this.replay());
    if (last) this.#delivered = last.entry.revision;
    if (matched.length > 0) this.sink.changes(matched);
  }

  deliver(): void {
    const changes = this.matched;
    this.matched = [];
    if (!this.closed) this.sink.changes(changes);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#hub.remove(this);
  }

  end(error: Error): void {
    if (this.closed) return;
    this.close();
    this.sink.end?.(error);
  }
}

/** The watchers of one resource, found by what they select: a change costs nothing to watchers it does not concern. */
export class WatchHub {
  readonly resource: WatchedResource;
  readonly #indexes: ReadonlyMap<string, IndexFunction>;
  readonly #watchers = new Set<Watcher>();
  readonly #all = new Set<Watcher>();
  readonly #byNamespace: Buckets = new Map();
  /** By namespace and name, and by the name alone. */
  readonly #byKey: Buckets = new Map();
  readonly #byName: Buckets = new Map();
  readonly #byIndex = new Map<string, WatchedIndex>();

  constructor(resource: WatchedResource, indexes: ReadonlyMap<string, IndexFunction>) {
    this.resource = resource;
    this.#indexes = indexes;
  }

  get size(): number {
    return this.#watchers.size;
  }

  watch(options: WatchOptions, sink: WatchSink): Watch {
    if (options.index) this.#reader(options.index);
    const watcher = new Watcher(this, options, sink);
    this.#watchers.add(watcher);
    setImmediate(() => watcher.replay());
    return watcher;
  }

  /** Hands committed changes, in order, to the watchers they concern. */
  publish(steps: readonly Step[]): void {
    const touched: Watcher[] = [];
    const match = (bucket: Set<Watcher> | undefined, step: Step) => {
      if (!bucket) return;
      for (const watcher of bucket) {
        if (!watcher.exact && !this.matches(watcher.options, step)) continue;
        if (watcher.matched.push(step) === 1) touched.push(watcher);
      }
    };
    for (const step of steps) {
      const { key } = step.entry;
      match(this.#all, step);
      match(this.#byNamespace.get(key.namespace), step);
      if (this.#byKey.size > 0) match(this.#byKey.get(`${key.namespace}/${key.name}`), step);
      match(this.#byName.get(key.name), step);
      for (const { read, buckets } of this.#byIndex.values()) {
        const value = read(step.entry.object);
        const before = step.previous && read(step.previous.object);
        if (value !== undefined) match(buckets.get(value), step);
        if (before !== undefined && before !== value) match(buckets.get(before), step);
      }
    }
    for (const watcher of touched) watcher.deliver();
  }

  /** Whether a watch with these options wants to know of a change. */
  matches(options: WatchOptions, step: Step): boolean {
    const { key } = step.entry;
    if (options.namespace !== undefined && options.namespace !== key.namespace) return false;
    if (options.name !== undefined && options.name !== key.name) return false;
    if (!options.index) return true;
    const read = this.#reader(options.index);
    const { value } = options.index;
    return read(step.entry.object) === value || (step.previous && read(step.previous.object)) === value;
  }

  add(watcher: Watcher): void {
    this.#bucket(watcher.options).add(watcher);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (watcher.live) this.#leave(watcher);
  }

  endAll(error: Error): void {
    for (const watcher of [...this.#watchers]) watcher.end(error);
  }

  #reader({ name, read }: NonNullable<WatchOptions['index']>): IndexFunction {
    const found = read ?? this.#indexes.get(name);
    if (!found) throw new Error(`no index ${name} is defined`);
    return found;
  }

  #bucket(options: WatchOptions): Set<Watcher> {
    const [buckets, value] = this.#address(options);
    if (!buckets) return this.#all;
    let bucket = buckets.get(value);
    if (!bucket) buckets.set(value, (bucket = new Set()));
    return bucket;
  }

  #leave(watcher: Watcher): void {
    const [buckets, value] = this.#address(watcher.options);
    const bucket = this.#bucket(watcher.options);
    bucket.delete(watcher);
    if (bucket.size > 0 || !buckets) return;
    buckets.delete(value);
    const index = watcher.options.index?.name;
    if (index !== undefined && buckets.size === 0 && buckets === this.#byIndex.get(index)?.buckets)
      this.#byIndex.delete(index);
  }

  /** The narrowest table a watch can stand in. The namespace of cluster scope is "". */
  #address({ namespace, name, index }: WatchOptions): [Buckets | undefined, string] {
    if (name !== undefined)
      return namespace === undefined ? [this.#byName, name] : [this.#byKey, `${namespace}/${name}`];
    if (index) {
      let watched = this.#byIndex.get(index.name);
      if (!watched) this.#byIndex.set(index.name, (watched = { read: this.#reader(index), buckets: new Map() }));
      return [watched.buckets, index.value];
    }
    if (namespace !== undefined) return [this.#byNamespace, namespace];
    return [undefined, ''];
  }
}
