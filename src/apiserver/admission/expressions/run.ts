import { perCallLimit } from '../../../api/cel/budgets.ts';
import type { Budget } from './budget.ts';
import { type Expression, evaluated, type Outcome } from './expression.ts';
import type { Scene } from './scene.ts';

/**
 * Evaluates an expression and pays for it and for the variables it was the first to use. Throws `OutOfBudget`. Source of the
 * texts: apiserver `admission/plugin/cel/activation.go`.
 */
export function run({ text, program, error }: Expression, scene: Scene, budget: Budget): Outcome {
  if (!program) return { error: `compilation error: ${error}` };
  const { cost, unfit, ...outcome } = evaluated(() => program.evaluate(scene.bindings, perCallLimit));
  budget.pay(scene.takeCost());
  budget.pay(cost);
  return outcome.error === undefined || unfit
    ? outcome
    : { error: `expression '${text}' resulted in error: ${outcome.error}` };
}
