import { abortable } from '../../base/abortable.ts';
import type { Clock } from '../../base/clock.ts';
import type { Scope } from '../../base/scope.ts';
import type { NodeStats } from '../../node/usage.ts';

/** Two readings of a node; without an earlier one rates are only known where the runtime tells them. */
export interface Readings {
  readonly now: NodeStats;
  readonly before: { readonly stats: NodeStats; readonly windowMs: number } | undefined;
}

/** A reading younger than this answers again. Milliseconds. */
const freshFor = 5_000;
/** A reading older than this says nothing of how much is used now. */
const comparableFor = 60_000;
/** How far two readings are apart where there was none to compare with. */
const gap = 1_000;

interface Reading {
  readonly stats: NodeStats;
  /** Steady milliseconds. */
  readonly at: number;
}

/**
 * Reads what a node uses when somebody asks, and never else. CPU use is what was counted since the reading before this
 * one; the first who asks for long waits a second for a pair of them. Who asks at the same time shares a reading.
 */
export class UsageMeter {
  readonly #take: (signal: AbortSignal) => Promise<NodeStats>;
  readonly #clock: Clock;
  readonly #scope: Scope;
  #last: Reading | undefined;
  #before: Reading | undefined;
  #reading: Promise<Readings> | undefined;

  constructor(take: (signal: AbortSignal) => Promise<NodeStats>, clock: Clock, scope: Scope) {
    this.#take = take;
    this.#clock = clock;
    this.#scope = scope;
  }

  read(signal: AbortSignal): Promise<Readings> {
    // It is not the signal's alone: others may wait for the same reading.
    this.#reading ??= this.#measure(this.#scope.signal).finally(() => {
      this.#reading = undefined;
    });
    return abortable(this.#reading, signal);
  }

  async #measure(signal: AbortSignal): Promise<Readings> {
    const age = this.#last ? this.#clock.steady() - this.#last.at : Number.POSITIVE_INFINITY;
    if (age > freshFor || !this.#before) {
      const known = age <= comparableFor ? this.#last : undefined;
      let reading = await this.#read(signal);
      this.#before = known;
      if (!known && !reading.stats.rate) {
        this.#before = reading;
        await this.#clock.sleep(gap, signal);
        reading = await this.#read(signal);
      }
      // What tells its rates by itself is as cheap as this answer, and may be another the next moment.
      if (reading.stats.rate) return { now: reading.stats, before: undefined };
      this.#last = reading;
    }
    const { stats, at } = this.#last!;
    const before = this.#before && { stats: this.#before.stats, windowMs: at - this.#before.at };
    return { now: stats, before };
  }

  async #read(signal: AbortSignal): Promise<Reading> {
    const stats = await this.#take(signal);
    return { stats, at: this.#clock.steady() };
  }
}
