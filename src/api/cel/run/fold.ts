import { type Expr, type Fold, isBinding } from '../syntax/ast.ts';
import { Fault } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { ValueMap } from '../values/map.ts';
import { typeName } from '../values/type-of.ts';
import { CelList, CelMap, type Value } from '../values/value.ts';
import { type Frame, type Outcome, Pending, type Step } from './frame.ts';

/** Comprehensions. */

/** What planning a comprehension takes of the planner around it. */
interface Planner {
  plan(expr: Expr): { readonly run: Step };
  /** Gives a variable its place. */
  enter(name: string): number;
  leave(name: string): void;
}

export function planFold(fold: Fold, planner: Planner): Step {
  if (isBinding(fold)) return planBinding(fold, planner);
  const range = planner.plan(fold.range).run;
  const init = planner.plan(fold.init).run;
  const gathered = planner.enter(fold.accumulator);
  const first = planner.enter(fold.variable);
  const second = fold.second === undefined ? undefined : planner.enter(fold.second);
  const condition = planner.plan(fold.condition).run;
  const step = planner.plan(fold.step).run;
  planner.leave(fold.variable);
  if (fold.second !== undefined) planner.leave(fold.second);
  const result = planner.plan(fold.result).run;
  planner.leave(fold.accumulator);

  const loop: Loop = { first, second, gathered, condition, step };
  return (frame) => {
    const over = range(frame);
    if (over instanceof Fault) return over;
    if (!(over instanceof CelList || over instanceof CelMap))
      return new Fault(`got '${typeName(over)}', expected iterable type`);
    frame.slots[gathered] = growing(init(frame));
    if (over instanceof CelList) loopList(loop, over, frame);
    else loopMap(loop, over, frame);
    return settled(result(frame));
  };
}

interface Loop {
  /** Places of the variables and of the accumulator. */
  readonly first: number;
  readonly second: number | undefined;
  readonly gathered: number;
  readonly condition: Step;
  readonly step: Step;
}

/** One round. False when it was the last. */
function round({ gathered, condition, step }: Loop, frame: Frame): boolean {
  if (condition(frame) === false) return false;
  frame.slots[gathered] = step(frame);
  return true;
}

function loopList(loop: Loop, list: CelList, frame: Frame): void {
  const { first, second } = loop;
  for (let i = 0; i < list.size; i++) {
    const value = attempt(() => list.at(i));
    if (second === undefined) frame.slots[first] = value;
    else {
      frame.slots[first] = BigInt(i);
      frame.slots[second] = value;
    }
    if (!round(loop, frame)) return;
  }
}

function loopMap(loop: Loop, map: CelMap, frame: Frame): void {
  const { first, second } = loop;
  for (const key of map.keys()) {
    frame.slots[first] = key;
    if (second !== undefined) frame.slots[second] = attempt(() => map.find(key) ?? null);
    if (!round(loop, frame)) return;
  }
}

/** A value that cannot be read is a fault where it is used. */
function attempt(read: () => Value): Outcome {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** An empty list or map to gather in grows in place. */
function growing(value: Outcome): Outcome {
  if (value instanceof ValueList && value.size === 0) return new ValueList([], true);
  if (value instanceof ValueMap && value.size === 0) return new ValueMap(new Map(), true);
  return value;
}

function settled(value: Outcome): Outcome {
  if (value instanceof ValueList || value instanceof ValueMap) value.growing = false;
  return value;
}

/** The value is evaluated when its name is first read, or never. */
function planBinding(fold: Fold, planner: Planner): Step {
  const pending = new Pending(planner.plan(fold.init).run);
  const place = planner.enter(fold.accumulator);
  const result = planner.plan(fold.result).run;
  planner.leave(fold.accumulator);
  return (frame) => {
    frame.slots[place] = pending;
    return result(frame);
  };
}

/** Reads a variable of a comprehension. */
export const local =
  (place: number): Step =>
  (frame) => {
    const value = frame.slots[place];
    if (value instanceof Pending) return (frame.slots[place] = value.step(frame));
    return value ?? null;
  };
