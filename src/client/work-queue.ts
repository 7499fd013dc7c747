import type { Clock, Timer } from '../base/clock.ts';

/** Per-key back-off, as client-go's item exponential failure rate limiter: 5 ms, doubling, at most 1000 s. */
export const defaultRetry = { initial: 5, max: 1_000_000 };

/** A delayed key's timer, and the steady time it is set to. */
interface Delay {
  readonly at: number;
  readonly timer: Timer;
}

/**
 * A queue of keys with the guarantees of client-go's work queue: a key waits at most once however often it is added;
 * it is never handed out twice at the same time; added while in process, it comes again after `done`.
 * A delayed key has a timer of its own on the clock's wheel, where adding and cancelling cost the same however many there are.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #retry: { initial: number; max: number };
  readonly #onReady: () => void;
  /** Keys to hand out, oldest first. Disjoint from `#processing`. */
  readonly #ready = new Set<string>();
  /** Keys handed out and not done. */
  readonly #processing = new Set<string>();
  /** Keys of `#processing` that were added meanwhile. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, Delay>();
  #closed = false;

  /** `onReady` is called whenever a key became available; it must not block. */
  constructor(clock: Clock, onReady: () => void = () => {}, retry = defaultRetry) {
    this.#clock = clock;
    this.#onReady = onReady;
    this.#retry = retry;
  }

  /** How many keys could be taken now. */
  get length(): number {
    return this.#ready.size;
  }

  /** Whether nothing is ready, in process or delayed. */
  get idle(): boolean {
    return this.#ready.size === 0 && this.#processing.size === 0 && this.#delayed.size === 0;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.add(key);
    this.#onReady();
  }

  /** Adds the key after `ms`; of several delays for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.steady() + ms;
    const known = this.#delayed.get(key);
    if (known && known.at <= at) return;
    known?.timer.cancel();
    const timer = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, timer });
  }

  /** Adds the key after its own back-off, which doubles with every call until `forget`. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#retry.max, this.#retry.initial * 2 ** failures));
  }

  /** Ends the back-off of a key. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often the key was added rate limited since it was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Hands out the oldest key, which must be given back by `done`. */
  take(): string | undefined {
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#processing.add(key);
      return key;
    }
    return undefined;
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (!this.#again.delete(key) || this.#closed) return;
    this.#ready.add(key);
    this.#onReady();
  }

  /** Drops everything that waits; later adds do nothing. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#ready.clear();
    this.#again.clear();
  }
}
