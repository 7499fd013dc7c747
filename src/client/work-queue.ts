import type { Clock, Timer } from '../base/clock.ts';
import { Heap } from '../base/heap.ts';

/** Per-key back-off, as client-go's item exponential failure rate limiter: 5 ms, doubling, at most 1000 s. */
export const defaultRetry = { initial: 5, max: 1_000_000 };

interface Waiting {
  readonly key: string;
  readonly at: number;
}

/**
 * A queue of keys with the guarantees of client-go's work queue: a key waits at most once however often it is added;
 * it is never handed out twice at the same time; added while in process, it comes again after `done`.
 * Delayed keys share one heap and one timer, so an idle queue costs nothing.
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
  /** When each delayed key is due; heap entries that disagree are stale. */
  readonly #due = new Map<string, number>();
  readonly #heap = new Heap<Waiting>((a, b) => a.at < b.at);
  #timer: { at: number; timer: Timer } | undefined;
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
    return this.#ready.size === 0 && this.#processing.size === 0 && this.#due.size === 0;
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
    const known = this.#due.get(key);
    if (known !== undefined && known <= at) return;
    this.#due.set(key, at);
    this.#heap.push({ key, at });
    this.#arm();
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
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#ready.clear();
    this.#again.clear();
    this.#due.clear();
    this.#heap.clear();
  }

  #arm(): void {
    const next = this.#heap.peek();
    if (!next || (this.#timer && this.#timer.at <= next.at)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.after(Math.max(0, next.at - this.#clock.steady()), () => this.#fire());
    this.#timer = { at: next.at, timer };
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.steady();
    for (let next = this.#heap.peek(); next && next.at <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      if (this.#due.get(next.key) !== next.at) continue;
      this.#due.delete(next.key);
      this.add(next.key);
    }
    this.#arm();
  }
}
