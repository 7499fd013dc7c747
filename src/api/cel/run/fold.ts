import { type Fold, isBinding } from '../syntax/ast.ts';
import { Fault, noSuchOverload } from '../values/fault.ts';
import { CelList, ValueList } from '../values/list.ts';
import { CelMap, ValueMap } from '../values/map.ts';
import { typeName } from '../values/type-of.ts';
import type { Value } from '../values/value.ts';
import type { Frame, Outcome, Step } from './frame.ts';
import type { Planner } from './plan.ts';

/** Comprehensions. */

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

  return (frame) => {
    const over = range(frame);
    if (over instanceof Fault) return over;
    const pairs = pairsOf(over, second !== undefined);
    if (pairs instanceof Fault) return pairs;
    frame.locals[gathered] = growing(init(frame));
    for (const [key, value] of pairs) {
      if (second === undefined) frame.locals[first] = over instanceof CelList ? value : key;
      else {
        frame.locals[first] = key;
        frame.locals[second] = value;
      }
      const going = condition(frame);
      if (going === false) break;
      frame.locals[gathered] = step(frame);
    }
    return settled(result(frame));
  };
}

/** Keys and values of what is gone through. A value that cannot be read is a fault where it is used. */
function pairsOf(range: Value, both: boolean): Iterable<readonly [Outcome, Outcome]> | Fault {
  if (range instanceof CelList) return listPairs(range);
  if (range instanceof CelMap) return mapPairs(range, both);
  return new Fault(`got '${typeName(range)}', expected iterable type`);
}

function* listPairs(list: CelList): Iterable<readonly [Outcome, Outcome]> {
  for (let i = 0; i < list.size; i++) yield [BigInt(i), attempt(() => list.at(i))];
}

function* mapPairs(map: CelMap, both: boolean): Iterable<readonly [Outcome, Outcome]> {
  for (const key of map.keys()) yield [key, both ? attempt(() => map.find(key) ?? null) : null];
}

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
  const init = planner.plan(fold.init).run;
  const place = planner.enter(fold.accumulator);
  const result = planner.plan(fold.result).run;
  planner.leave(fold.accumulator);
  return (frame) => {
    const before = frame.pending[place];
    frame.locals[place] = undefined;
    frame.pending[place] = init;
    const value = result(frame);
    frame.pending[place] = before;
    return value;
  };
}

/** Reads a variable of a comprehension. */
export function local(place: number): Step {
  return (frame: Frame) => {
    const value = frame.locals[place];
    if (value !== undefined) return value;
    const init = frame.pending[place];
    return init === undefined ? noSuchOverload : (frame.locals[place] = init(frame));
  };
}
