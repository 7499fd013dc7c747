import { CelBudgetError } from '../environment.ts';
import type { Fault } from '../values/fault.ts';
import type { Value } from '../values/value.ts';

/** A value, or why there is none. */
export type Outcome = Value | Fault;

/** One step of a planned expression. */
export type Step = (frame: Frame) => Outcome;

/** The state of one evaluation. */
export class Frame {
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Variables of comprehensions, by the places that the planner gave them. */
  readonly locals: (Outcome | undefined)[];
  /** What bindings will be, until they are read. */
  readonly pending: (Step | undefined)[] = [];
  readonly budget: number;
  cost = 0;

  constructor(bindings: Readonly<Record<string, unknown>>, locals: number, budget: number) {
    this.bindings = bindings;
    this.locals = locals === 0 ? none : new Array(locals).fill(undefined);
    this.budget = budget;
  }

  /** Counts a cost. Throws `CelBudgetError` when it is one too many. */
  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.budget) throw new CelBudgetError();
  }
}

const none: Outcome[] = [];
