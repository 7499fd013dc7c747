import type { Change } from './store.ts';
import type { Version } from './version.ts';

/** A change as the store keeps it. */
export interface Step extends Change {
  readonly entry: Version;
  readonly previous: Version | undefined;
}

/** Dropped slots are cut off once there are this many of them. */
const slack = 1024;

/** The changes of one resource above the floor, oldest first. */
export class History {
  #steps: Step[] = [];
  #start = 0;

  push(step: Step): void {
    this.#steps.push(step);
  }

  /** Up to `limit` changes with a revision greater than `revision`. */
  after(revision: number, limit: number): Step[] {
    let low = this.#start;
    let high = this.#steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#steps[middle]!.entry.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#steps.slice(low, low + limit);
  }

  /** Forgets changes at or below `floor`, handing each to `visit`. */
  dropThrough(floor: number, visit: (step: Step) => void): void {
    while (this.#start < this.#steps.length && this.#steps[this.#start]!.entry.revision <= floor) {
      visit(this.#steps[this.#start]!);
      this.#start++;
    }
    if (this.#start < slack && this.#start < this.#steps.length) return;
    this.#steps = this.#steps.slice(this.#start);
    this.#start = 0;
  }
}
