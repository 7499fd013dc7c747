import type { FunctionOverload } from '../check/declaration.ts';
import { isOptional, type Type } from '../check/type.ts';
import { Fault, noSuchOverload } from '../values/fault.ts';
import { CelList } from '../values/list.ts';
import { CelMap } from '../values/map.ts';
import { typeName } from '../values/type-of.ts';
import { Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from '../values/value.ts';
import type { Outcome } from './frame.ts';

/** Picks the overload that the values fit, and calls it. */

type Guard = (value: Value) => boolean;

const always: Guard = () => true;

/** Whether a value is of a type. Of lists and maps the first element tells, as in cel-go. */
function guardOf(type: Type): Guard {
  switch (type.kind) {
    case 'bool':
      return (value) => typeof value === 'boolean';
    case 'int':
      return (value) => typeof value === 'bigint';
    case 'double':
      return (value) => typeof value === 'number';
    case 'string':
      return (value) => typeof value === 'string';
    case 'uint':
      return (value) => value instanceof Uint;
    case 'bytes':
      return (value) => value instanceof Uint8Array;
    case 'duration':
      return (value) => value instanceof Duration;
    case 'timestamp':
      return (value) => value instanceof Timestamp;
    case 'type':
      return (value) => value instanceof TypeValue;
    case 'null':
      return (value) => value === null;
    case 'list':
      return listGuard(guardOf(type.params[0]!));
    case 'map':
      return mapGuard(guardOf(type.params[0]!), guardOf(type.params[1]!));
    case 'struct':
    case 'opaque':
      if (isOptional(type)) return optionalGuard(guardOf(type.params[0]!));
      return (value) => (value instanceof Opaque || value instanceof CelMap) && value.typeName === type.name;
    default:
      return always;
  }
}

const listGuard =
  (element: Guard): Guard =>
  (value) =>
    value instanceof CelList && (element === always || value.size === 0 || element(value.at(0)));

const optionalGuard =
  (inner: Guard): Guard =>
  (value) =>
    value instanceof Optional && (inner === always || value.value === undefined || inner(value.value));

const mapGuard =
  (key: Guard, element: Guard): Guard =>
  (value) => {
    if (!(value instanceof CelMap)) return false;
    if (key === always && element === always) return true;
    for (const first of value.keys()) return key(first) && element(value.find(first)!);
    return true;
  };

/** Calls an overload that fits the arguments. */
export type Invoke = (args: readonly Value[]) => Outcome;

interface Guarded {
  readonly overload: FunctionOverload;
  readonly guards: readonly Guard[];
}

const guarded = new WeakMap<FunctionOverload, Guarded>();

function withGuards(overload: FunctionOverload): Guarded {
  let known = guarded.get(overload);
  if (known === undefined) {
    known = { overload, guards: (overload.accepts ?? overload.params).map(guardOf) };
    guarded.set(overload, known);
  }
  return known;
}

const fits = (guards: readonly Guard[], args: readonly Value[]): boolean =>
  guards.length === args.length && guards.every((guard, i) => guard(args[i]!));

/** The one function behind the overloads of an operator checks its operands itself. */
function shared(overloads: readonly FunctionOverload[]): FunctionOverload['invoke'] {
  const first = overloads[0]?.invoke;
  const [name] = overloads.map((overload) => overload.id);
  return name !== undefined &&
    overloads.every(({ invoke }) => invoke === first) &&
    first?.length === overloads[0]!.params.length &&
    isOperator(overloads[0]!)
    ? first
    : undefined;
}

const operators =
  /^(?:add|subtract|multiply|divide|modulo|negate|less|greater|equals|not_equals|logical_not|not_strictly)/;
const isOperator = ({ id }: FunctionOverload) => operators.test(id);

/** How a call of `name` with these overloads is done. */
export function dispatcher(name: string, overloads: readonly FunctionOverload[]): Invoke {
  const operator = shared(overloads);
  if (operator) return (args) => attempt(operator, args);
  const candidates = overloads.map(withGuards);
  return (args) => {
    for (const { overload, guards } of candidates)
      if (overload.invoke && fits(guards, args)) return attempt(overload.invoke, args);
    return isOperatorName(name)
      ? noSuchOverload
      : new Fault(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
  };
}

const isOperatorName = (name: string) => name.includes('_') || name === '@in' || name === 'size';

function attempt(invoke: NonNullable<FunctionOverload['invoke']>, args: readonly Value[]): Outcome {
  try {
    return invoke(...args);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
