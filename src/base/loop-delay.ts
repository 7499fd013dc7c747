import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Timer } from './clock.ts';

/** Milliseconds between two samples; what a sample took longer than this is the delay. */
const resolution = 10;
/** Nobody has read for this long: sampling stops, so that an idle process is not woken for it. */
const forgotten = 120_000;

/** How late the event loop ran what was due, in seconds. */
export interface LoopDelayReading {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The event loop's delay between one reading and the next. The first reading begins the sampling and is all zero;
 * without a reader nothing is sampled at all.
 */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #histogram: () => ELDHistogram;
  #sampling: ELDHistogram | undefined;
  #stop: Timer | undefined;

  constructor(clock: Clock, histogram = () => monitorEventLoopDelay({ resolution })) {
    this.#clock = clock;
    this.#histogram = histogram;
  }

  /** What was sampled since the last call; begins anew. */
  read(): LoopDelayReading {
    const histogram = (this.#sampling ??= this.#histogram());
    const over = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolution / 1e3);
    const sampled = histogram.count > 0;
    const reading = {
      p50: sampled ? over(histogram.percentile(50)) : 0,
      p99: sampled ? over(histogram.percentile(99)) : 0,
      max: sampled ? over(histogram.max) : 0,
    };
    histogram.reset();
    histogram.enable();
    this.#stop?.cancel();
    this.#stop = this.#clock.after(forgotten, () => this.close());
    return reading;
  }

  close(): void {
    this.#stop?.cancel();
    this.#sampling?.disable();
    this.#stop = this.#sampling = undefined;
  }
}
