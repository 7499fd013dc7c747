import type { CelType } from '../cel-type.ts';
import type { FunctionOverload, Functions } from '../check/declaration.ts';
import type { Call, Expr, Ident, ListExpr, MapExpr, Select, StructExpr } from '../syntax/ast.ts';
import { Fault } from '../values/fault.ts';
import { readJson } from '../values/read.ts';
import { Optional, type Value } from '../values/value.ts';
import { addStep, type Path, type PathStep, resolve } from './attribute.ts';
import { connective, invocation, membership, optionalOr } from './call.ts';
import { listOf, mapOf, objectOf } from './create.ts';
import { local, planFold } from './fold.ts';
import { Frame, type Outcome, type Step } from './frame.ts';

/** A planned expression. */
export interface Plan {
  readonly run: Step;
  /** How many variables it needs room for. */
  readonly slots: number;
}

/** A step, with what the planner of the step around it can make use of. */
interface Planned {
  readonly run: Step;
  /** It is a path that can be gone further. */
  readonly path?: Path;
  /** It always gives this. */
  readonly constant?: { readonly value: Value };
}

export interface Environment {
  readonly functions: Functions;
  readonly objectType: (name: string) => unknown;
  readonly variables: Readonly<Record<string, CelType>>;
}

/** Turns a checked expression into steps. Throws a `Fault` where a constant part cannot be computed. */
export function plan(expr: Expr, environment: Environment): Plan {
  const planner = new Planner(environment);
  const { run } = planner.plan(expr);
  return { run, slots: planner.slots };
}

/** Conversions of constants are done once, when the expression is planned. */
const conversions = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

const nothing = new Frame({}, 0, Number.POSITIVE_INFINITY);

