import { cel } from '../../api/cel/cel.ts';
import { CelCompileError, type CelProgram } from '../../api/cel/environment.ts';
import type { Device, DeviceSelector } from '../../api/types/resource-v1.gen.ts';
import { compileSelector, selectorBudget } from '../../resources/resource/device-expression.ts';
import type { OfferedDevice } from './device.ts';

/** An expression that cannot be asked about a device. `message` is without the place of the expression. */
export class SelectorFailure extends Error {
  constructor(stage: 'compile' | 'runtime', cause: Error) {
    super(`CEL ${stage} error: ${cause.message}`, { cause });
    this.name = 'SelectorFailure';
  }
}

/** Few expressions are about, and each of them again and again. */
const programs = new Map<string, CelProgram>();
const maxPrograms = 128;

function programOf(expression: string): CelProgram {
  let program = programs.get(expression);
  if (!program) {
    try {
      program = compileSelector(expression);
    } catch (error) {
      throw error instanceof CelCompileError ? new SelectorFailure('compile', error) : error;
    }
    if (programs.size >= maxPrograms) programs.clear();
    programs.set(expression, program);
  }
  return program;
}

/** Devices are immutable, so that an expression has one answer about each. */
const answers = new WeakMap<Device, Map<string, boolean>>();
const variables = new WeakMap<Device, unknown>();

/** Whether a selector chooses the device. Throws `SelectorFailure`; CEL must be loaded. */
export function selects({ cel: selector }: DeviceSelector, { device, pool }: OfferedDevice): boolean {
  const expression = selector?.expression ?? '';
  let known = answers.get(device);
  if (!known) answers.set(device, (known = new Map()));
  let answer = known.get(expression);
  if (answer !== undefined) return answer;
  const program = programOf(expression);
  try {
    let variable = variables.get(device);
    if (!variable) {
      const { attributes, capacity, allowMultipleAllocations } = device;
      variable = cel.value.deviceVariable({
        driver: pool.driver,
        ...(attributes && { attributes: attributes as unknown as Record<string, Record<string, unknown>> }),
        ...(capacity && { capacity }),
        ...(allowMultipleAllocations && { allowMultipleAllocations }),
      });
      variables.set(device, variable);
    }
    const { value } = program.evaluate({ device: variable }, selectorBudget);
    if (typeof value !== 'boolean') throw new Error('CEL expression does not evaluate to bool');
    answer = value;
  } catch (error) {
    throw new SelectorFailure('runtime', error as Error);
  }
  known.set(expression, answer);
  return answer;
}
