import type { Clock } from '../base/clock.ts';
import type { StartStep } from './contract.ts';

/** Times the named steps of a start and tells of each as it ends. */
export class StartSteps {
  readonly done: StartStep[] = [];
  readonly #clock: Clock;
  readonly #began: number;
  readonly #onStep: (step: StartStep) => void;

  constructor(clock: Clock, onStep: (step: StartStep) => void) {
    this.#clock = clock;
    this.#began = clock.steady();
    this.#onStep = onStep;
  }

  /** Runs one step; a failure names it. */
  async run<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const from = this.#clock.steady();
    const result = await work();
    const now = this.#clock.steady();
    const step = { name, at: now - this.#began, took: now - from };
    this.done.push(step);
    this.#onStep(step);
    return result;
  }
}
