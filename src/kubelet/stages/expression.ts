import { Jq } from '../../base/jq/run.ts';
import type { Expression, ValueFrom } from './stage-object.ts';

/** What a stage asks for and krill does not do, or does not understand. */
export class StageError extends Error {
  constructor(path: string, message: string) {
    super(`${path}: ${message}`);
    this.name = 'StageError';
  }
}

/** Whether an object is as an expression wants it. */
export type Test = (object: unknown) => boolean;

const noCel = 'CEL is not supported in stages, use jq';

/** Reads a jq filter. One that fails on an object yields nothing of it. */
function filterOf(path: string, source: string): (object: unknown) => unknown[] {
  let jq: Jq;
  try {
    jq = new Jq(source);
  } catch (error) {
    throw new StageError(path, `${JSON.stringify(source)}: ${(error as Error).message}`);
  }
  return (object) => {
    try {
      return jq.run(object);
    } catch {
      return [];
    }
  };
}

const operators: Readonly<Record<string, (found: readonly unknown[], values: readonly string[]) => boolean>> = {
  In: hasAny,
  NotIn: (found, values) => !hasAny(found, values),
  Exists: (found) => found.some((value) => value !== null),
  DoesNotExist: (found) => found.every((value) => value === null),
};

function hasAny(found: readonly unknown[], values: readonly string[]): boolean {
  return found.some((value) => value !== null && typeof value !== 'object' && values.includes(String(value)));
}

/** Compiles one of matchExpressions. Throws `StageError`. */
export function compileExpression(path: string, { jq, cel, expression, ...flat }: Expression): Test {
  if (cel || expression !== undefined) throw new StageError(path, noCel);
  const { key, operator = '', values = [] } = jq ?? flat;
  if (key === undefined) throw new StageError(path, 'a key is required');
  const holds = operators[operator];
  if (!holds) throw new StageError(`${path}.operator`, `Unsupported value: ${JSON.stringify(operator)}`);
  if (operator.endsWith('In') !== values.length > 0) {
    const needs = operator.endsWith('In') ? 'needs values' : 'takes no values';
    throw new StageError(`${path}.values`, `${operator} ${needs}`);
  }
  const filter = filterOf(`${path}.key`, key);
  return (object) => holds(filter(object), values);
}

/** Compiles where a value comes from: its first, undefined where there is none. Throws `StageError`. */
export function compileValue(path: string, from: ValueFrom | undefined): ((object: unknown) => unknown) | undefined {
  if (from?.cel) throw new StageError(path, noCel);
  const source = from?.jq?.expression ?? from?.expressionFrom;
  if (source === undefined) return undefined;
  const filter = filterOf(path, source);
  return (object) => filter(object)[0];
}
