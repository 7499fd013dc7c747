import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);
import {
  Compacted,
  FutureRevision,
  KeyExists,
  KeyMissing,
  RevisionMismatch,
  WriteFailed,
  backoffDelay
} from "./chunk-B4LL4QF7.mjs";
import {
  __name
} from "./chunk-IVUMFKUV.mjs";

// src/store/commit-queue.ts
var maxBatchRows = 1024;
var maxBatchBytes = 8 << 20;
var lazyDelay = 1e3;
var probing = { initial: 100, max: 5e3, factor: 2, jitter: 0.1 };
var CommitQueue = class {
  static {
    __name(this, "CommitQueue");
  }
  #options;
  #sink;
  #gathering = [];
  #inFlight = false;
  #scheduled = false;
  #lazyTimer;
  #probeTimer;
  /** How many writes came and how many of them have settled, in order. */
  #pushed = 0;
  #settled = 0;
  #waiters = [];
  #failure;
  #closed = false;
  constructor(options, sink) {
    this.#options = options;
    this.#sink = sink;
  }
  /** Why writes are refused just now. */
  get failure() {
    return this.#failure;
  }
  push(write, lazy) {
    this.#gathering.push(write);
    this.#pushed++;
    if (this.#inFlight || this.#scheduled) return;
    if (lazy) this.#lazyTimer ??= this.#options.clock.after(lazyDelay, () => this.#start());
    else this.#schedule();
  }
  /** Resolves when everything pushed before has settled. */
  flush() {
    if (this.#settled === this.#pushed) return Promise.resolve();
    if (!this.#inFlight) this.#schedule();
    return new Promise((resolve) => this.#waiters.push({ until: this.#pushed, resolve }));
  }
  /** Refuses what comes from now on and settles what came before. */
  async close() {
    this.#closed = true;
    this.#probeTimer?.cancel();
    this.#failure ??= new WriteFailed(new Error("the store is closed"));
    await this.flush();
  }
  /** Refuses all further writes: the file cannot be trusted. */
  poison(cause) {
    this.#closed = true;
    this.#probeTimer?.cancel();
    this.#failure = new WriteFailed(cause);
  }
  /** Commits at the end of this turn, with all that the turn still brings. */
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#start());
  }
  #start() {
    this.#scheduled = false;
    this.#lazyTimer?.cancel();
    this.#lazyTimer = void 0;
    if (this.#inFlight) return;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#inFlight = true;
    this.#options.log.append(batch.map((write) => write.row)).then(
      () => this.#succeed(batch),
      (error) => this.#fail(batch, error)
    );
  }
  #take() {
    let bytes = 0;
    let rows = 0;
    while (rows < this.#gathering.length && rows < maxBatchRows && bytes < maxBatchBytes) {
      bytes += this.#gathering[rows++].row.value?.length ?? 0;
    }
    return this.#gathering.splice(0, rows);
  }
  #succeed(batch) {
    this.#inFlight = false;
    const publish = this.#sink.committed(batch);
    for (const write of batch) write.resolve();
    if (this.#gathering.length > 0) this.#start();
    publish();
    this.#settle(batch.length);
  }
  #fail(batch, cause) {
    this.#inFlight = false;
    const writes = [...batch, ...this.#gathering];
    this.#gathering = [];
    this.#failure = new WriteFailed(cause);
    this.#options.logger.error("The store takes no writes: a batch could not be made durable", {
      error: cause instanceof Error ? cause : String(cause),
      writes: writes.length
    });
    this.#sink.dropped(writes);
    for (const write of writes) write.reject(this.#failure);
    this.#settle(writes.length);
    this.#probe(1);
  }
  #probe(attempt) {
    if (this.#closed) return;
    const { clock, ids, log, logger } = this.#options;
    this.#probeTimer = clock.after(backoffDelay(probing, attempt, ids), () => {
      log.recover(this.#options.revision()).then(
        () => {
          if (this.#closed) return;
          this.#failure = void 0;
          logger.info("The store takes writes again", { attempts: attempt });
        },
        () => this.#probe(attempt + 1)
      );
    });
  }
  #settle(writes) {
    this.#settled += writes;
    while (this.#waiters[0] && this.#waiters[0].until <= this.#settled) this.#waiters.shift().resolve();
  }
};

