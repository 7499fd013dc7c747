/** One way in which an item holds memory that can be given back and got again. */
export interface Facet<T> {
  /** The generation the item was last used in; 0 when never. */
  stamp(item: T): number;
  mark(item: T, generation: number): void;
  /** Gives the memory back. */
  release(item: T): void;
}

/** How many expired items each use pays for, so that no single use pays for a whole generation. */
const releasedPerUse = 4;

/**
 * A byte-bounded cache of two generations. Using what was used in this generation costs one comparison, which the
 * item makes itself; what was not used for a whole generation is released.
 */
export class Aging<T> {
  generation = 1;
  readonly #facet: Facet<T>;
  readonly #half: number;
  #bytes = 0;
  #young: T[] = [];
  #old: T[] = [];
  #expired: T[] = [];

  /** `bytes` is what both generations together may hold, as the items count it. If infinite, nothing is kept track of. */
  constructor(bytes: number, facet: Facet<T>) {
    this.#half = bytes / 2;
    this.#facet = facet;
  }

  /** Notes the first use of `item` in this generation. */
  use(item: T, bytes: number): void {
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

  #release(count: number): void {
    for (let i = 0; i < count; i++) {
      const item = this.#expired.pop();
      if (item === undefined) return;
      // One that was used again since is listed in a younger generation too.
      if (this.#facet.stamp(item) < this.generation - 1) this.#facet.release(item);
    }
  }
}
