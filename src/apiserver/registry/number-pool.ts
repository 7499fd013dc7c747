import type { Ids } from '../../base/ids.ts';

/** Numbers to choose from. */
export interface NumberRange {
  readonly first: number;
  readonly size: number;
  /** So many lower numbers are left to those who ask for one, as long as there are others. Source: KEP-3070, KEP-3668. */
  readonly band: number;
}

/** Any number that is free, from above the band if there is one; undefined when none is left. */
export function anyFree(
  { first, size, band }: NumberRange,
  ids: Ids,
  isFree: (value: number) => boolean,
): number | undefined {
  const search = (from: number, count: number): number | undefined => {
    const start = Math.floor(ids.random() * count);
    for (let i = 0; i < count; i++) {
      const value = from + ((start + i) % count);
      if (isFree(value)) return value;
    }
    return undefined;
  };
  return search(first + band, size - band) ?? search(first, band);
}

/** Numbers each held by one owner, such as node ports. */
export class NumberPool {
  readonly #owners = new Map<number, string>();
  readonly #range: NumberRange;
  readonly #ids: Ids;

  constructor(ids: Ids, range: NumberRange) {
    this.#ids = ids;
    this.#range = range;
  }

  has(value: number): boolean {
    const { first, size } = this.#range;
    return value >= first && value < first + size;
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
    const value = anyFree(this.#range, this.#ids, (number) => !this.#owners.has(number));
    if (value !== undefined) this.#owners.set(value, owner);
    return value;
  }

  isHeldBy(value: number, owner: string): boolean {
    return this.#owners.get(value) === owner;
  }

  release(value: number, owner: string): void {
    if (this.#owners.get(value) === owner) this.#owners.delete(value);
  }
}
