import type { FunctionOverload } from '../check/declaration.ts';
import type { CallCost } from '../cost/call-cost.ts';
import { callCost } from '../cost/runtime.ts';
import { Fault, noSuchOverload } from '../values/fault.ts';
import { ValueMap } from '../values/map.ts';
import { CelList, Optional, type Value } from '../values/value.ts';
import { dispatcher, type Invoke } from './dispatch.ts';
import type { Outcome, Step } from './frame.ts';

/** Calls, and the operators that do not want all their operands. */

/** `&&` and `||`: one operand that settles the result makes up for faults in the others. */
export function connective(steps: readonly Step[], settling: boolean): Step {
  return (frame) => {
    let fault: Fault | undefined;
    for (const step of steps) {
      const value = step(frame);
      if (value === settling) return settling;
      if (value === !settling) continue;
      fault ??= value instanceof Fault ? value : noSuchOverload;
    }
    return fault ?? !settling;
  };
}

export function optionalOr([first, second]: readonly Step[], unwrap: boolean): Step {
  return (frame) => {
    const value = first!(frame);
    if (value instanceof Fault) return value;
    if (!(value instanceof Optional)) return noSuchOverload;
    if (value.value === undefined) return second!(frame);
    return unwrap ? value.value : value;
  };
}

/** A call of the function `name` with these overloads, of which `id` is the only one if it is known. */
export function invocation(
  name: string,
  id: string | undefined,
  overloads: readonly FunctionOverload[],
  args: readonly Step[],
): Step {
  const [first, second] = args;
  if (name === '@not_strictly_false') return notStrictlyFalse(first!);
  const invoke = dispatcher(name, overloads);
  const cost = callCost(name, id);
  if (args.length === 1) return unary(first!, invoke, cost);
  return args.length === 2 ? binary(first!, second!, invoke, cost) : variadic(args, invoke, cost);
}

const price = (cost: CallCost, first: Outcome, second: Outcome, result: Outcome): number =>
  typeof cost === 'number' ? cost : cost(first, second, result);

/** What a function throws is its result. */
function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}

const unary =
  (step: Step, invoke: Invoke, cost: CallCost): Step =>
  (frame) => {
    const value = step(frame);
    let result: Outcome = value;
    if (!(value instanceof Fault)) {
      try {
        result = invoke(value);
      } catch (error) {
        result = faultOf(error);
      }
    }
    frame.spend(price(cost, value, noSuchOverload, result));
    return result;
  };

/** Of two operands both are evaluated, and so both and the call cost, even where the first is a fault. */
const binary =
  (first: Step, second: Step, invoke: Invoke, cost: CallCost): Step =>
  (frame) => {
    const a = first(frame);
    const b = second(frame);
    let result: Outcome;
    if (a instanceof Fault) result = a;
    else if (b instanceof Fault) result = b;
    else {
      try {
        result = invoke(a, b);
      } catch (error) {
        result = faultOf(error);
      }
    }
    frame.spend(price(cost, a, b, result));
    return result;
  };

/** Of more operands the first that is a fault ends the evaluation; only the last one lets the call cost something still. */
function variadic(steps: readonly Step[], invoke: Invoke, cost: CallCost): Step {
  const last = steps.length - 1;
  return (frame) => {
    const values: Value[] = [];
    let result: Outcome = null;
    for (const [i, step] of steps.entries()) {
      const value = step(frame);
      if (!(value instanceof Fault)) values.push(value);
      else if (i < last) return value;
      else result = value;
    }
    try {
      if (!(result instanceof Fault)) result = invoke(...values);
    } catch (error) {
      result = faultOf(error);
    }
    frame.spend(price(cost, values[0] ?? noSuchOverload, values[1] ?? noSuchOverload, result));
    return result;
  };
}

const notStrictlyFalse =
  (step: Step): Step =>
  (frame) => {
    const value = step(frame);
    frame.spend(1);
    return value !== false;
  };

/** `x in [1, 2, 3]` of constants is a look-up, and costs nothing. Undefined for lists of more than simple values. */
export function membership(step: Step, list: Value): Step | undefined {
  if (!(list instanceof CelList)) return undefined;
  if (list.size === 0) return () => false;
  const members = ValueMap.of([]);
  for (const member of list) {
    if (typeof member === 'object') return undefined;
    if (typeof member === 'number' && !Number.isInteger(member)) return undefined;
    members.set(member, true);
  }
  return (frame) => {
    const value = step(frame);
    return value instanceof Fault ? value : members.find(value) === true;
  };
}
