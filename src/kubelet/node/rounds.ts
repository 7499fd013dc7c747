import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';

interface Entry {
  readonly name: string;
  /** Milliseconds. */
  readonly every: number;
  due: number;
  busy: boolean;
}

/** What is due within this time is done together: its writes share a commit. Milliseconds. */
const together = 1_000;
/** How many begin in one turn of the event loop: a thousand nodes must not hold it up. */
const slice = 50;

/** Does the same for many nodes, for each again and again at its own time. Nothing is begun while it is under way. */
export class Rounds {
  readonly #clock: Clock;
  readonly #shortest: number;
  readonly #work: (name: string, signal: AbortSignal) => Promise<void>;
  readonly #entries = new Map<string, Entry>();

  /** No node may be added whose round is shorter than `shortest`, in milliseconds. */
  constructor(clock: Clock, shortest: number, work: (name: string, signal: AbortSignal) => Promise<void>) {
    this.#clock = clock;
    this.#shortest = shortest;
    this.#work = work;
  }

  /** The first time comes after one round. */
  add(name: string, every: number): void {
    this.#entries.set(name, { name, every, due: this.#clock.steady() + every, busy: false });
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#pause(), signal).catch(() => undefined);
      const now = this.#clock.steady();
      const due = [...this.#entries.values()].filter((entry) => entry.due <= now && !entry.busy);
      for (let i = 0; i < due.length && !signal.aborted; i += slice) {
        for (const entry of due.slice(i, i + slice)) this.#begin(entry, now, signal);
        if (i + slice < due.length) await turn();
      }
    }
  }

  #pause(): number {
    const now = this.#clock.steady();
    let next = now + this.#shortest;
    for (const { due } of this.#entries.values()) if (due < next) next = due;
    return Math.max(together, next - now);
  }

  #begin(entry: Entry, now: number, signal: AbortSignal): void {
    if (this.#entries.get(entry.name) !== entry) return;
    entry.due = now + entry.every;
    entry.busy = true;
    void this.#work(entry.name, signal).finally(() => {
      entry.busy = false;
    });
  }
}