class Planner {
  readonly #environment: Environment;
  readonly #places = new Map<string, number[]>();
  readonly #variables = new Map<string, Step>();
  slots = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  plan(expr: Expr): Planned {
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value);
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return expr.qualified ? this.#ident(expr.qualified) : this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return { run: this.#struct(expr) };
      case 'fold':
        return { run: planFold(expr, this) };
    }
  }

  /** Gives a variable of a comprehension its place. */
  enter(name: string): number {
    const place = this.slots++;
    const places = this.#places.get(name);
    if (places) places.push(place);
    else this.#places.set(name, [place]);
    return place;
  }

  leave(name: string): void {
    this.#places.get(name)!.pop();
  }

  #ident(ident: Ident): Planned {
    if (ident.constant !== undefined) return constant(ident.constant);
    const place = ident.name.startsWith('.') ? undefined : this.#places.get(ident.name)?.at(-1);
    const start = place === undefined ? this.#variable(ident.name) : local(place);
    return pathed({ kind: 'value', start, steps: [] });
  }

  /** Reads a variable once for each evaluation. */
  #variable(written: string): Step {
    const name = written.startsWith('.') ? written.slice(1) : written;
    let step = this.#variables.get(name);
    if (step === undefined) {
      step = variable(name, this.#environment.variables[name] ?? { kind: 'dyn' }, this.slots++);
      this.#variables.set(name, step);
    }
    return step;
  }

  /** The path of an operand, or one that starts from its value. */
  #pathOf(operand: Planned): Path {
    return operand.path ?? { kind: 'value', start: operand.run, steps: [] };
  }

  #select(select: Select): Planned {
    const path = this.#pathOf(this.plan(select.operand));
    const { field, test } = select;
    addStep(path, { key: () => field, field, optional: false, test });
    return select.test ? { run: presence(path), path } : pathed(path);
  }

  #index(target: Expr, index: Expr, optional: boolean): Planned {
    const path = this.#pathOf(this.plan(target));
    const planned = this.plan(index);
    const field = planned.constant?.value;
    addStep(path, { key: keyOf(planned), ...(typeof field === 'string' && { field }), optional, test: false });
    return pathed(path);
  }

  #call(call: Call): Planned {
    const args = call.target ? [call.target, ...call.args] : call.args;
    switch (call.fn) {
      case '_[_]':
      case '_[?_]':
      case '_?._':
        return this.#index(args[0]!, args[1]!, call.fn !== '_[_]');
      case '_?_:_':
        return this.#choice(args);
      case '_&&_':
        return { run: connective(this.#steps(args), false) };
      case '_||_':
        return { run: connective(this.#steps(args), true) };
      case 'or':
      case 'orValue':
        if (args.length === 2 && call.overloads?.every((overload) => overload.invoke === undefined))
          return { run: optionalOr(this.#steps(args), call.fn === 'orValue') };
    }
    return this.#invocation(call, args);
  }

  #steps(args: readonly Expr[]): Step[] {
    return args.map((arg) => this.plan(arg).run);
  }

  #choice(args: readonly Expr[]): Planned {
    const [condition, yes, no] = args.map((arg) => this.plan(arg)) as [Planned, Planned, Planned];
    const path: Path = { kind: 'choice', condition: condition.run, yes: this.#pathOf(yes), no: this.#pathOf(no) };
    // The cost is that of the condition and the branch: choosing is free.
    return { run: (frame) => resolve(path, frame), path };
  }

  #invocation(call: Call, exprs: readonly Expr[]): Planned {
    const args = exprs.map((arg) => this.plan(arg));
    const overloads = call.overloads ?? this.#candidates(call);
    const id = overloads.length === 1 ? overloads[0]!.id : undefined;
    if (id === 'in_list' && args[1]!.constant) {
      const member = membership(args[0]!.run, args[1]!.constant.value);
      if (member) return { run: member };
    }
    const run = invocation(
      call.fn,
      id,
      overloads,
      args.map((arg) => arg.run),
    );
    return conversions.has(call.fn) && args.length === 1 && args[0]!.constant ? folded(run) : { run };
  }

  /** Without the checker's choice all overloads are tried. */
  #candidates(call: Call): readonly FunctionOverload[] {
    const overloads = this.#environment.functions.get(call.fn) ?? [];
    return overloads.filter((overload) => overload.method === (call.target !== undefined));
  }

  #list(list: ListExpr): Planned {
    const elements = list.elements.map(({ value, optional }) => ({ planned: this.plan(value), optional }));
    const run = listOf(elements.map(({ planned, optional }) => ({ run: planned.run, optional })));
    return elements.every(({ planned }) => planned.constant) ? folded(run) : { run };
  }

  #map(map: MapExpr): Planned {
    const entries = map.entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    const run = mapOf(entries.map(({ key, value, optional }) => ({ key: key.run, run: value.run, optional })));
    return entries.every(({ key, value }) => key.constant && value.constant) ? folded(run) : { run };
  }

  #struct({ name, fields }: StructExpr): Step {
    const typeName = name.startsWith('.') ? name.slice(1) : name;
    if (this.#environment.objectType(typeName) === undefined) throw new Fault(`unknown type: ${typeName}`);
    return objectOf(
      typeName,
      fields.map((field) => ({ name: field.name, run: this.plan(field.value).run, optional: field.optional })),
    );
  }
}

function variable(name: string, type: CelType, place: number): Step {
  return (frame) => {
    const known = frame.slots[place];
    if (known !== undefined) return known as Outcome;
    if (!Object.hasOwn(frame.bindings, name)) return new Fault(`no such attribute(s): ${name}`);
    try {
      return (frame.slots[place] = readJson(frame.bindings[name], type));
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  };
}

const constant = (value: Value): Planned => ({ run: () => value, constant: { value } });

/** Computes a step whose operands are all constant: it costs nothing when the expression is evaluated. */
function folded(run: Step): Planned {
  const value = run(nothing);
  if (value instanceof Fault) throw value;
  return constant(value);
}

/** A path read as a value costs one for its start. */
const pathed = (path: Path): Planned => ({
  path,
  run:
    path.kind === 'choice'
      ? (frame) => resolve(path, frame)
      : (frame) => {
          const value = resolve(path, frame);
          frame.spend(1);
          return value;
        },
});

/** `has(path)` costs only its steps. */
function presence(path: Path): Step {
  const refund = path.kind === 'choice' ? -1 : 0;
  return (frame) => {
    const value = resolve(path, frame);
    if (refund !== 0) frame.spend(refund);
    return value instanceof Optional ? value.value !== undefined : value;
  };
}

/** An index that is itself a path costs its steps, but not its start. */
function keyOf(index: Planned): PathStep['key'] {
  const { path } = index;
  return path ? (frame) => resolve(path, frame) : index.run;
}
