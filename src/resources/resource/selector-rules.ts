import { CelCompileError } from '../../api/cel/environment.ts';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { DeviceSelector } from '../../api/types/resource-v1.gen.ts';
import { compileSelector, selectorBudget } from './device-expression.ts';
import { upTo } from './names.ts';

/** Expressions that choose devices. Source: dynamic-resource-allocation `cel/compile.go` and resource/validation. */

const maxSelectors = 32;
const maxExpression = 10 * 1024;
function expressionRule(errors: ErrorList, path: FieldPath, expression: string): void {
  if (Buffer.byteLength(expression) > maxExpression) {
    errors.tooLong(path, maxExpression);
    return;
  }
  try {
    const { resultType, cost } = compileSelector(expression);
    const { kind } = resultType;
    if (kind !== 'bool' && kind !== 'dyn') {
      errors.invalid(path, expression, `must evaluate to bool or the unknown type, not ${kind}`);
    } else if (cost.max > selectorBudget) errors.forbidden(path, 'too complex, exceeds cost limit');
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    errors.invalid(path, expression, `${error.stage} failed: ${error.message}`);
  }
}

/** `stored`: the selectors were good when they were written, and are not compiled again. */
export function selectors(
  errors: ErrorList,
  path: FieldPath,
  list: readonly DeviceSelector[] | undefined,
  stored = false,
): void {
  upTo(errors, path, list, maxSelectors, (_, at, { cel }) => {
    if (!cel) errors.required(at.child('cel'));
    else if (!stored) expressionRule(errors, at.child('cel', 'expression'), cel.expression ?? '');
  });
}
