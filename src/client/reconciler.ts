import { setImmediate } from 'node:timers';
import { isStatus } from '../api/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { WorkQueue } from './work-queue.ts';

/** A key to bring in line with the world, and the signal that ends the attempt. */
export interface ReconcileRequest {
  /** "namespace/name", or "name" at cluster scope. What it means beyond that is the reconciler's business. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** `after`: look again in so many milliseconds, whatever happens before. */
export interface ReconcileResult {
  readonly after?: number;
}

/**
 * Level-triggered: state is read from caches, never from the event that caused the call; absence means deleted.
 * Return to be called at the next change, return `after` to be called later, throw to be called after a back-off that
 * grows, throw `Terminal` to be called only at the next change.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconciler that has nothing to say says nothing
export type Reconcile = (request: ReconcileRequest) => Promise<ReconcileResult | void>;

/** Trying again cannot help before something changes. */
export class Terminal extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Terminal';
  }
}

/** Anything that runs until its signal aborts and then ends everything it started. */
export interface Runnable {
  run(signal: AbortSignal): Promise<void>;
}

export interface ReconcilerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many keys may be in process at once. */
  readonly workers?: number;
  /** Awaited before the first key is taken: usually that the informers have their first list. */
  readonly ready?: (signal: AbortSignal) => Promise<void>;
}

/** Reconcilers that never wait would hold the event loop; after this many milliseconds they let others go first. */
const burst = 5;

/** Feeds keys from a work queue to a `Reconcile` function, several at once, never one key twice at once. */
export class Reconciler implements Runnable {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #options: ReconcilerOptions;
  readonly #workers: number;
  readonly #active = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;
  #pumping = false;
  #settled: Array<() => void> = [];

  constructor(options: ReconcilerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#workers = options.workers ?? 5;
    this.queue = new WorkQueue(options.clock, () => this.#schedule());
  }

  add(key: string): void {
    this.queue.add(key);
  }

  addAfter(key: string, ms: number): void {
    this.queue.addAfter(key, ms);
  }

  /** Works until the signal aborts; resolves when every attempt under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.ready?.(signal);
      if (signal.aborted) return;
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      this.#signal = signal;
      this.#schedule();
      await aborted;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#signal = undefined;
      this.queue.close();
      await Promise.all(this.#active);
    }
  }

  /** Resolves when nothing is ready or in process; delayed keys do not count. For tests and shutdown. */
  settled(): Promise<void> {
    if (this.queue.length === 0 && this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  /** Keys are taken in a later turn, so that a batch of events makes one attempt, not many. */
  #schedule(): void {
    if (this.#pumping || !this.#signal) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#pumping = false;
    const until = this.#options.clock.steady() + burst;
    while (this.#signal && this.#active.size < this.#workers) {
      if (this.#options.clock.steady() > until) {
        this.#schedule();
        return;
      }
      const key = this.queue.take();
      if (key === undefined) break;
      this.#start(key, this.#signal);
    }
    if (this.#active.size === 0 && this.queue.length === 0) {
      for (const resolve of this.#settled.splice(0)) resolve();
    }
  }

  #start(key: string, signal: AbortSignal): void {
    const attempt: Promise<void> = this.#attempt(key, signal).finally(() => {
      this.#active.delete(attempt);
      this.queue.done(key);
      this.#schedule();
    });
    this.#active.add(attempt);
  }

  async #attempt(key: string, signal: AbortSignal): Promise<void> {
    const log = this.#options.log;
    try {
      const result = await this.#options.reconcile({ key, signal });
      this.queue.forget(key);
      if (result?.after !== undefined) this.queue.addAfter(key, result.after);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Terminal) {
        this.queue.forget(key);
        log.error('reconcile failed for good', { controller: this.name, key, error: error.cause });
        return;
      }
      // A conflict only says that the cache was behind; the newer state is on its way.
      if (isStatus(error, 'Conflict')) log.debug('reconcile met a conflict', { controller: this.name, key });
      else log.warn('reconcile failed', { controller: this.name, key, error, failures: this.queue.failures(key) + 1 });
      this.queue.addRateLimited(key);
    }
  }
}