// src/store/encode.ts
function encodeAt(object, revision) {
  object.metadata.resourceVersion = String(revision);
  return encode(object);
}
__name(encodeAt, "encodeAt");
function encode(object) {
  const json = JSON.stringify(object);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return bytes;
}
__name(encode, "encode");
function deepFreeze(value) {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const name in value) deepFreeze(value[name]);
  return Object.freeze(value);
}
__name(deepFreeze, "deepFreeze");
function atRevision(object, revision) {
  return Object.freeze({
    ...object,
    metadata: Object.freeze({ ...object.metadata, resourceVersion: String(revision) })
  });
}
__name(atRevision, "atRevision");
var quote = 34;
var backslash = 92;
var open = 123;
var close = 125;
var openList = 91;
var closeList = 93;
var colon = 58;
var metadataName = Buffer.from('"metadata"');
function metadataRange(bytes) {
  let depth = 0;
  let start = -1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      if (start < 0 && depth === 1 && bytes[end] === colon && end - at === metadataName.length) {
        if (bytes.compare(metadataName, 0, metadataName.length, at, end) === 0) start = end + 1;
      }
      at = end - 1;
    } else if (byte === open || byte === openList) depth++;
    else if (byte === close || byte === closeList) {
      depth--;
      if (start >= 0 && depth === 1) return { start, end: at + 1 };
    }
  }
  return void 0;
}
__name(metadataRange, "metadataRange");
function stringEnd(bytes, at) {
  let end = at;
  for (; ; ) {
    end = bytes.indexOf(quote, end + 1);
    if (end < 0) return bytes.length;
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}
__name(stringEnd, "stringEnd");

// src/store/floors.ts
var markEvery = 1e3;
var Floors = class {
  static {
    __name(this, "Floors");
  }
  #marks = [];
  #bytes = 0;
  #revision = 0;
  /** Notes rows written. Returns whether a mark was set: the moment to look at the floors. */
  note(revision, at, bytes) {
    this.#bytes += bytes;
    this.#revision = revision;
    const last = this.#marks.at(-1);
    if (last && at - last.at < markEvery) return false;
    this.#marks.push({ revision, at, bytes: this.#bytes });
    return true;
  }
  /** The newest revision that lies beyond `reach`; 0 when none does. */
  floor(reach, now) {
    let floor = 0;
    for (const mark of this.#marks) {
      const beyond = now - mark.at > reach.ms || this.#revision - mark.revision > reach.rows || this.#bytes - mark.bytes > reach.bytes;
      if (!beyond) break;
      floor = mark.revision;
    }
    return Math.max(floor, this.#revision - 2 * reach.rows);
  }
  /** Forgets marks below `revision`. */
  trim(revision) {
    const kept = this.#marks.findIndex((mark) => mark.revision >= revision);
    if (kept > 0) this.#marks.splice(0, kept);
  }
  get marks() {
    return this.#marks;
  }
};

// src/store/index-checkpoint.ts
import { deserialize, serialize } from "node:v8";

// src/store/log.ts
var rowType = { create: 0, update: 1, delete: 2 };

// src/store/index-checkpoint.ts
var format = 2;
var chunkLength = 4096;
function storedSize(version) {
  return version.ended ? 0 : version.size;
}
__name(storedSize, "storedSize");
async function encodeIndex(state, pause) {
  const parts = [];
  const write = /* @__PURE__ */ __name((chunk) => {
    const bytes = serialize(chunk);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(length, bytes);
    return pause();
  }, "write");
  await write(header(state));
  let first = 0;
  for (const table of state.tables) {
    const steps = table.steps().filter(({ entry }) => entry.revision <= state.revision);
    const chains = [...table.chains()].filter(({ newest }) => newest !== void 0);
    const positions = /* @__PURE__ */ new Map();
    for (let at = 0; at < chains.length; at += chunkLength) {
      const slice = chains.slice(at, at + chunkLength);
      slice.forEach(({ key }, i) => void positions.set(key, first + at + i));
      await write(keysOf(table.resource, slice, state.floor));
    }
    for (let at = 0; at < steps.length; at += chunkLength) {
      const versions = steps.slice(at, at + chunkLength).map(({ entry }) => entry);
      await write(stepsOf(versions, positions));
    }
    first += chains.length;
  }
  return Buffer.concat(parts);
}
__name(encodeIndex, "encodeIndex");
function header({ floor, marks, offset }) {
  return {
    kind: "header",
    format,
    floor,
    marks: marks.map((mark, at) => ({
      revision: mark.revision,
      time: mark.at + offset,
      bytes: mark.bytes - (marks[at - 1]?.bytes ?? 0)
    }))
  };
}
__name(header, "header");
function keysOf(resource, chains, floor) {
  const revisions = new Float64Array(chains.length);
  const sizes = new Uint32Array(chains.length);
  const names = [];
  chains.forEach((chain, i) => {
    names.push(chain.key.namespace, chain.key.name);
    const base = chain.older?.[0] ?? chain.newest;
    if (base.revision > floor || base.deleted) return;
    revisions[i] = base.revision;
    sizes[i] = storedSize(base);
  });
  return { kind: "keys", resource, names, revisions, sizes };
}
__name(keysOf, "keysOf");
function stepsOf(versions, positions) {
  return {
    kind: "steps",
    revisions: Float64Array.from(versions, ({ revision }) => revision),
    keys: Uint32Array.from(versions, ({ key }) => positions.get(key)),
    types: Uint8Array.from(versions, ({ type }) => type),
    sizes: Uint32Array.from(versions, storedSize)
  };
}
__name(stepsOf, "stepsOf");
function decodeIndex(data) {
  let chunks;
  try {
    chunks = [...chunksOf(data)];
  } catch {
    return void 0;
  }
  const head = chunks[0];
  if (head?.kind !== "header" || head.format !== format) return void 0;
  return { floor: head.floor, restore: /* @__PURE__ */ __name((reader) => restore(chunks, reader), "restore") };
}
__name(decodeIndex, "decodeIndex");
function* chunksOf(data) {
  for (let at = 0; at < data.length; ) {
    const end = at + 4 + data.readUInt32LE(at);
    yield deserialize(data.subarray(at + 4, end));
    at = end;
  }
}
__name(chunksOf, "chunksOf");
function restore(chunks, reader) {
  const keys = [];
  for (const chunk of chunks) {
    if (chunk.kind === "header") {
      for (const mark of chunk.marks) reader.note(mark.revision, mark.time, mark.bytes);
    } else if (chunk.kind === "keys") {
      const { resource, names, revisions, sizes } = chunk;
      for (let i = 0; i < revisions.length; i++) {
        const key = { resource, namespace: names[2 * i], name: names[2 * i + 1] };
        keys.push(key);
        if (revisions[i] > 0) reader.add(key, revisions[i], rowType.create, sizes[i], false);
      }
    } else {
      const { revisions, types, sizes } = chunk;
      for (let i = 0; i < revisions.length; i++) {
        reader.add(keys[chunk.keys[i]], revisions[i], types[i], sizes[i], true);
      }
    }
  }
}
__name(restore, "restore");

// src/store/history.ts
var slack = 1024;
var History = class {
  static {
    __name(this, "History");
  }
  #steps = [];
  #start = 0;
  push(step2) {
    this.#steps.push(step2);
  }
  /** Up to `limit` changes with a revision greater than `revision`. */
  after(revision, limit) {
    let low = this.#start;
    let high = this.#steps.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#steps[middle].entry.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#steps.slice(low, low + limit);
  }
  /** Forgets changes at or below `floor`, handing each to `visit`. */
  dropThrough(floor, visit) {
    while (this.#start < this.#steps.length && this.#steps[this.#start].entry.revision <= floor) {
      visit(this.#steps[this.#start]);
      this.#start++;
    }
    if (this.#start < slack && this.#start < this.#steps.length) return;
    this.#steps = this.#steps.slice(this.#start);
    this.#start = 0;
  }
};

// src/store/key-index.ts
var maxChunk = 512;
function compare(a, namespace, name) {
  if (a.namespace !== namespace) return a.namespace < namespace ? -1 : 1;
  if (a.name !== name) return a.name < name ? -1 : 1;
  return 0;
}
__name(compare, "compare");
function lives(chain) {
  return chain.newest !== void 0 && !chain.newest.deleted;
}
__name(lives, "lives");
var KeyIndex = class {
  static {
    __name(this, "KeyIndex");
  }
  #chunks = [];
  /** Fills an empty index. The chains may come in any order. */
  load(chains) {
    chains.sort((a, b) => compare(a.key, b.key.namespace, b.key.name));
    for (let at = 0; at < chains.length; at += maxChunk / 2) {
      const items = chains.slice(at, at + maxChunk / 2);
      this.#chunks.push({ items, live: items.filter(lives).length });
    }
  }
  /** Adds a chain that is not in the index yet. It does not count as live before `adjust`. */
  insert(chain) {
    const { namespace, name } = chain.key;
    if (this.#chunks.length === 0) {
      this.#chunks.push({ items: [chain], live: 0 });
      return;
    }
    const at = this.#chunkOf(namespace, name);
    const chunk = this.#chunks[at];
    chunk.items.splice(position(chunk, namespace, name), 0, chain);
    if (chunk.items.length > maxChunk) this.#split(at);
  }
  remove(chain) {
    const { namespace, name } = chain.key;
    const at = this.#chunkOf(namespace, name);
    const chunk = this.#chunks[at];
    if (!chunk) return;
    const index = position(chunk, namespace, name);
    if (chunk.items[index] !== chain) return;
    chunk.items.splice(index, 1);
    if (chunk.items.length === 0) this.#chunks.splice(at, 1);
  }
  /** Notes that a chain came to life (1) or died (-1). */
  adjust(chain, by) {
    this.#chunks[this.#chunkOf(chain.key.namespace, chain.key.name)].live += by;
  }
  /** The chains from (namespace, name) on, that key included unless `exclusive`. */
  *from(namespace, name, exclusive) {
    if (this.#chunks.length === 0) return;
    let at = this.#chunkOf(namespace, name);
    let index = position(this.#chunks[at], namespace, name);
    const first = this.#chunks[at].items[index];
    if (exclusive && first && compare(first.key, namespace, name) === 0) index++;
    for (; at < this.#chunks.length; at++, index = 0) {
      const items = this.#chunks[at].items;
      for (; index < items.length; index++) yield items[index];
    }
  }
  /** How many live keys sort at or before (namespace, name). */
  rank(namespace, name) {
    if (this.#chunks.length === 0) return 0;
    const at = this.#chunkOf(namespace, name);
    let rank = 0;
    for (let i = 0; i < at; i++) rank += this.#chunks[i].live;
    for (const chain of this.#chunks[at].items) {
      if (compare(chain.key, namespace, name) > 0) break;
      if (lives(chain)) rank++;
    }
    return rank;
  }
  /** The last chunk whose first key is not greater; the first chunk when all are. */
  #chunkOf(namespace, name) {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (compare(this.#chunks[middle].items[0].key, namespace, name) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  #split(at) {
    const chunk = this.#chunks[at];
    const items = chunk.items.splice(chunk.items.length >> 1);
    const live = items.filter(lives).length;
    chunk.live -= live;
    this.#chunks.splice(at + 1, 0, { items, live });
  }
};
function position(chunk, namespace, name) {
  let low = 0;
  let high = chunk.items.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (compare(chunk.items[middle].key, namespace, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
__name(position, "position");

// src/store/watch-hub.ts
var replaySlice = 512;
function nameOnly(options) {
  return options.name !== void 0 && options.namespace === void 0;
}
__name(nameOnly, "nameOnly");
var Watcher = class {
  static {
    __name(this, "Watcher");
  }
  options;
  sink;
  /** Changes matched in the batch being published. */
  matched = [];
  closed = false;
  live = false;
  /** Whether its bucket alone says what it wants. */
  exact;
  #hub;
  #delivered;
  constructor(hub, options, sink) {
    this.#hub = hub;
    this.options = options;
    this.sink = sink;
    this.exact = options.index ? options.namespace === void 0 && options.name === void 0 : !nameOnly(options);
    this.#delivered = options.after;
  }
  get progress() {
    return this.live ? Math.max(this.#delivered, this.#hub.resource.published) : this.#delivered;
  }
  /** Delivers one slice of the past; goes live when there is no more. */
  replay() {
    if (this.closed) return;
    const { resource } = this.#hub;
    if (this.#delivered < resource.floor) {
      this.end(new Compacted(this.#delivered, resource.floor));
      return;
    }
    const past = resource.after(this.#delivered, replaySlice);
    const matched = past.filter((step2) => this.#hub.matches(this.options, step2));
    const last = past.at(-1);
    if (past.length < replaySlice) {
      this.live = true;
      this.#hub.add(this);
    } else setImmediate(() => this.replay());
    if (last) this.#delivered = last.entry.revision;
    if (matched.length > 0) this.sink.changes(matched);
  }
  deliver() {
    const changes = this.matched;
    this.matched = [];
    if (!this.closed) this.sink.changes(changes);
  }
  close() {
    if (this.closed) return;
    this.closed = true;
    this.#hub.remove(this);
  }
  end(error) {
    if (this.closed) return;
    this.close();
    this.sink.end?.(error);
  }
};
var WatchHub = class {
  static {
    __name(this, "WatchHub");
  }
  resource;
  #indexes;
  #watchers = /* @__PURE__ */ new Set();
  #all = /* @__PURE__ */ new Set();
  #byNamespace = /* @__PURE__ */ new Map();
  #byName = /* @__PURE__ */ new Map();
  #byIndex = /* @__PURE__ */ new Map();
  constructor(resource, indexes) {
    this.resource = resource;
    this.#indexes = indexes;
  }
  get size() {
    return this.#watchers.size;
  }
  watch(options, sink) {
    if (options.index && !this.#indexes.has(options.index.name)) {
      throw new Error(`no index ${options.index.name} is defined`);
    }
    const watcher = new Watcher(this, options, sink);
    this.#watchers.add(watcher);
    setImmediate(() => watcher.replay());
    return watcher;
  }
  /** Hands committed changes, in order, to the watchers they concern. */
  publish(steps) {
    const touched = [];
    const match = /* @__PURE__ */ __name((bucket, step2) => {
      if (!bucket) return;
      for (const watcher of bucket) {
        if (!watcher.exact && !this.matches(watcher.options, step2)) continue;
        if (watcher.matched.push(step2) === 1) touched.push(watcher);
      }
    }, "match");
    for (const step2 of steps) {
      const { key } = step2.entry;
      match(this.#all, step2);
      match(this.#byNamespace.get(key.namespace), step2);
      match(this.#byName.get(`${key.namespace}/${key.name}`), step2);
      for (const [name, buckets] of this.#byIndex) {
        const value = this.#indexed(name, step2.entry);
        const before = this.#indexed(name, step2.previous);
        if (value !== void 0) match(buckets.get(value), step2);
        if (before !== void 0 && before !== value) match(buckets.get(before), step2);
      }
    }
    for (const watcher of touched) watcher.deliver();
  }
  /** Whether a watch with these options wants to know of a change. */
  matches(options, step2) {
    const { key } = step2.entry;
    if (options.namespace !== void 0 && options.namespace !== key.namespace) return false;
    if (options.name !== void 0 && options.name !== key.name) return false;
    if (!options.index) return true;
    const { name, value } = options.index;
    return this.#indexed(name, step2.entry) === value || this.#indexed(name, step2.previous) === value;
  }
  add(watcher) {
    this.#bucket(watcher.options).add(watcher);
  }
  remove(watcher) {
    this.#watchers.delete(watcher);
    if (watcher.live) this.#leave(watcher);
  }
  endAll(error) {
    for (const watcher of [...this.#watchers]) watcher.end(error);
  }
  #indexed(name, version) {
    return version && this.#indexes.get(name)(version.object);
  }
  #bucket(options) {
    const [buckets, value] = this.#address(options);
    if (!buckets) return this.#all;
    let bucket = buckets.get(value);
    if (!bucket) buckets.set(value, bucket = /* @__PURE__ */ new Set());
    return bucket;
  }
  #leave(watcher) {
    const [buckets, value] = this.#address(watcher.options);
    const bucket = this.#bucket(watcher.options);
    bucket.delete(watcher);
    if (bucket.size > 0 || !buckets) return;
    buckets.delete(value);
    const index = watcher.options.index?.name;
    if (index !== void 0 && buckets.size === 0 && buckets === this.#byIndex.get(index)) this.#byIndex.delete(index);
  }
  /** The narrowest table a watch can stand in. Names are exact, so they need the namespace, which is "" for cluster scope. */
  #address(options) {
    if (options.name !== void 0 && options.namespace !== void 0 && !options.index) {
      return [this.#byName, `${options.namespace}/${options.name}`];
    }
    if (options.index) {
      let buckets = this.#byIndex.get(options.index.name);
      if (!buckets) this.#byIndex.set(options.index.name, buckets = /* @__PURE__ */ new Map());
      return [buckets, options.index.value];
    }
    if (options.namespace !== void 0) return [this.#byNamespace, options.namespace];
    return [void 0, ""];
  }
};

// src/store/resource-table.ts
var afterNames = "\u{10FFFF}";
var ResourceTable = class {
  static {
    __name(this, "ResourceTable");
  }
  resource;
  hub;
  #revisions;
  #chains = /* @__PURE__ */ new Map();
  #keys = new KeyIndex();
  #history = new History();
  #counts = /* @__PURE__ */ new Map();
  #indexes = /* @__PURE__ */ new Map();
  /** Live chains by index name and value; a name is filled at its first use in a list. */
  #indexed = /* @__PURE__ */ new Map();
  #live = 0;
  constructor(resource, revisions) {
    this.resource = resource;
    this.#revisions = revisions;
    this.hub = new WatchHub(this, this.#indexes);
  }
  get floor() {
    return this.#revisions.floor;
  }
  get published() {
    return this.#revisions.published;
  }
  after(revision, limit) {
    return this.#history.after(revision, limit);
  }
  defineIndex(name, value) {
    this.#indexes.set(name, value);
  }
  chain(key) {
    return this.#chains.get(`${key.namespace}/${key.name}`);
  }
  /** The chain of a key, made where there is none. */
  claim(key) {
    const id = `${key.namespace}/${key.name}`;
    let chain = this.#chains.get(id);
    if (!chain) {
      chain = {
        key: { resource: this.resource, namespace: key.namespace, name: key.name },
        pending: void 0,
        newest: void 0,
        older: void 0
      };
      this.#chains.set(id, chain);
    }
    return chain;
  }
  /** All chains, in no order. */
  chains() {
    return this.#chains.values();
  }
  /** Everything in the history. */
  steps() {
    return this.#history.after(0, Number.MAX_SAFE_INTEGER);
  }
  /** Makes `version` the newest committed one of its chain, without order and counts: for `loaded` to finish. */
  load(chain, version, historic) {
    const previous = chain.newest;
    if (historic) {
      this.#history.push(step(version, previous));
      if (previous) (chain.older ??= []).push(previous);
    }
    chain.newest = version;
  }
  /** Puts what was loaded in order. */
  loaded() {
    const chains = [...this.#chains.values()];
    this.#keys.load(chains);
    for (const chain of chains) if (lives(chain)) this.#count(chain, 1);
  }
  commit(version) {
    const chain = this.claim(version.key);
    if (chain.pending === version) chain.pending = void 0;
    const previous = chain.newest;
    if (!previous) this.#keys.insert(chain);
    else (chain.older ??= []).push(previous);
    const alive = lives(chain);
    const change = step(version, previous);
    chain.newest = version;
    this.#history.push(change);
    if (version.deleted !== !alive) {
      this.#keys.adjust(chain, alive ? -1 : 1);
      this.#count(chain, alive ? -1 : 1);
    }
    this.#reindex(chain, change);
    return change;
  }
  /** Forgets a write that will never be durable. */
  drop(version) {
    const chain = this.chain(version.key);
    if (!chain) return;
    chain.pending = void 0;
    if (!chain.newest) this.#chains.delete(`${chain.key.namespace}/${chain.key.name}`);
  }
  /** Forgets history at or below `floor`, and the versions only that history could show. */
  trim(floor) {
    this.#history.dropThrough(floor, ({ entry }) => {
      const chain = this.chain(entry.key);
      if (!chain) return;
      const { older } = chain;
      if (older) {
        const needed = older.findIndex((_, at) => (older[at + 1] ?? chain.newest).revision > floor);
        if (needed < 0) chain.older = void 0;
        else if (needed > 0) older.splice(0, needed);
      }
      if (chain.older || !chain.newest?.deleted || chain.newest.revision > floor) return;
      this.#keys.remove(chain);
      chain.newest = void 0;
      if (!chain.pending) this.#chains.delete(`${chain.key.namespace}/${chain.key.name}`);
    });
  }
  count(namespace) {
    return namespace === void 0 ? this.#live : this.#counts.get(namespace) ?? 0;
  }
  list(options) {
    const { revision: newest, floor } = this.#revisions;
    const revision = options.revision ?? newest;
    if (revision > newest) throw new FutureRevision(revision, newest);
    if (revision !== newest && revision <= floor) throw new Compacted(revision, floor);
    const indexed = options.index && revision === newest ? this.#byIndex(options.index) : void 0;
    const chains = indexed ? inOrder(indexed, options) : this.#range(options);
    const wanted = this.#wanted(options, indexed === void 0);
    const limit = options.limit ?? Number.MAX_SAFE_INTEGER;
    const entries = [];
    let more = false;
    for (const chain of chains) {
      const version = visible(chain, revision);
      if (!version || wanted && !wanted(version)) continue;
      if (entries.length === limit) {
        more = true;
        break;
      }
      entries.push(version);
    }
    const last = entries.at(-1);
    const exact = more && !wanted && !indexed && last !== void 0;
    return {
      entries,
      revision,
      more,
      remaining: exact ? this.#remaining(last.key, options.namespace, revision) : void 0
    };
  }
  *#range(options) {
    const { namespace, after } = options;
    const start = after ?? { namespace: namespace ?? "", name: "" };
    for (const chain of this.#keys.from(start.namespace, start.name, after !== void 0)) {
      if (namespace !== void 0 && chain.key.namespace !== namespace) {
        if (chain.key.namespace > namespace) return;
        continue;
      }
      yield chain;
    }
  }
  #wanted(options, filterIndex) {
    const { keep, index } = options;
    if (!index || !filterIndex) return keep;
    const value = this.#indexFunction(index.name);
    return (version) => value(version.object) === index.value && (!keep || keep(version));
  }
  /** How many keys lived at `revision` after `key`: those that live now, minus what changed since. */
  #remaining(key, namespace, revision) {
    const end = namespace === void 0 ? this.#live : this.#keys.rank(namespace, afterNames);
    let remaining = end - this.#keys.rank(key.namespace, key.name);
    const follows = /* @__PURE__ */ __name((other) => (namespace === void 0 || other.namespace === namespace) && (other.namespace === key.namespace ? other.name > key.name : other.namespace > key.namespace), "follows");
    for (const { type, entry } of this.#history.after(revision, Number.MAX_SAFE_INTEGER)) {
      if (type !== "MODIFIED" && follows(entry.key)) remaining += type === "ADDED" ? -1 : 1;
    }
    return remaining;
  }
  #count(chain, by) {
    const { namespace } = chain.key;
    this.#live += by;
    const count = (this.#counts.get(namespace) ?? 0) + by;
    if (count === 0) this.#counts.delete(namespace);
    else this.#counts.set(namespace, count);
  }
  #indexFunction(name) {
    const value = this.#indexes.get(name);
    if (!value) throw new Error(`no index ${name} is defined for ${this.resource}`);
    return value;
  }
  #byIndex(index) {
    let values = this.#indexed.get(index.name);
    if (!values) {
      const indexValue = this.#indexFunction(index.name);
      this.#indexed.set(index.name, values = /* @__PURE__ */ new Map());
      for (const chain of this.#chains.values()) {
        if (lives(chain)) enter(values, indexValue(chain.newest.object), chain);
      }
    }
    return values.get(index.value) ?? /* @__PURE__ */ new Set();
  }
  #reindex(chain, change) {
    for (const [name, values] of this.#indexed) {
      const indexValue = this.#indexFunction(name);
      const before = change.previous && change.type !== "ADDED" ? indexValue(change.previous.object) : void 0;
      const after = change.type === "DELETED" ? void 0 : indexValue(change.entry.object);
      if (before === after) continue;
      if (before !== void 0) leave(values, before, chain);
      enter(values, after, chain);
    }
  }
};
function step(entry, previous) {
  const before = previous?.deleted ? void 0 : previous;
  return { type: entry.deleted ? "DELETED" : before ? "MODIFIED" : "ADDED", entry, previous: before };
}
__name(step, "step");
function visible(chain, revision) {
  let version = chain.newest;
  if (version && version.revision > revision) version = chain.older?.findLast((older) => older.revision <= revision);
  return version && !version.deleted ? version : void 0;
}
__name(visible, "visible");
function enter(values, value, chain) {
  if (value === void 0) return;
  const chains = values.get(value);
  if (chains) chains.add(chain);
  else values.set(value, /* @__PURE__ */ new Set([chain]));
}
__name(enter, "enter");
function leave(values, value, chain) {
  const chains = values.get(value);
  chains?.delete(chain);
  if (chains?.size === 0) values.delete(value);
}
__name(leave, "leave");
function inOrder(chains, { namespace, after }) {
  const follows = /* @__PURE__ */ __name(({ key }) => !after || (key.namespace === after.namespace ? key.name > after.name : key.namespace > after.namespace), "follows");
  return [...chains].filter((chain) => (namespace === void 0 || chain.key.namespace === namespace) && follows(chain)).sort(
    (a, b) => a.key.namespace === b.key.namespace ? a.key.name < b.key.name ? -1 : 1 : a.key.namespace < b.key.namespace ? -1 : 1
  );
}
__name(inOrder, "inOrder");

// src/store/row-key.ts
function rowKey(key) {
  return `${key.resource}/${key.namespace}/${key.name}`;
}
__name(rowKey, "rowKey");
function parseKey(text) {
  const first = text.indexOf("/");
  const second = text.indexOf("/", first + 1);
  return { resource: text.slice(0, first), namespace: text.slice(first + 1, second), name: text.slice(second + 1) };
}
__name(parseKey, "parseKey");

// src/store/store-options.ts
var firstRevision = 1;
var minute = 6e4;
var mebibyte = 1 << 20;
var historyReach = { ms: 5 * minute, rows: 1e5, bytes: 64 * mebibyte };
var retentionReach = { ms: 60 * minute, rows: Number.MAX_SAFE_INTEGER, bytes: 256 * mebibyte };
var objectCacheBytes = 32 * mebibyte;
var bytesCacheBytes = 256 * mebibyte;
var compactRows = 1e4;
var compactEvery = 10 * minute;

// src/store/aging.ts
var releasedPerUse = 4;
var Aging = class {
  static {
    __name(this, "Aging");
  }
  generation = 1;
  #facet;
  #half;
  #bytes = 0;
  #young = [];
  #old = [];
  #expired = [];
  /** `bytes` is what both generations together may hold, as the items count it. If infinite, nothing is kept track of. */
  constructor(bytes, facet) {
    this.#half = bytes / 2;
    this.#facet = facet;
  }
  /** Notes the first use of `item` in this generation. */
  use(item, bytes) {
    this.#facet.mark(item, this.generation);
    if (this.#half === Number.POSITIVE_INFINITY) return;
    this.#young.push(item);
    this.#bytes += bytes;
    this.#release(releasedPerUse);
    if (this.#bytes < this.#half) return;
    this.#release(this.#expired.length);
    this.#expired = this.#old;
    this.#old = this.#young;
    this.#young = [];
    this.#bytes = 0;
    this.generation++;
  }
  #release(count) {
    for (let i = 0; i < count; i++) {
      const item = this.#expired.pop();
      if (item === void 0) return;
      if (this.#facet.stamp(item) < this.generation - 1) this.#facet.release(item);
    }
  }
};

// src/store/version.ts
var VersionSource = class {
  static {
    __name(this, "VersionSource");
  }
  read;
  objects;
  bytes;
  /** `objectBytes` and `bytes` bound parsed values and kept JSON, both counted in bytes of JSON. */
  constructor(read, objectBytes, bytes) {
    this.read = read;
    this.objects = new Aging(objectBytes, {
      stamp: /* @__PURE__ */ __name((version) => version.objectStamp, "stamp"),
      mark: /* @__PURE__ */ __name((version, generation) => void (version.objectStamp = generation), "mark"),
      release: /* @__PURE__ */ __name((version) => version.releaseObject(), "release")
    });
    this.bytes = new Aging(bytes, {
      stamp: /* @__PURE__ */ __name((version) => version.bytesStamp, "stamp"),
      mark: /* @__PURE__ */ __name((version, generation) => void (version.bytesStamp = generation), "mark"),
      release: /* @__PURE__ */ __name((version) => version.releaseBytes(), "release")
    });
  }
};
var Version = class {
  static {
    __name(this, "Version");
  }
  key;
  revision;
  type;
  /** Bytes of the stored JSON; of a tombstone without a last state, those of the version it ended. */
  size;
  /** Of a tombstone without a stored last state: the version it ended. */
  ended;
  objectStamp = 0;
  bytesStamp = 0;
  #source;
  #bytes;
  #object;
  /** After release: informers may still hold the value, and must go on sharing it with later readers. */
  #weak;
  constructor(source, key, revision, type, size, ended) {
    this.#source = source;
    this.key = key;
    this.revision = revision;
    this.type = type;
    this.size = size;
    this.ended = ended;
  }
  /** Takes the value the writer has at hand, frozen, and its JSON where it was encoded. */
  hold(object, bytes) {
    this.#object = object;
    this.#source.objects.use(this, this.size);
    if (bytes) {
      this.#bytes = bytes;
      this.#source.bytes.use(this, this.size);
    }
    return this;
  }
  get deleted() {
    return this.type === rowType.delete;
  }
  get bytes() {
    if (this.#bytes && this.bytesStamp === this.#source.bytes.generation) return this.#bytes;
    this.#bytes ??= this.#encoded();
    this.#source.bytes.use(this, this.size);
    return this.#bytes;
  }
  get object() {
    if (this.#object && this.objectStamp === this.#source.objects.generation) return this.#object;
    this.#object ??= this.#weak?.deref() ?? this.#decoded();
    this.#weak = void 0;
    this.#source.objects.use(this, this.size);
    return this.#object;
  }
  get metadataRange() {
    return metadataRange(this.bytes);
  }
  releaseObject() {
    if (!this.#object) return;
    this.#weak = new WeakRef(this.#object);
    this.#object = void 0;
  }
  releaseBytes() {
    this.#bytes = void 0;
  }
  #encoded() {
    if (this.ended) return encode(this.object);
    const bytes = this.#source.read(this.key, this.revision);
    if (!bytes) throw new Error(`the value of revision ${this.revision} (${this.key.resource}) is not in the log`);
    return bytes;
  }
  #decoded() {
    if (this.ended) return atRevision(this.ended.object, this.revision);
    return deepFreeze(JSON.parse(this.bytes.toString()));
  }
};

// src/store/revision-store.ts
var nextTurn = /* @__PURE__ */ __name(() => new Promise((resolve) => void setImmediate(resolve)), "nextTurn");
var RevisionStore = class {
  static {
    __name(this, "RevisionStore");
  }
  #log;
  #clock;
  #logger;
  #codec;
  #source;
  #queue;
  #tables = /* @__PURE__ */ new Map();
  #floors = new Floors();
  #history;
  #retention;
  #accepted = firstRevision;
  #revision = firstRevision;
  #published = firstRevision;
  #floor = 0;
  /** While the index is being written down its history must stay. */
  #floorHeld = false;
  #batches = 0;
  #writes = 0;
  #upkeep;
  #compactedAt;
  #closed = false;
  #onClose;
  constructor(options) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#codec = options.codec;
    const { log, codec } = options;
    const read = /* @__PURE__ */ __name((key, revision) => {
      const value = log.read(revision);
      return value && codec.decode(rowKey(key), value);
    }, "read");
    const bytes = log.readable ? options.cache?.bytes ?? bytesCacheBytes : Number.POSITIVE_INFINITY;
    this.#source = new VersionSource(read, options.cache?.objects ?? objectCacheBytes, bytes);
    this.#history = {
      ...historyReach,
      ...log.readable ? { bytes: Number.POSITIVE_INFINITY } : {},
      ...options.history
    };
    this.#retention = { ...retentionReach, ...options.retention };
    this.#queue = new CommitQueue(
      { log, clock: options.clock, ids: options.ids, logger: options.logger, revision: /* @__PURE__ */ __name(() => this.#revision, "revision") },
      { committed: /* @__PURE__ */ __name((writes) => this.#commit(writes), "committed"), dropped: /* @__PURE__ */ __name((writes) => this.#drop(writes), "dropped") }
    );
    this.#onClose = options.onClose;
    this.#compactedAt = options.clock.steady();
    this.#load();
  }
  get revision() {
    return this.#revision;
  }
  get floor() {
    return this.#floor;
  }
  /** Everything up to this revision has been handed to live watchers. */
  get published() {
    return this.#published;
  }
  get stats() {
    let watchers = 0;
    for (const table of this.#tables.values()) watchers += table.hub.size;
    return {
      revision: this.#revision,
      floor: this.#floor,
      retained: this.#log.retained,
      batches: this.#batches,
      writes: this.#writes,
      watchers,
      readOnly: this.#queue.failure !== void 0
    };
  }
  head(key) {
    const chain = this.#tables.get(key.resource)?.chain(key);
    const version = chain?.pending ?? chain?.newest;
    return version && !version.deleted ? version : void 0;
  }
  get(key) {
    const version = this.#tables.get(key.resource)?.chain(key)?.newest;
    return version && !version.deleted ? version : void 0;
  }
  list(resource, options = {}) {
    return this.#table(resource).list(options);
  }
  count(resource, namespace) {
    return this.#tables.get(resource)?.count(namespace) ?? 0;
  }
  async create(key, object, options) {
    if (this.head(key)) throw new KeyExists(key);
    return this.#put(key, object, 0, options);
  }
  async update(key, object, expect, options) {
    return this.#put(key, object, this.#expect(key, expect).revision, options);
  }
  async delete(key, expect, options) {
    const head = this.#expect(key, expect);
    this.#assertWritable();
    const revision = ++this.#accepted;
    const last = options?.lastState;
    if (!last) {
      const version2 = this.#version(key, revision, rowType.delete, head.size, head);
      return this.#accept(
        version2.hold(atRevision(head.object, revision), void 0),
        head.revision,
        void 0,
        options
      );
    }
    const bytes = encodeAt(last, revision);
    const version = this.#version(key, revision, rowType.delete, bytes.length, void 0);
    return this.#accept(version.hold(deepFreeze(last), bytes), head.revision, bytes, options);
  }
  watch(resource, options, sink) {
    if (options.after > this.#revision) throw new FutureRevision(options.after, this.#revision);
    if (options.after <= this.#floor) throw new Compacted(options.after, this.#floor);
    return this.#table(resource).hub.watch(options, sink);
  }
  defineIndex(resource, name, value) {
    this.#table(resource).defineIndex(name, value);
  }
  async compact(revision) {
    if (revision > this.#revision) throw new FutureRevision(revision, this.#revision);
    await this.#maintain(async () => {
      this.#raiseFloor(revision);
      await this.#compactLog(Math.min(this.#floor, revision));
    });
  }
  flush() {
    return this.#queue.flush();
  }
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.close();
    for (const table of this.#tables.values()) table.hub.endAll(new Error("the store is closed"));
    try {
      await this.checkpoint();
    } catch (error) {
      this.#logger.warn("The index checkpoint could not be written; the next start reads the whole log", { error });
    }
    await this.#log.close();
    this.#onClose?.();
  }
  /** Takes no more writes because the file is damaged; reads go on as long as they can. */
  distrust(cause) {
    this.#queue.poison(cause);
  }
  #put(key, object, previous, options) {
    this.#assertWritable();
    const revision = ++this.#accepted;
    const bytes = encodeAt(object, revision);
    const type = previous === 0 ? rowType.create : rowType.update;
    const version = this.#version(key, revision, type, bytes.length, void 0);
    return this.#accept(version.hold(deepFreeze(object), bytes), previous, bytes, options);
  }
  #accept(version, previous, bytes, options) {
    const chain = this.#table(version.key.resource).claim(version.key);
    chain.pending = version;
    const key = rowKey(version.key);
    const value = bytes && this.#codec.encode(version.key.resource, key, bytes);
    const { revision, type } = version;
    const row = { revision, previous, type, time: this.#clock.wall(), key, value };
    return new Promise((resolve, reject) => {
      this.#queue.push({ row, version, resolve: /* @__PURE__ */ __name(() => resolve(version), "resolve"), reject }, options?.lazy ?? false);
    });
  }
  #version(key, revision, type, size, ended) {
    return new Version(this.#source, this.#table(key.resource).claim(key).key, revision, type, size, ended);
  }
  #expect(key, expect) {
    const head = this.head(key);
    if (!head) throw new KeyMissing(key);
    if (head.revision !== expect) throw new RevisionMismatch(key, expect, head.revision);
    return head;
  }
  #assertWritable() {
    if (this.#queue.failure) throw this.#queue.failure;
  }
  #table(resource) {
    let table = this.#tables.get(resource);
    if (!table) this.#tables.set(resource, table = new ResourceTable(resource, this));
    return table;
  }
  #commit(writes) {
    const steps = /* @__PURE__ */ new Map();
    let bytes = 0;
    for (const { version, row } of writes) {
      const table = this.#table(version.key.resource);
      const change = table.commit(version);
      const known = steps.get(table);
      if (known) known.push(change);
      else steps.set(table, [change]);
      bytes += row.value?.length ?? 0;
    }
    this.#revision = writes.at(-1).version.revision;
    this.#batches++;
    this.#writes += writes.length;
    const marked = this.#floors.note(this.#revision, this.#clock.steady(), bytes);
    return () => {
      for (const [table, changes] of steps) table.hub.publish(changes);
      this.#published = this.#revision;
      if (marked) this.#moveFloors();
    };
  }
  #drop(writes) {
    for (const { version } of writes) this.#table(version.key.resource).drop(version);
  }
  #raiseFloor(revision) {
    const floor = Math.min(revision, this.#revision - 1);
    if (floor <= this.#floor || this.#floorHeld) return;
    this.#floor = floor;
    for (const table of this.#tables.values()) table.trim(floor);
  }
  #moveFloors() {
    const now = this.#clock.steady();
    this.#raiseFloor(this.#floors.floor(this.#history, now));
    const retained = Math.min(this.#floor, this.#floors.floor(this.#retention, now));
    this.#floors.trim(retained);
    const rows = retained - this.#log.retained;
    if (this.#upkeep || this.#closed || rows <= 0) return;
    if (rows < compactRows && now - this.#compactedAt < compactEvery) return;
    this.#compactedAt = now;
    this.#maintain(() => this.#compactLog(retained)).catch(
      (error) => this.#logger.warn("Compaction failed; it is tried again later", { error })
    );
  }
  async #compactLog(revision) {
    if (revision <= this.#log.retained) return;
    await this.#log.compact(revision);
    await this.#saveCheckpoint();
  }
  /** Writes the index checkpoint now, so that the next start need not read the log. */
  checkpoint() {
    return this.#maintain(() => this.#saveCheckpoint());
  }
  async #saveCheckpoint() {
    if (!this.#log.readable) return;
    const revision = this.#revision;
    this.#floorHeld = true;
    try {
      const state = {
        tables: [...this.#tables.values()],
        floor: this.#floor,
        revision,
        marks: [...this.#floors.marks],
        offset: this.#clock.wall() - this.#clock.steady()
      };
      const data = await encodeIndex(state, nextTurn);
      await this.#log.saveCheckpoint({ revision, data });
    } finally {
      this.#floorHeld = false;
    }
  }
  /** Runs one piece of upkeep after another. */
  #maintain(work) {
    const before = this.#upkeep?.catch(() => void 0) ?? Promise.resolve();
    const run = before.then(work).finally(() => {
      if (this.#upkeep === run) this.#upkeep = void 0;
    });
    this.#upkeep = run;
    return run;
  }
  #load() {
    const { wall, steady } = { wall: this.#clock.wall(), steady: this.#clock.steady() };
    const add = /* @__PURE__ */ __name((key, revision, type, size, historic) => {
      const table = this.#table(key.resource);
      const chain = table.claim(key);
      const ended = type === rowType.delete && size === 0 ? chain.newest : void 0;
      table.load(chain, this.#version(key, revision, type, ended?.size ?? size, ended), historic);
      this.#revision = revision;
    }, "add");
    const note = /* @__PURE__ */ __name((revision, time, bytes) => this.#floors.note(revision, steady - Math.max(0, wall - time), bytes), "note");
    let from = 0;
    const checkpoint = this.#log.checkpoint();
    const index = checkpoint && decodeIndex(checkpoint.data);
    if (checkpoint && index) {
      index.restore({ add, note });
      this.#floor = index.floor;
      this.#revision = from = checkpoint.revision;
    }
    this.#log.scan(from, (row) => {
      add(parseKey(row.key), row.revision, row.type, row.size, true);
      note(row.revision, row.time, row.size);
    });
    this.#accepted = this.#published = this.#revision;
    this.#raiseFloor(Math.max(this.#log.retained, this.#floors.floor(this.#history, steady)));
    for (const table of this.#tables.values()) table.loaded();
  }
};

// src/store/row-codec.ts
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
var plainCodec = {
  encode: /* @__PURE__ */ __name((_resource, _key, value) => value, "encode"),
  decode: /* @__PURE__ */ __name((_key, value) => value, "decode")
};
var sealed = 1;
var nonceLength = 12;
var tagLength = 16;
var keyLength = 32;
var SealingCodec = class {
  static {
    __name(this, "SealingCodec");
  }
  #key;
  #resources;
  constructor(key, resources) {
    this.#key = key;
    this.#resources = resources;
  }
  encode(resource, key, value) {
    if (!this.#resources.has(resource)) return value;
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(key));
    return Buffer.concat([Buffer.of(sealed), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }
  decode(key, value) {
    if (value[0] !== sealed) return value;
    const body = value.length - tagLength;
    const nonce = value.subarray(1, 1 + nonceLength);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(key));
    decipher.setAuthTag(value.subarray(body));
    return Buffer.concat([decipher.update(value.subarray(1 + nonceLength, body)), decipher.final()]);
  }
};

export {
  RevisionStore,
  plainCodec,
  keyLength,
  SealingCodec
};
