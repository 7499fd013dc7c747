import { perCallLimit } from '../../../api/cel/budgets.ts';
import { CelBudgetError, type CelProgram, CelResultError, CelRuntimeError } from '../../../api/cel/environment.ts';
import {
  ExpressionError,
  type Expressions,
  type PurposeName,
} from '../../../resources/admissionregistration/expressions.ts';

/** An expression of a policy or webhook, compiled once. Source: apiserver `admission/plugin/cel/compile.go`. */
export interface Expression {
  readonly text: string;
  /** None where it does not compile. */
  readonly program: CelProgram | undefined;
  /** Why it does not compile; "" when it does. */
  readonly error: string;
}

/** Compiles an expression. What is stored has compiled before, but the language may have been another then. */
export const compiledTo = (expressions: Expressions, purpose: PurposeName, text: string): Expression =>
  attempted(text, () => expressions.compile(purpose, text));

/** Compiles a variable, so that what is compiled after it sees it. */
export const definedAs = (expressions: Expressions, name: string, text: string): Expression =>
  attempted(text, () => expressions.define(name, text));

function attempted(text: string, compile: () => CelProgram): Expression {
  try {
    return { text, program: compile(), error: '' };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { text, program: undefined, error: error.message };
  }
}

/** What an expression gave, or why it gave nothing. */
export type Outcome = { readonly value: unknown; readonly error?: undefined } | { readonly error: string };

/** An outcome with its cost, which is owed either way. */
export type Evaluation = Outcome & {
  readonly cost: number;
  /** The value is not what may be given: the text of the error stands for itself. */
  readonly unfit?: boolean;
};

/** Evaluates, and catches what expressions may throw. */
export function evaluated(evaluate: () => { readonly value: unknown; readonly cost: number }): Evaluation {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof CelResultError) return { error: error.message, cost: error.cost, unfit: true };
    if (error instanceof CelRuntimeError) return { error: error.message, cost: error.cost };
    // It would have gone on, and it has had all it may have.
    if (error instanceof CelBudgetError) return { error: error.message, cost: perCallLimit + 1 };
    throw error;
  }
}
