import type { FunctionOverload } from '../check/declaration.ts';
import { isOptional, type Type } from '../check/type.ts';
import { fail } from '../values/fault.ts';
import { typeName } from '../values/type-of.ts';
import {
  CelList,
  CelMap,
  Duration,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from '../values/value.ts';

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

interface Candidate {
  readonly invoke: NonNullable<FunctionOverload['invoke']>;
  readonly guards: readonly Guard[];
}

const candidates = new WeakMap<FunctionOverload, Candidate | false>();

/** With its guards, which are made once; false for those that the evaluator does itself. */
function candidateOf(overload: FunctionOverload): Candidate | false {
  let known = candidates.get(overload);
  if (known === undefined) {
    const { invoke, accepts, params } = overload;
    known = invoke ? { invoke, guards: (accepts ?? params).map(guardOf) } : false;
    candidates.set(overload, known);
  }
  return known;
}

function fits(guards: readonly Guard[], args: readonly Value[]): boolean {
  if (guards.length !== args.length) return false;
  for (let i = 0; i < guards.length; i++) if (!guards[i]!(args[i]!)) return false;
  return true;
}

/** Calls the overload that the arguments fit. Throws a fault. */
export type Invoke = (...args: Value[]) => Value;

/** How a call of `name` with these overloads is done. */
export function dispatcher(name: string, overloads: readonly FunctionOverload[]): Invoke {
  const [first] = overloads;
  if (first?.operator && first.invoke) return first.invoke;
  const all = overloads.map(candidateOf).filter((candidate) => candidate !== false);
  return (...args) => {
    for (const { invoke, guards } of all) if (fits(guards, args)) return invoke(...args);
    return fail(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
  };
}
