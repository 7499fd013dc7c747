import { backoffDelay } from '../base/backoff.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Log, Row } from './log.ts';
import { WriteFailed } from './store.ts';

/** One accepted write on its way to the log. */
export interface PendingWrite {
  readonly row: Row;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the queue tells the store, in this order and before any promise settles. */
export interface CommitSink<W extends PendingWrite> {
  /** The writes are durable. Returns what is to be done after their promises were resolved: publishing. */
  committed(writes: readonly W[]): () => void;
  /** None of the writes, which are all that were pending, will ever be durable. */
  dropped(writes: readonly W[]): void;
}

const maxBatchRows = 1024;
const maxBatchBytes = 8 << 20;
/** How long a lazy write may wait for company, in milliseconds. */
export const lazyDelay = 1000;
const probing = { initial: 100, max: 5000, factor: 2, jitter: 0.1 };

export interface CommitQueueOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The newest committed revision, which recovery must not touch. */
  readonly revision: () => number;
}

/**
 * Group commit: while one batch is in the log, the next gathers. Writes commit in the order of their revisions, lazy
 * ones included. After a failed batch nothing is accepted until the log has proved that it works again.
 */
export class CommitQueue<W extends PendingWrite> {
  readonly #options: CommitQueueOptions;
  readonly #sink: CommitSink<W>;
  #gathering: W[] = [];
  #inFlight = false;
  #scheduled = false;
  #lazyTimer: Timer | undefined;
  #probeTimer: Timer | undefined;
  /** How many writes came and how many of them have settled, in order. */
  #pushed = 0;
  #settled = 0;
  #waiters: { readonly until: number; readonly resolve: () => void }[] = [];
  #failure: WriteFailed | undefined;
  #closed = false;

  constructor(options: CommitQueueOptions, sink: CommitSink<W>) {
    this.#options = options;
    this.#sink = sink;
  }

  /** Why writes are refused just now. */
  get failure(): WriteFailed | undefined {
    return this.#failure;
  }

  push(write: W, lazy: boolean): void {
    this.#gathering.push(write);
    this.#pushed++;
    if (this.#inFlight || this.#scheduled) return;
    if (lazy) this.#lazyTimer ??= this.#options.clock.after(lazyDelay, () => this.#start());
    else this.#schedule();
  }

  /** Resolves when everything pushed before has settled. */
  flush(): Promise<void> {
    if (this.#settled === this.#pushed) return Promise.resolve();
    if (!this.#inFlight) this.#schedule();
    return new Promise((resolve) => this.#waiters.push({ until: this.#pushed, resolve }));
  }

  /** Refuses what comes from now on and settles what came before. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#probeTimer?.cancel();
    this.#failure ??= new WriteFailed(new Error('the store is closed'));
    await this.flush();
  }

  /** Refuses all further writes: the file cannot be trusted. */
  poison(cause: Error): void {
    this.#closed = true;
    this.#probeTimer?.cancel();
    this.#failure = new WriteFailed(cause);
  }

  /** Commits at the end of this turn, with all that the turn still brings. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#start());
  }

  #start(): void {
    this.#scheduled = false;
    this.#lazyTimer?.cancel();
    this.#lazyTimer = undefined;
    if (this.#inFlight) return;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#inFlight = true;
    this.#options.log.append(batch.map((write) => write.row)).then(
      () => this.#succeed(batch),
      (error) => this.#fail(batch, error),
    );
  }

  #take(): W[] {
    let bytes = 0;
    let rows = 0;
    while (rows < this.#gathering.length && rows < maxBatchRows && bytes < maxBatchBytes) {
      bytes += this.#gathering[rows++]!.row.value?.length ?? 0;
    }
    return this.#gathering.splice(0, rows);
  }

  #succeed(batch: W[]): void {
    this.#inFlight = false;
    const publish = this.#sink.committed(batch);
    for (const write of batch) write.resolve();
    if (this.#gathering.length > 0) this.#start();
    publish();
    this.#settle(batch.length);
  }

  #fail(batch: W[], cause: unknown): void {
    this.#inFlight = false;
    const writes = [...batch, ...this.#gathering];
    this.#gathering = [];
    this.#failure = new WriteFailed(cause);
    this.#options.logger.error('The store takes no writes: a batch could not be made durable', {
      error: cause instanceof Error ? cause : String(cause),
      writes: writes.length,
    });
    this.#sink.dropped(writes);
    for (const write of writes) write.reject(this.#failure);
    this.#settle(writes.length);
    this.#probe(1);
  }

  #probe(attempt: number): void {
    if (this.#closed) return;
    const { clock, ids, log, logger } = this.#options;
    this.#probeTimer = clock.after(backoffDelay(probing, attempt, ids), () => {
      log.recover(this.#options.revision()).then(
        () => {
          if (this.#closed) return;
          this.#failure = undefined;
          logger.info('The store takes writes again', { attempts: attempt });
        },
        () => this.#probe(attempt + 1),
      );
    });
  }

  #settle(writes: number): void {
    this.#settled += writes;
    while (this.#waiters[0] && this.#waiters[0].until <= this.#settled) this.#waiters.shift()!.resolve();
  }
}
