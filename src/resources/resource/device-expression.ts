import { cel } from '../../api/cel/cel.ts';
import type { CelType } from '../../api/cel/cel-type.ts';
import type { CelEnvironment, CelProgram } from '../../api/cel/environment.ts';

/** What one expression that chooses devices may cost at most, whatever the device. */
export const selectorBudget = 1_000_000;

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
const deviceType: CelType = {
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

/** Compiles an expression that chooses devices; CEL must be loaded. Throws `CelCompileError`. */
export function compileSelector(expression: string): CelProgram {
  environment ??= cel.value.celEnvironment({ device: deviceType });
  return environment.compile(expression);
}
