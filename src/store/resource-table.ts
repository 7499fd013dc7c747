import { History, type Step } from './history.ts';
import { type Chain, KeyIndex, lives } from './key-index.ts';
import {
  type Change,
  Compacted,
  FutureRevision,
  type IndexFunction,
  type ListOptions,
  type Page,
  type StoreKey,
} from './store.ts';
import type { Version } from './version.ts';
import { type WatchedResource, WatchHub } from './watch-hub.ts';

/** What a table asks of the store it belongs to. */
export interface Revisions {
  readonly revision: number;
  readonly floor: number;
  readonly published: number;
}

/** Sorts after every name. */
const afterNames = '\u{10ffff}';

/** All objects of one resource: their chains, order, counts, history and watchers. */
export class ResourceTable implements WatchedResource {
  readonly resource: string;
  readonly hub: WatchHub;
  readonly #revisions: Revisions;
  readonly #chains = new Map<string, Chain>();
  readonly #keys = new KeyIndex();
  readonly #history = new History();
  readonly #counts = new Map<string, number>();
  readonly #indexes = new Map<string, IndexFunction>();
  /** Live chains by index name and value; a name is filled at its first use in a list. */
  readonly #indexed = new Map<string, Map<string, Set<Chain>>>();
  #live = 0;

  constructor(resource: string, revisions: Revisions) {
    this.resource = resource;
    this.#revisions = revisions;
    this.hub = new WatchHub(this, this.#indexes);
  }

  get floor(): number {
    return this.#revisions.floor;
  }

  get published(): number {
    return this.#revisions.published;
  }

  after(revision: number, limit: number): readonly Step[] {
    return this.#history.after(revision, limit);
  }

  defineIndex(name: string, value: IndexFunction): void {
    this.#indexes.set(name, value);
  }

  chain(key: StoreKey): Chain | undefined {
    return this.#chains.get(`${key.namespace}/${key.name}`);
  }

  /** The chain of a key, made where there is none. */
  claim(key: StoreKey): Chain {
    const id = `${key.namespace}/${key.name}`;
    let chain = this.#chains.get(id);
    if (!chain) {
      chain = {
        key: { resource: this.resource, namespace: key.namespace, name: key.name },
        pending: undefined,
        newest: undefined,
        older: undefined,
      };
      this.#chains.set(id, chain);
    }
    return chain;
  }

  /** All chains, in no order. */
  chains(): IterableIterator<Chain> {
    return this.#chains.values();
  }

  /** Everything in the history. */
  steps(): readonly Step[] {
    return this.#history.after(0, Number.MAX_SAFE_INTEGER);
  }

  /** Makes `version` the newest committed one of its chain, without order and counts: for `loaded` to finish. */
  load(chain: Chain, version: Version, historic: boolean): void {
    const previous = chain.newest;
    if (historic) {
      this.#history.push(step(version, previous));
      if (previous) (chain.older ??= []).push(previous);
    }
    chain.newest = version;
  }

  /** Puts what was loaded in order. */
  loaded(): void {
    const chains = [...this.#chains.values()];
    this.#keys.load(chains);
    for (const chain of chains) if (lives(chain)) this.#count(chain, 1);
  }

  commit(version: Version): Step {
    const chain = this.claim(version.key);
    if (chain.pending === version) chain.pending = undefined;
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
  drop(version: Version): void {
    const chain = this.chain(version.key);
    if (!chain) return;
    chain.pending = undefined;
    if (!chain.newest) this.#chains.delete(`${chain.key.namespace}/${chain.key.name}`);
  }

  /** Forgets history at or below `floor`, and the versions only that history could show. */
  trim(floor: number): void {
    this.#history.dropThrough(floor, ({ entry }) => {
      const chain = this.chain(entry.key);
      if (!chain) return;
      const { older } = chain;
      if (older) {
        // What a list just above the floor sees is the last version at or below it.
        const needed = older.findIndex((_, at) => (older[at + 1] ?? chain.newest)!.revision > floor);
        if (needed < 0) chain.older = undefined;
        else if (needed > 0) older.splice(0, needed);
      }
      if (chain.older || !chain.newest?.deleted || chain.newest.revision > floor) return;
      this.#keys.remove(chain);
      chain.newest = undefined;
      if (!chain.pending) this.#chains.delete(`${chain.key.namespace}/${chain.key.name}`);
    });
  }

  count(namespace: string | undefined): number {
    return namespace === undefined ? this.#live : (this.#counts.get(namespace) ?? 0);
  }

  list(options: ListOptions): Page {
    const { revision: newest, floor } = this.#revisions;
    const revision = options.revision ?? newest;
    if (revision > newest) throw new FutureRevision(revision, newest);
    if (revision !== newest && revision <= floor) throw new Compacted(revision, floor);
    const indexed = options.index && revision === newest ? this.#byIndex(options.index) : undefined;
    const chains = indexed ? inOrder(indexed, options) : this.#range(options);
    const wanted = this.#wanted(options, indexed === undefined);
    const limit = options.limit ?? Number.MAX_SAFE_INTEGER;
    const entries: Version[] = [];
    let more = false;
    for (const chain of chains) {
      const version = visible(chain, revision);
      if (!version || (wanted && !wanted(version))) continue;
      if (entries.length === limit) {
        more = true;
        break;
      }
      entries.push(version);
    }
    const last = entries.at(-1);
    const exact = more && !wanted && !indexed && last !== undefined;
    return {
      entries,
      revision,
      more,
      remaining: exact ? this.#remaining(last.key, options.namespace, revision) : undefined,
    };
  }

  *#range(options: ListOptions): Generator<Chain> {
    const { namespace, after } = options;
    const start = after ?? { namespace: namespace ?? '', name: '' };
    for (const chain of this.#keys.from(start.namespace, start.name, after !== undefined)) {
      if (namespace !== undefined && chain.key.namespace !== namespace) {
        if (chain.key.namespace > namespace) return;
        continue;
      }
      yield chain;
    }
  }

