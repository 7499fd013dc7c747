import { matchConditionsBudget } from '../../../api/cel/budgets.ts';
import type { MatchCondition } from '../../../api/types/admissionregistration-v1.gen.ts';
import type { Expressions } from '../../../resources/admissionregistration/expressions.ts';
import { Budget, OutOfBudget } from './budget.ts';
import { compiledTo, type Expression } from './expression.ts';
import { run } from './run.ts';
import type { Scene } from './scene.ts';

/** Compiles the conditions under which a webhook or policy is asked. */
export const compileConditions = (expressions: Expressions, conditions: readonly MatchCondition[]): Expression[] =>
  conditions.map(({ expression }) => compiledTo(expressions, 'condition', expression));

/** Whether all conditions hold, or why that cannot be told. */
export type Matching = { readonly matches: boolean; readonly error?: undefined } | { readonly error: string };

/**
 * One condition that does not hold decides, even where another cannot be evaluated. Source: apiserver
 * `admission/plugin/webhook/matchconditions/matcher.go`; what an error comes to is the caller's failure policy.
 */
export function conditionsHold(conditions: readonly Expression[], scene: Scene): Matching {
  const budget = new Budget(matchConditionsBudget);
  const errors = new Set<string>();
  try {
    const outcomes = conditions.map((condition) => run(condition, scene, budget));
    for (const outcome of outcomes) {
      if (outcome.error !== undefined) errors.add(outcome.error);
      else if (outcome.value === false) return { matches: false };
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return { error: error.message };
  }
  if (errors.size === 0) return { matches: true };
  return { error: errors.size === 1 ? [...errors][0]! : `[${[...errors].join(', ')}]` };
}
