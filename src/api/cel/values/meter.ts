import { CelBudgetError } from '../environment.ts';

/**
 * Work that costs do not count. A value may hold another many times over, and an expression that doubles one a few dozen
 * times is cheap by all costs, but to compare or print the result would take for ever. Evaluations run one after another,
 * so one counter does.
 */
let done = 0;

const most = 5_000_000;

/** At the start of an evaluation. */
export function resetMeter(): void {
  done = 0;
}

/** For each value that is looked at. Throws `CelBudgetError` when it has been too many. */
export function countWork(steps = 1): void {
  done += steps;
  if (done > most) throw new CelBudgetError();
}
