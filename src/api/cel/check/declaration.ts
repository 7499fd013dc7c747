import type { Value } from '../values/value.ts';
import type { Type } from './type.ts';

/** What functions the checker knows, and how the evaluator calls them. */

export interface FunctionOverload {
  /** cel-go's name for it, by which costs are looked up. */
  readonly id: string;
  /** Called on a receiver, which is the first argument. */
  readonly method: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  /** Type parameters that occur in it. */
  readonly variables: readonly string[];
  /** What values it takes, where those are more than the checker lets through. */
  readonly accepts?: readonly Type[];
  /** It checks its operands itself, and is the same for all overloads of its name. */
  readonly operator?: boolean;
  /** Undefined for those that the evaluator does itself: they do not want all their arguments. Throws a `Fault`. */
  readonly invoke: ((...args: Value[]) => Value) | undefined;
}

export type Functions = ReadonlyMap<string, readonly FunctionOverload[]>;

/** A row of a library's table. */
export interface Declaration {
  readonly name: string;
  readonly overload: FunctionOverload;
}

// biome-ignore lint/suspicious/noExplicitAny: each function takes the values that its parameter types promise.
type Implementation = (...args: any[]) => Value;

function variablesIn(types: readonly Type[], found = new Set<string>()): Set<string> {
  for (const type of types) {
    if (type.kind === 'param') found.add(type.name);
    variablesIn(type.params, found);
  }
  return found;
}

const declare =
  (method: boolean) =>
  (name: string, id: string, params: readonly Type[], result: Type, invoke?: Implementation): Declaration => ({
    name,
    overload: { id, method, params, result, variables: [...variablesIn([...params, result])], invoke },
  });

/** `name(params)` */
export const fn = declare(false);
/** `params[0].name(params[1], …)` */
export const method = declare(true);

/** An overload of an operator. */
export const operator = (...row: Parameters<typeof fn>): Declaration => {
  const { name, overload } = fn(...row);
  return { name, overload: { ...overload, operator: true } };
};

/** The declaration, taking values of these types when it is called. */
export const accepting = ({ name, overload }: Declaration, accepts: readonly Type[]): Declaration => ({
  name,
  overload: { ...overload, accepts },
});

/** All rows by name. */
export function functionsOf(libraries: readonly (readonly Declaration[])[]): Functions {
  const functions = new Map<string, FunctionOverload[]>();
  for (const { name, overload } of libraries.flat()) {
    const overloads = functions.get(name);
    if (overloads) overloads.push(overload);
    else functions.set(name, [overload]);
  }
  return functions;
}
