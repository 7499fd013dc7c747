import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from './clock.ts';

/** The heap as the collection needs to know it. */
export interface Heap {
  /** Bytes in use, garbage included. */
  used(): number;
  /** Collects what is no longer used and gives its memory back. */
  collect(): Promise<void>;
}

/** A look after this long without more than `few` notices finds the process at rest. */
const quiet = 5_000;
const few = 50;
/** Less than this is not worth a pause; nor is less than half of what is in use, which is all looked at. Bytes. */
const worthwhile = (settled: number) => Math.max(32 << 20, settled / 2);

/**
 * Gives memory back when a burst of work is over. V8 collects as it allocates, so a server that has come to rest would
 * keep the garbage of its last burst for ever. The pause (about 1 ms for each 3 MB in use) falls where nobody waits.
 */
export class IdleCollection {
  readonly #clock: Clock;
  readonly #heap: Heap;
  #noticed = 0;
  #settled: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, heap: Heap = processHeap()) {
    this.#clock = clock;
    this.#heap = heap;
    this.#settled = heap.used();
  }

  /** Work was done. Costs next to nothing; without work nothing is ever looked at. */
  notice(): void {
    this.#noticed++;
    this.#timer ??= this.#clock.after(quiet, () => this.#look());
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const busy = this.#noticed > few;
    this.#noticed = 0;
    this.#timer = busy ? this.#clock.after(quiet, () => this.#look()) : undefined;
    if (busy || this.#heap.used() - this.#settled < worthwhile(this.#settled)) return;
    // Failing to collect changes nothing.
    void this.#heap.collect().then(
      () => void (this.#settled = this.#heap.used()),
      () => {},
    );
  }
}

/** This process's heap. The collector is asked for when it is first needed. */
function processHeap(): Heap {
  let gc: ((options: object) => Promise<void>) | undefined;
  return {
    used: () => getHeapStatistics().used_heap_size,
    collect: async () => {
      if (!gc) {
        setFlagsFromString('--expose-gc');
        gc = runInNewContext('gc') as typeof gc;
      }
      await gc!({ type: 'major', execution: 'async' });
    },
  };
}
