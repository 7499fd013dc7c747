import type { Clock, Timer } from '../../base/clock.ts';

/**
 * Names that wait for their turn, first come, first served, at most so many per second and never two at once: a token
 * bucket of one. Source: RateLimitedTimedQueue.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #onTurn: (name: string) => void;
  readonly #waiting = new Set<string>();
  /** Turns per second; 0 stops them. */
  #rate: number;
  /** The steady time from which on there is a turn. */
  #next: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, rate: number, onTurn: (name: string) => void) {
    this.#clock = clock;
    this.#rate = rate;
    this.#next = clock.steady();
    this.#onTurn = onTurn;
  }

  /** Lets a name wait; one that waits already keeps its place. */
  add(name: string): void {
    this.#waiting.add(name);
    this.#arm();
  }

  remove(name: string): void {
    this.#waiting.delete(name);
    if (this.#waiting.size === 0) this.close();
  }

  /** Who must wait now waits anew at the new rate, so that a change of the rate gives nobody a turn. */
  setRate(rate: number): void {
    if (rate === this.#rate) return;
    const now = this.#clock.steady();
    const mustWait = this.#rate === 0 || now < this.#next;
    this.#rate = rate;
    this.#next = mustWait && rate > 0 ? now + 1000 / rate : now;
    this.close();
    this.#arm();
  }

  /** Forgets the timer. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#timer || this.#rate === 0 || this.#waiting.size === 0) return;
    this.#timer = this.#clock.after(Math.max(0, this.#next - this.#clock.steady()), () => this.#turn());
  }

  #turn(): void {
    this.#timer = undefined;
    for (const name of this.#waiting) {
      this.#waiting.delete(name);
      this.#next = this.#clock.steady() + 1000 / this.#rate;
      this.#onTurn(name);
      break;
    }
    this.#arm();
  }
}
