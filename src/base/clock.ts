import { TimingWheel } from './timing-wheel.ts';

/**
 * Time, injected. `wall` is what users see (timestamps, TTLs, cron, token expiry) and may be set or frozen;
 * `steady` never jumps back or stops and is what timeouts, back-off and I/O use.
 * Nothing outside `src/base` calls `Date.now`, `performance.now`, `setTimeout` or `setInterval`.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  wall(): number;
  /** Monotonic milliseconds from an arbitrary start. */
  steady(): number;
  /** Runs `fn` once after `ms` of steady time. The timer does not keep the process alive. */
  after(ms: number, fn: () => void): Timer;
  /** Resolves after `ms` of steady time; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A pending one-shot timer. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The last second that was written out: most times are of now. */
let written = { second: Number.NaN, text: '' };

/** RFC 3339 with seconds, the form of `metav1.Time`. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (written.second !== second) written = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return written.text;
}

/** RFC 3339 with microseconds, the form of `metav1.MicroTime`. */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

function sleepOn(clock: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Longest delay one `setTimeout` can hold. */
const maxTimeout = 0x7fffffff;

/** The machine's own clock. All its timers lie on one wheel with ticks of a millisecond, and one native timer turns it. */
export class SystemClock implements Clock {
  readonly #wheel = new TimingWheel();
  readonly #origin = performance.now();
  #native: NodeJS.Timeout | undefined;
  /** The tick for which the native timer is set. */
  #armed = Number.POSITIVE_INFINITY;

  wall(): number {
    return Date.now();
  }

  steady(): number {
    return performance.now();
  }

  after(ms: number, fn: () => void): Timer {
    const passed = performance.now() - this.#origin;
    const entry = this.#wheel.add(Math.ceil(passed + ms), fn);
    if (entry.due < this.#armed) this.#arm(entry.due, passed);
    return { cancel: () => this.#wheel.cancel(entry) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  #arm(tick: number, passed: number): void {
    clearTimeout(this.#native);
    this.#armed = tick;
    this.#native = setTimeout(this.#turn, Math.min(Math.max(1, tick - passed), maxTimeout)).unref();
  }

  readonly #turn = (): void => {
    try {
      this.#wheel.advance(Math.floor(performance.now() - this.#origin));
    } finally {
      this.#armed = Number.POSITIVE_INFINITY;
      const next = this.#wheel.next();
      if (next !== undefined) this.#arm(next, performance.now() - this.#origin);
    }
  };
}

interface Due {
  at: number;
  order: number;
  fn: () => void;
}

/** A clock that moves only when told to: for tests, and for users who stop and turn time. */
export class ManualClock implements Clock {
  #wall: number;
  #steady = 0;
  #order = 0;
  #due: Due[] = [];

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  wall(): number {
    return this.#wall;
  }

  steady(): number {
    return this.#steady;
  }

  after(ms: number, fn: () => void): Timer {
    const due = { at: this.#steady + Math.max(0, ms), order: this.#order++, fn };
    this.#due.push(due);
    return { cancel: () => void (this.#due = this.#due.filter((d) => d !== due)) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /**
   * Moves both clocks on by `ms`, running due timers in order and letting promises settle between them. What happened
   * before is taken note of first: whoever waits from then on waits from then on.
   */
  async advance(ms: number): Promise<void> {
    await new Promise(setImmediate);
    const end = this.#steady + ms;
    for (;;) {
      const next = this.#due.filter((d) => d.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#due = this.#due.filter((d) => d !== next);
      this.#wall += next.at - this.#steady;
      this.#steady = next.at;
      next.fn();
      await new Promise(setImmediate);
    }
    this.#wall += end - this.#steady;
    this.#steady = end;
    await new Promise(setImmediate);
  }
}
