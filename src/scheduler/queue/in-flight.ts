import type { ClusterEvent } from '../events/events.ts';

/**
 * The events that came while pods were being placed: a pod that is refused in the end must still be told of what
 * happened meanwhile. One log for all; what nobody in flight has still to see is forgotten.
 */
export class InFlightEvents<Pod> {
  /** Since which event, counted from the first ever recorded; in order of departure. */
  readonly #since = new Map<Pod, number>();
  #events: ClusterEvent[] = [];
  /** The count of the first event that is kept. */
  #first = 0;

  /** Anew, when it has begun before. */
  begin(pod: Pod): void {
    this.#since.delete(pod);
    this.#since.set(pod, this.#first + this.#events.length);
  }

  record(event: ClusterEvent): void {
    if (this.#since.size > 0) this.#events.push(event);
  }

  /** What came since `begin`. */
  end(pod: Pod): readonly ClusterEvent[] {
    const since = this.#since.get(pod);
    if (since === undefined) return [];
    this.#since.delete(pod);
    const events = this.#events.slice(since - this.#first);
    const oldest = this.#since.values().next();
    const keep = oldest.done ? this.#first + this.#events.length : oldest.value;
    if (keep > this.#first) {
      this.#events = this.#events.slice(keep - this.#first);
      this.#first = keep;
    }
    return events;
  }

  get size(): number {
    return this.#events.length;
  }
}
