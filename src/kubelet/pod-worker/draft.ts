import type { Container, Pod } from '../types.ts';
import type { Hold, Instance, Observed } from './observed.ts';

/** One thing to do. Steps of one plan are independent and run at the same time; `key` says what is already being done. */
export type Step = { readonly key: string } & (
  | { readonly do: 'start-sandbox'; readonly attempt: number }
  | { readonly do: 'stop-sandbox'; readonly sandboxId: string }
  | { readonly do: 'set-up-volumes' }
  | { readonly do: 'find-image'; readonly container: Container }
  | {
      readonly do: 'start-container';
      readonly container: Container;
      readonly attempt: number;
      readonly backoff: number;
    }
  | {
      readonly do: 'stop-container';
      readonly container: Container | undefined;
      readonly instance: Instance;
      readonly graceSeconds: number;
      readonly message: string;
      readonly hook: boolean;
    }
  | { readonly do: 'remove-container'; readonly instance: Instance }
  | { readonly do: 'remove-sandbox'; readonly sandboxId: string }
  /** Nothing runs any more and nothing will: the pod is over. */
  | { readonly do: 'finish' }
);

export interface Plan {
  readonly steps: readonly Step[];
  /** When to plan again though nothing happened, steady milliseconds. */
  readonly wakeAt: number;
  /** What containers that do not run wait for, where it is more than their creation. */
  readonly waiting: ReadonlyMap<string, { readonly reason: string; readonly message: string }>;
  /** Every container has ended for good. */
  readonly done: boolean;
}

/** Collects a plan. */
export class Draft {
  readonly pod: Pod;
  readonly observed: Observed;
  readonly now: number;
  readonly #steps: Step[] = [];
  readonly #waiting = new Map<string, { reason: string; message: string }>();
  #wakeAt = Number.POSITIVE_INFINITY;
  done = false;

  constructor(pod: Pod, observed: Observed, now: number) {
    this.pod = pod;
    this.observed = observed;
    this.now = now;
  }

  /** Adds a step unless it is under way or held back. */
  add(step: Step): void {
    if (this.observed.busy.has(step.key) || this.isHeld(step.key)) return;
    this.#steps.push(step);
  }

  isHeld(key: string): Hold | undefined {
    const hold = this.observed.held.get(key);
    if (!hold || hold.until <= this.now) return undefined;
    this.wakeAt(hold.until);
    return hold;
  }

  wakeAt(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at);
  }

  waits(name: string, reason: string, message: string): void {
    this.#waiting.set(name, { reason, message });
  }

  finished(): Plan {
    return { steps: this.#steps, wakeAt: this.#wakeAt, waiting: this.#waiting, done: this.done };
  }
}
