/** Which slots changed, in order. Readers remember how far they have read. */
export class ChangeLog {
  #slots = new Int32Array(1024);
  #end = 0;

  /** Where the next change will be. */
  get end(): number {
    return this.#end;
  }

  /** Notes a change of one of `slots` slots. */
  push(slot: number, slots: number): void {
    // Who is further behind than there are slots had better look at all of them.
    if (slots > this.#slots.length) this.#grow();
    this.#slots[this.#end++ & (this.#slots.length - 1)] = slot;
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
    this.#slots = new Int32Array(2 * this.#slots.length);
    this.#end += this.#slots.length + 1;
  }
}
