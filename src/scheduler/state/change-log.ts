/** Which slots changed, in order. Readers remember how far they have read. */
export class ChangeLog {
  #slots = new Int32Array(1024);
  /** By slot, the position of its last change. */
  #last = new Float64Array(1024);
  #end = 0;

  /** Where the next change will be. */
  get end(): number {
    return this.#end;
  }

  /** Notes a change of one of `slots` slots. */
  push(slot: number, slots: number): void {
    // Who is further behind than there are slots had better look at all of them.
    if (slots > this.#slots.length) this.#grow();
    this.#last[slot] = this.#end;
    this.#slots[this.#end++ & (this.#slots.length - 1)] = slot;
  }

  /** Another number after each change of a slot. */
  lastOf(slot: number): number {
    return this.#last[slot] ?? 0;
  }

  /** Visits the slots that changed since a position; false, without a visit, when that is too long ago to tell. */
  since(position: number, visit: (slot: number) => void): boolean {
    const { length } = this.#slots;
    if (this.#end - position > length) return false;
    let last = -1;
    for (let at = position; at < this.#end; at++) {
      const slot = this.#slots[at & (length - 1)]!;
      if (slot !== last) visit(slot);
      last = slot;
    }
    return true;
  }

  /** Everybody reads everything anew, which happens as often as the table doubles. */
  #grow(): void {
    const last = new Float64Array(2 * this.#slots.length);
    last.set(this.#last);
    this.#last = last;
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#end += this.#slots.length + 1;
  }
}
