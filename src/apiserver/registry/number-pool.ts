import type { Ids } from '../../base/ids.ts';

/** Numbers each held by one owner: cluster IPs and node ports. */
export class NumberPool {
  readonly #owners = new Map<number, string>();
  readonly #first: number;
  readonly #size: number;
  /** The lower numbers are left to those who ask for one, as long as there are others. Source: KEP-3070, KEP-3668. */
  readonly #band: number;
  readonly #ids: Ids;
  /** Never handed out unasked. */
  readonly #kept: ReadonlySet<number>;

  constructor(ids: Ids, range: { first: number; size: number; band: number; kept?: readonly number[] }) {
    this.#ids = ids;
    this.#first = range.first;
    this.#size = range.size;
    this.#band = range.band;
    this.#kept = new Set(range.kept);
  }

  has(value: number): boolean {
    return value >= this.#first && value < this.#first + this.#size;
  }

  /** Takes a number; false when somebody else holds it. */
  take(value: number, owner: string): boolean {
    const holder = this.#owners.get(value);
    if (holder !== undefined && holder !== owner) return false;
    this.#owners.set(value, owner);
    return true;
  }

  /** Takes any free number; undefined when none is left. */
  takeAny(owner: string): number | undefined {
    return (
      this.#search(this.#first + this.#band, this.#size - this.#band, owner) ??
      this.#search(this.#first, this.#band, owner)
    );
  }

  #search(first: number, size: number, owner: string): number | undefined {
    const start = Math.floor(this.#ids.random() * size);
    for (let i = 0; i < size; i++) {
      const value = first + ((start + i) % size);
      if (this.#owners.has(value) || this.#kept.has(value)) continue;
      this.#owners.set(value, owner);
      return value;
    }
    return undefined;
  }

  isHeldBy(value: number, owner: string): boolean {
    return this.#owners.get(value) === owner;
  }

  release(value: number, owner: string): void {
    if (this.#owners.get(value) === owner) this.#owners.delete(value);
  }
}
