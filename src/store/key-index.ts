import type { StoreKey } from './store.ts';
import type { Version } from './version.ts';

/** Everything the store knows about one key. */
export interface Chain {
  readonly key: StoreKey;
  /** The newest accepted version, where it is not durable yet. */
  pending: Version | undefined;
  /** The newest committed version, perhaps a tombstone. */
  newest: Version | undefined;
  /** Committed versions before `newest`, oldest first, as far as the floor needs them. */
  older: Version[] | undefined;
}

interface Chunk {
  items: Chain[];
  /** How many of them live at the newest committed revision. */
  live: number;
}

/** Chunks split at this length: splicing stays cheap and there are few chunks. */
const maxChunk = 512;

function compare(a: StoreKey, namespace: string, name: string): number {
  if (a.namespace !== namespace) return a.namespace < namespace ? -1 : 1;
  if (a.name !== name) return a.name < name ? -1 : 1;
  return 0;
}

/** Whether the newest committed version is not a tombstone. */
export function lives(chain: Chain): boolean {
  return chain.newest !== undefined && !chain.newest.deleted;
}

/** The committed keys of one resource in order of (namespace, name): chunks of sorted arrays, each with its live count. */
export class KeyIndex {
  #chunks: Chunk[] = [];

  /** Fills an empty index. The chains may come in any order. */
  load(chains: Chain[]): void {
    chains.sort((a, b) => compare(a.key, b.key.namespace, b.key.name));
    for (let at = 0; at < chains.length; at += maxChunk / 2) {
      const items = chains.slice(at, at + maxChunk / 2);
      this.#chunks.push({ items, live: items.filter(lives).length });
    }
  }

  /** Adds a chain that is not in the index yet. It does not count as live before `adjust`. */
  insert(chain: Chain): void {
    const { namespace, name } = chain.key;
    if (this.#chunks.length === 0) {
      this.#chunks.push({ items: [chain], live: 0 });
      return;
    }
    const at = this.#chunkOf(namespace, name);
    const chunk = this.#chunks[at]!;
    chunk.items.splice(position(chunk, namespace, name), 0, chain);
    if (chunk.items.length > maxChunk) this.#split(at);
  }

  remove(chain: Chain): void {
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
  adjust(chain: Chain, by: 1 | -1): void {
    this.#chunks[this.#chunkOf(chain.key.namespace, chain.key.name)]!.live += by;
  }

  /** The chains from (namespace, name) on, that key included unless `exclusive`. */
  *from(namespace: string, name: string, exclusive: boolean): Generator<Chain> {
    if (this.#chunks.length === 0) return;
    let at = this.#chunkOf(namespace, name);
    let index = position(this.#chunks[at]!, namespace, name);
    const first = this.#chunks[at]!.items[index];
    if (exclusive && first && compare(first.key, namespace, name) === 0) index++;
    for (; at < this.#chunks.length; at++, index = 0) {
      const items = this.#chunks[at]!.items;
      for (; index < items.length; index++) yield items[index]!;
    }
  }

  /** How many live keys sort at or before (namespace, name). */
  rank(namespace: string, name: string): number {
    if (this.#chunks.length === 0) return 0;
    const at = this.#chunkOf(namespace, name);
    let rank = 0;
    for (let i = 0; i < at; i++) rank += this.#chunks[i]!.live;
    for (const chain of this.#chunks[at]!.items) {
      if (compare(chain.key, namespace, name) > 0) break;
      if (lives(chain)) rank++;
    }
    return rank;
  }

  /** The last chunk whose first key is not greater; the first chunk when all are. */
  #chunkOf(namespace: string, name: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compare(this.#chunks[middle]!.items[0]!.key, namespace, name) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #split(at: number): void {
    const chunk = this.#chunks[at]!;
    const items = chunk.items.splice(chunk.items.length >> 1);
    const live = items.filter(lives).length;
    chunk.live -= live;
    this.#chunks.splice(at + 1, 0, { items, live });
  }
}

/** Where (namespace, name) is or belongs in a chunk. */
function position(chunk: Chunk, namespace: string, name: string): number {
  let low = 0;
  let high = chunk.items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(chunk.items[middle]!.key, namespace, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
