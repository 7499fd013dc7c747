import { toText } from '../values/convert.ts';
import { Fault, fail, noSuchOverload } from '../values/fault.ts';
import { typeName } from '../values/type-of.ts';
import { CelList, CelMap, Optional, Uint, type Value } from '../values/value.ts';
import type { Frame, Outcome, Step } from './frame.ts';

/**
 * Paths: a variable or a value, and the fields and indices behind it. They are one unit because costs and optional
 * selection run along them. Source: cel-go `interpreter/attributes.go`.
 */
export type Path = ValuePath | ChoicePath;

export interface ValuePath {
  readonly kind: 'value';
  /** Gives what the path starts from. */
  readonly start: Step;
  readonly steps: PathStep[];
}

/** `(condition ? a : b).c`: steps go to both branches. */
export interface ChoicePath {
  readonly kind: 'choice';
  readonly condition: Step;
  readonly yes: Path;
  readonly no: Path;
}

export interface PathStep {
  /** The field or index. */
  readonly key: Step;
  /** The key, where it is always this field. */
  readonly field?: string;
  readonly optional: boolean;
  /** `has(…)`: only whether it is there. */
  readonly test: boolean;
}

export function addStep(path: Path, step: PathStep): void {
  if (path.kind === 'value') path.steps.push(step);
  else {
    addStep(path.yes, step);
    addStep(path.no, step);
  }
}

/** The value at the end of the path. Each step costs one; what the start costs is the caller's. */
export function resolve(path: Path, frame: Frame): Outcome {
  if (path.kind === 'value') return follow(path, frame);
  const condition = path.condition(frame);
  if (condition === true) return resolve(path.yes, frame);
  if (condition === false) return resolve(path.no, frame);
  return condition instanceof Fault ? condition : noSuchOverload;
}

function follow({ start, steps }: ValuePath, frame: Frame): Outcome {
  const value = start(frame);
  if (value instanceof Fault || steps.length === 0) return value;
  try {
    return walk(value, steps, frame);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function walk(from: Value, steps: readonly PathStep[], frame: Frame): Outcome {
  let value = from;
  let optional = false;
  if (value instanceof Optional) {
    if (value.value === undefined) return value;
    value = value.value;
    optional = true;
  }
  for (const step of steps) {
    optional ||= step.optional;
    if (optional) {
      const next = takeOptional(value, step, frame);
      if (next instanceof Fault) return next;
      if (next === undefined) return Optional.none;
      value = next;
    } else {
      const key = step.field ?? step.key(frame);
      frame.spend(1);
      if (key instanceof Fault) return key;
      const next: Value | undefined = select(value, key, step.test);
      value = step.test ? next !== undefined : next!;
    }
  }
  return optional ? Optional.of(value) : value;
}

/** A step that may lead nowhere; then it gives undefined, and costs nothing. */
function takeOptional(value: Value, step: PathStep, frame: Frame): Outcome | undefined {
  const key = step.key(frame);
  if (key instanceof Fault) return key;
  const found = select(value, key, true);
  if (found !== undefined || step.test) frame.spend(1);
  // Of what has() found only that it is there counts.
  return step.test && found !== undefined ? true : found;
}

function select(value: Value, key: Value, absentIsFine: boolean): Value | undefined {
  if (value instanceof CelMap) {
    const found = value.find(key);
    return found === undefined ? absent(key, absentIsFine) : found;
  }
  if (value instanceof CelList) return element(value, key, absentIsFine);
  return absent(key, absentIsFine);
}

const absent = (key: Value, fine: boolean): undefined => (fine ? undefined : fail(`no such key: ${toText(key)}`));

function element(list: CelList, key: Value, absentIsFine: boolean): Value | undefined {
  const index = indexOf(key);
  if (index >= 0n && index < list.size) return list.at(Number(index));
  return absentIsFine ? undefined : fail(`index out of bounds: ${toText(key)}`);
}

function indexOf(key: Value): bigint {
  if (typeof key === 'bigint') return key;
  if (key instanceof Uint) return key.value;
  if (typeof key !== 'number') return fail(`unsupported index type '${typeName(key)}' in list`);
  return Number.isInteger(key) ? BigInt(key) : fail(`unsupported index value ${toText(key)} in list`);
}
