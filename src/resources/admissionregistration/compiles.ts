import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { ExpressionError, type Expressions, type PurposeName } from './expressions.ts';

function tried(errors: ErrorList, path: FieldPath, shown: string, compile: () => unknown): void {
  try {
    compile();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    errors.invalid(path, shown, error.message);
  }
}

/** An expression that must compile. `shown` is what the user wrote, where that differs. */
export function compiles(
  errors: ErrorList,
  path: FieldPath,
  expressions: Expressions,
  purpose: PurposeName,
  expression: string,
  shown = expression,
): void {
  tried(errors, path, shown, () => expressions.compile(purpose, expression));
}

/** A variable that must compile; what follows sees it either way. */
export function defines(
  errors: ErrorList,
  path: FieldPath,
  expressions: Expressions,
  name: string,
  expression: string,
): void {
  tried(errors, path, expression, () => expressions.define(name, expression));
}
