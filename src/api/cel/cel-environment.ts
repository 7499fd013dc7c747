import type { CelObjectType, CelType } from './cel-type.ts';
import type { Declarations } from './check/checker.ts';
import { type Declaration, type Functions, functionsOf } from './check/declaration.ts';
import { structNamed, type Type, typeFrom, typeTo } from './check/type.ts';
import { validateLiterals } from './check/validate.ts';
import { type Context, compile, evaluate } from './compile.ts';
import { estimateCost } from './cost/estimate.ts';
import { type CelEnvironment, type CelProgram, CelResultError, CelRuntimeError } from './environment.ts';
import { kubernetesLibraries, kubernetesMacros } from './library/kubernetes.ts';
import { Fault } from './values/fault.ts';
import { toJson } from './values/json.ts';
import { Bound, type Value } from './values/value.ts';

/** What an environment has besides variables. */
export interface CelOptions {
  /**
   * Object types that expressions may construct (`Object{…}`), asked for by name. One without declared fields takes any
   * field, as those of mutating admission policies do.
   */
  readonly constructible?: (name: string) => CelObjectType | undefined;
  /** Functions besides those of Kubernetes. */
  readonly libraries?: readonly (readonly Declaration[])[];
  /** What is wrong with a result. */
  readonly check?: (result: Value) => string | undefined;
}

let shared: Functions | undefined;

/** Those of Kubernetes are put together once, when the first environment is made. */
function functionsFor({ libraries }: CelOptions): Functions {
  if (libraries) return functionsOf([...kubernetesLibraries, ...libraries]);
  return (shared ??= functionsOf(kubernetesLibraries));
}

/** An environment in which expressions see these variables. Expressions share what it prepares: make it once. */
export function celEnvironment(variables: Readonly<Record<string, CelType>>, options: CelOptions = {}): CelEnvironment {
  const context: Context = {
    macros: kubernetesMacros,
    validate: validateLiterals,
    variables,
    declarations: {
      functions: functionsFor(options),
      variables: variableTypes(variables),
      objectType: constructibles(options.constructible),
    },
  };
  return { compile: (expression) => program(expression, context, options.check) };
}

/** The declared variables as the checker sees them. */
export const variableTypes = (variables: Readonly<Record<string, CelType>>): ReadonlyMap<string, Type> =>
  new Map(Object.entries(variables).map(([name, type]) => [name, typeFrom(type)]));

function constructibles(resolve: CelOptions['constructible']): Declarations['objectType'] {
  if (!resolve) return () => undefined;
  const known = new Map<string, Type | undefined>();
  return (name) => {
    if (!known.has(name)) {
      const type = resolve(name);
      known.set(name, type && (type.fields.size === 0 ? { ...structNamed(name), open: true } : typeFrom(type)));
    }
    return known.get(name);
  };
}

/** A value that computes its parts as they are asked for may still fail here. */
function asJson(value: Value, cost: number): unknown {
  try {
    return toJson(value);
  } catch (error) {
    throw error instanceof Fault ? new CelRuntimeError(error.message, cost) : error;
  }
}

function program(expression: string, context: Context, check: CelOptions['check']): CelProgram {
  const compiled = compile(expression, context);
  let cost: CelProgram['cost'] | undefined;
  return {
    expression,
    resultType: typeTo(compiled.type),
    get cost() {
      return (cost ??= estimateCost(compiled.expr, context.variables));
    },
    uses: (variable) => compiled.used.has(variable),
    evaluate(bindings, budget) {
      const { value, cost } = evaluate(compiled, bindings, budget);
      const wrong = check?.(value);
      if (wrong !== undefined) throw new CelResultError(wrong, cost);
      return { value: asJson(value, cost), cost };
    },
    evaluateVariable(bindings, budget) {
      const { value, cost } = evaluate(compiled, bindings, budget);
      return { value: new Bound(value), cost };
    },
  };
}