  #wanted(options: ListOptions, filterIndex: boolean): ((version: Version) => boolean) | undefined {
    const { keep, index } = options;
    if (!index || !filterIndex) return keep;
    const value = this.#indexFunction(index.name);
    return (version) => value(version.object) === index.value && (!keep || keep(version));
  }

  /** How many keys lived at `revision` after `key`: those that live now, minus what changed since. */
  #remaining(key: StoreKey, namespace: string | undefined, revision: number): number {
    const end = namespace === undefined ? this.#live : this.#keys.rank(namespace, afterNames);
    let remaining = end - this.#keys.rank(key.namespace, key.name);
    const follows = (other: StoreKey) =>
      (namespace === undefined || other.namespace === namespace) &&
      (other.namespace === key.namespace ? other.name > key.name : other.namespace > key.namespace);
    for (const { type, entry } of this.#history.after(revision, Number.MAX_SAFE_INTEGER)) {
      if (type !== 'MODIFIED' && follows(entry.key)) remaining += type === 'ADDED' ? -1 : 1;
    }
    return remaining;
  }

  #count(chain: Chain, by: 1 | -1): void {
    const { namespace } = chain.key;
    this.#live += by;
    const count = (this.#counts.get(namespace) ?? 0) + by;
    if (count === 0) this.#counts.delete(namespace);
    else this.#counts.set(namespace, count);
  }

  #indexFunction(name: string): IndexFunction {
    const value = this.#indexes.get(name);
    if (!value) throw new Error(`no index ${name} is defined for ${this.resource}`);
    return value;
  }

  #byIndex(index: { name: string; value: string }): ReadonlySet<Chain> {
    let values = this.#indexed.get(index.name);
    if (!values) {
      const indexValue = this.#indexFunction(index.name);
      this.#indexed.set(index.name, (values = new Map()));
      for (const chain of this.#chains.values()) {
        if (lives(chain)) enter(values, indexValue(chain.newest!.object), chain);
      }
    }
    return values.get(index.value) ?? new Set();
  }

  #reindex(chain: Chain, change: Change): void {
    for (const [name, values] of this.#indexed) {
      const indexValue = this.#indexFunction(name);
      const before = change.previous && change.type !== 'ADDED' ? indexValue(change.previous.object) : undefined;
      const after = change.type === 'DELETED' ? undefined : indexValue(change.entry.object);
      if (before === after) continue;
      if (before !== undefined) leave(values, before, chain);
      enter(values, after, chain);
    }
  }
}

function step(entry: Version, previous: Version | undefined): Step {
  const before = previous?.deleted ? undefined : previous;
  return { type: entry.deleted ? 'DELETED' : before ? 'MODIFIED' : 'ADDED', entry, previous: before };
}

/** The version of a key that a list at `revision` shows. */
function visible(chain: Chain, revision: number): Version | undefined {
  let version = chain.newest;
  if (version && version.revision > revision) version = chain.older?.findLast((older) => older.revision <= revision);
  return version && !version.deleted ? version : undefined;
}

function enter(values: Map<string, Set<Chain>>, value: string | undefined, chain: Chain): void {
  if (value === undefined) return;
  const chains = values.get(value);
  if (chains) chains.add(chain);
  else values.set(value, new Set([chain]));
}

function leave(values: Map<string, Set<Chain>>, value: string, chain: Chain): void {
  const chains = values.get(value);
  chains?.delete(chain);
  if (chains?.size === 0) values.delete(value);
}

/** The chains of one index value that a list asks for, in key order. */
function inOrder(chains: ReadonlySet<Chain>, { namespace, after }: ListOptions): Chain[] {
  const follows = ({ key }: Chain) =>
    !after || (key.namespace === after.namespace ? key.name > after.name : key.namespace > after.namespace);
  return [...chains]
    .filter((chain) => (namespace === undefined || chain.key.namespace === namespace) && follows(chain))
    .sort((a, b) =>
      a.key.namespace === b.key.namespace
        ? a.key.name < b.key.name
          ? -1
          : 1
        : a.key.namespace < b.key.namespace
          ? -1
          : 1,
    );
}
