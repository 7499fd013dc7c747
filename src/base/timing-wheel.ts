import { append, close, type Link, unlink } from './ring.ts';

/** Slots of a level, and so the factor between the ticks of two levels. */
const slots = 32;
/** 32^8 ticks of a millisecond are 34 years from the origin: the life of a wheel. What is due later never runs. */
const levels = 8;
/** Ticks of a slot, by level. */
const widths = Array.from({ length: levels }, (_, level) => slots ** level);
const span = slots ** levels;

/** One thing to run at its tick: a link of its slot's ring. */
export interface WheelEntry extends Link<WheelEntry> {
  readonly due: number;
  /** Undefined in the heads of the rings. */
  readonly run: (() => void) | undefined;
  /** -1 when it is in no slot. */
  place: number;
}

/**
 * A hierarchical timing wheel (Varghese and Lauck): whatever number of timers there are, adding and cancelling one costs
 * the same, and one native timer is enough for all. Ticks are whole numbers from an origin the owner chooses.
 *
 * An entry lies on the lowest level whose turn holds both now and its tick; when the wheel comes to a slot of a higher
 * level, its entries move down. Entries of one tick run in the order in which they were added.
 */
export class TimingWheel {
  #now = 0;
  /** Ring heads, level by level. */
  readonly #rings = Array.from({ length: levels * slots }, () => ring());
  /** By level, a bit for each slot that is not empty. */
  readonly #filled = new Int32Array(levels);

  /** The tick up to which everything has run. */
  get now(): number {
    return this.#now;
  }

  /** Runs `run` at tick `due`, or at the next if that has passed. */
  add(due: number, run: () => void): WheelEntry {
    const entry = { due: Math.max(due, this.#now + 1), run, place: -1 } as WheelEntry;
    this.#put(entry);
    return entry;
  }

  /** Takes an entry out; nothing happens if it has run or is out. */
  cancel(entry: WheelEntry): void {
    if (entry.place < 0) return;
    unlink(entry);
    this.#left(entry.place);
    entry.place = -1;
  }

  /** The tick at which the wheel has something to do: no entry is due earlier. Undefined when it is empty. */
  next(): number | undefined {
    for (let level = 0; level < levels; level++) {
      const slot = this.#nextSlot(level);
      if (slot >= 0) return this.#tickOf(level, slot);
    }
    return undefined;
  }

  /** Runs what is due up to tick `now`, in order. What that adds runs later. An error of one leaves the others in place. */
  advance(now: number): void {
    for (let level = 0; level < levels; level++) {
      const slot = this.#nextSlot(level);
      if (slot < 0) continue;
      const tick = this.#tickOf(level, slot);
      if (tick > now) break;
      this.#now = tick;
      if (level === 0) this.#runSlot(slot);
      else this.#moveDown(level, slot);
      level = -1;
    }
    if (now > this.#now) this.#now = now;
  }

  /** The first filled slot of a level that is not behind the wheel; -1 without one. */
  #nextSlot(level: number): number {
    const at = Math.floor(this.#now / widths[level]!) % slots;
    const ahead = this.#filled[level]! & (-1 << at);
    return ahead === 0 ? -1 : 31 - Math.clz32(ahead & -ahead);
  }

  #tickOf(level: number, slot: number): number {
    const turn = widths[level]! * slots;
    return Math.floor(this.#now / turn) * turn + slot * widths[level]!;
  }

  #put(entry: WheelEntry): void {
    const { due } = entry;
    if (due >= span) return;
    let level = 0;
    while (Math.floor(due / (widths[level]! * slots)) !== Math.floor(this.#now / (widths[level]! * slots))) level++;
    const slot = Math.floor(due / widths[level]!) % slots;
    entry.place = level * slots + slot;
    this.#filled[level]! |= 1 << slot;
    append(this.#rings[entry.place]!, entry);
  }

  /** A ring may have become empty. */
  #left(place: number): void {
    const head = this.#rings[place]!;
    if (head.next === head) this.#filled[Math.floor(place / slots)]! &= ~(1 << (place % slots));
  }

  #runSlot(slot: number): void {
    const head = this.#rings[slot]!;
    while (head.next !== head) {
      const entry = head.next;
      this.cancel(entry);
      entry.run!();
    }
  }

  #moveDown(level: number, slot: number): void {
    const head = this.#rings[level * slots + slot]!;
    while (head.next !== head) {
      const entry = head.next;
      this.cancel(entry);
      this.#put(entry);
    }
  }
}

const ring = (): WheelEntry => close({ due: 0, run: undefined, place: -1 } as unknown as WheelEntry);
