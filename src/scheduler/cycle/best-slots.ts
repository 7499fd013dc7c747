/** Verdicts (0 is feasible) and scores by slot. */
export interface Rated {
  readonly verdicts: Uint16Array;
  readonly scores: Float64Array;
}

/**
 * The feasible slots with the greatest score. Remembers them while scores change one by one: only when the last of them
 * has lost its place are all looked at again.
 */
export class BestSlots {
  /** Those that had the greatest score when they were put here; `#has` tells by slot who is here. */
  #slots = new Int32Array(0);
  #has = new Uint8Array(0);
  #count = 0;
  #most = Number.NEGATIVE_INFINITY;

  /** All may be different now. */
  forget(): void {
    for (let i = 0; i < this.#count; i++) this.#has[this.#slots[i]!] = 0;
    this.#count = 0;
  }

  /** A feasible slot has this score now. */
  note(slot: number, score: number): void {
    if (this.#count === 0 || score < this.#most) return;
    if (score > this.#most) this.forget();
    this.#most = score;
    this.#put(slot);
  }

  /** One of the best of the first `length` slots, evenly by chance; undefined when none is feasible. */
  pick({ verdicts, scores }: Rated, length: number, random: () => number): number | undefined {
    for (;;) {
      if (this.#count === 0 && !this.#lookAtAll(verdicts, scores, length)) return undefined;
      const at = this.#count === 1 ? 0 : Math.floor(random() * this.#count);
      const slot = this.#slots[at]!;
      if (verdicts[slot] === 0 && scores[slot] === this.#most) return slot;
      this.#has[slot] = 0;
      this.#slots[at] = this.#slots[--this.#count]!;
    }
  }

  #lookAtAll(verdicts: Uint16Array, scores: Float64Array, length: number): boolean {
    this.#most = Number.NEGATIVE_INFINITY;
    for (let slot = 0; slot < length; slot++) {
      const score = scores[slot]!;
      if (verdicts[slot] !== 0 || score < this.#most) continue;
      if (score > this.#most) this.forget();
      this.#most = score;
      this.#put(slot);
    }
    return this.#count > 0;
  }

  #put(slot: number): void {
    if (slot >= this.#has.length) {
      const [slots, has] = [new Int32Array(2 * slot + 16), new Uint8Array(2 * slot + 16)];
      slots.set(this.#slots);
      has.set(this.#has);
      [this.#slots, this.#has] = [slots, has];
    }
    if (this.#has[slot]) return;
    this.#has[slot] = 1;
    this.#slots[this.#count++] = slot;
  }
}
