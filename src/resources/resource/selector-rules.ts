import { cel } from '../../api/cel/cel.ts';
import type { CelType } from '../../api/cel/cel-type.ts';
import { CelCompileError, type CelEnvironment } from '../../api/cel/environment.ts';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { DeviceSelector } from '../../api/types/resource-v1.gen.ts';
import { upTo } from './names.ts';

/** Expressions that choose devices. Source: dynamic-resource-allocation `cel/compile.go` and resource/validation. */

const maxSelectors = 32;
const maxExpression = 10 * 1024;
/** What one expression may cost at most, whatever the device. */
const maxCost = 1_000_000;

const maxDomain = 63;
const maxId = 32;
const maxValue = 64;
const maxEntries = 32;

const byId = (value: CelType): CelType => ({
  kind: 'map',
  key: { kind: 'string', maxLength: maxId },
  value,
  maxElements: maxEntries,
});
const byDomain = (value: CelType): CelType => ({
  kind: 'map',
  key: { kind: 'string', maxLength: maxDomain },
  value: byId(value),
  maxElements: maxEntries,
});

/** The one variable, `device`. Its sizes are the limits of ResourceSlices, and feed the cost. */
export const deviceType: CelType = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  fields: new Map(
    Object.entries({
      driver: { kind: 'string', maxLength: maxDomain },
      attributes: byDomain({ kind: 'dyn', maxLength: maxValue }),
      capacity: byDomain({ kind: 'opaque', name: 'kubernetes.Quantity' }),
      allowMultipleAllocations: { kind: 'bool' },
    } satisfies Record<string, CelType>).map(([name, type]) => [name, { name, type, required: true }]),
  ),
};

let environment: CelEnvironment | undefined;

function expressionRule(errors: ErrorList, path: FieldPath, expression: string): void {
  if (Buffer.byteLength(expression) > maxExpression) {
    errors.tooLong(path, maxExpression);
    return;
  }
  environment ??= cel.value.celEnvironment({ device: deviceType });
  try {
    const { resultType, cost } = environment.compile(expression);
    const { kind } = resultType;
    if (kind !== 'bool' && kind !== 'dyn') {
      errors.invalid(path, expression, `must evaluate to bool or the unknown type, not ${kind}`);
    } else if (cost.max > maxCost) errors.forbidden(path, 'too complex, exceeds cost limit');
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
