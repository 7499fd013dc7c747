import { CelBudgetError } from '../environment.ts';
import type { Fault } from '../values/fault.ts';
import type { Value } from '../values/value.ts';

/** A value, or why there is none. */
export type Outcome = Value | Fault;

/** One step of a planned expression. */
export type Step = (frame: Frame) => Outcome;

/** A bound value that nobody has asked for yet. */
export class Pending {
  readonly step: Step;

  constructor(step: Step) {
    this.step = step;
  }
}

/** The state of one evaluation. */
export class Frame {
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Variables that have been read and those of comprehensions, by the places that the planner gave them. */
  readonly slots: (Outcome | Pending | undefined)[];
  readonly budget: number;
  cost = 0;

  constructor(bindings: Readonly<Record<string, unknown>>, slots: number, budget: number) {
    this.bindings = bindings;
    this.slots = new Array(slots).fill(undefined);
    this.budget = budget;
  }

  /** Counts a cost. Throws `CelBudgetError` when it is one too many. */
  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.budget) throw new CelBudgetError();
  }
}
