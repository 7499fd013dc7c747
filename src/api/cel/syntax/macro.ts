import { accumulator, type Expr } from './ast.ts';
import { type Builder, copy } from './build.ts';

/** Macros: calls that the parser replaces by comprehensions. Source: cel-go `parser/macro.go`. */

export interface MacroCall {
  readonly build: Builder;
  /** Undefined for calls without a receiver. */
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/** Gives undefined where the call is an ordinary one. Throws `MacroError`. */
export type Expand = (call: MacroCall) => Expr | undefined;

/** By name, number of arguments and whether there is a receiver: `all:2:true`. */
export type Macros = Readonly<Record<string, Expand>>;

/** The arguments do not fit the macro. */
export class MacroError {
  readonly offset: number;
  readonly message: string;

  constructor(at: Expr, message: string) {
    this.offset = at.offset;
    this.message = message;
  }
}

/** The name in an argument that declares a variable. */
export function variableName(argument: Expr, otherwise: string): string {
  if (argument.kind !== 'ident') throw new MacroError(argument, otherwise);
  if (argument.name === accumulator || argument.name === '__result__')
    throw new MacroError(argument, 'iteration variable overwrites accumulator variable');
  return argument.name;
}

const simpleName = (argument: Expr) => variableName(argument, 'argument must be a simple name');

/** One or two variables, and what is left of the arguments. */
interface Loop extends MacroCall {
  readonly range: Expr;
  readonly variable: string;
  readonly second: string | undefined;
  readonly rest: readonly Expr[];
}

function twoVariables(call: MacroCall): Loop {
  const [first, other] = call.args as [Expr, Expr];
  const names = [first, other].map((argument) => {
    if (argument.kind !== 'ident') throw new MacroError(argument, 'argument must be a simple name');
    return argument.name;
  }) as [string, string];
  if (names[0] === names[1]) throw new MacroError(other, `duplicate variable name: ${names[0]}`);
  return {
    ...call,
    range: call.target!,
    variable: simpleName(first),
    second: simpleName(other),
    rest: call.args.slice(2),
  };
}

const oneVariable =
  (otherwise: string) =>
  (call: MacroCall): Loop => ({
    ...call,
    range: call.target!,
    variable: variableName(call.args[0]!, otherwise),
    second: undefined,
    rest: call.args.slice(1),
  });

const one = oneVariable('argument must be a simple name');
const oneOf = oneVariable('argument is not an identifier');

type Parts = Record<'init' | 'condition' | 'step' | 'result', Expr>;

const loop = ({ build, range, variable, second }: Loop, parts: Parts) =>
  build.fold({ range, variable, second, accumulator, ...parts });

function all(call: Loop): Expr {
  const { build } = call;
  return loop(call, {
    init: build.literal(true),
    condition: build.call('@not_strictly_false', build.accumulated()),
    step: build.call('_&&_', build.accumulated(), call.rest[0]!),
    result: build.accumulated(),
  });
}

function exists(call: Loop): Expr {
  const { build } = call;
  return loop(call, {
    init: build.literal(false),
    condition: build.call('@not_strictly_false', build.call('!_', build.accumulated())),
    step: build.call('_||_', build.accumulated(), call.rest[0]!),
    result: build.accumulated(),
  });
}

function existsOne(call: Loop): Expr {
  const { build } = call;
  const counted = build.call('_+_', build.accumulated(), build.literal(1n));
  return loop(call, {
    init: build.literal(0n),
    condition: build.literal(true),
    step: build.call('_?_:_', call.rest[0]!, counted, build.accumulated()),
    result: build.call('_==_', build.accumulated(), build.literal(1n)),
  });
}

/** A loop that gathers; with a filter it leaves the accumulator as it is where the filter says no. */
function gather(call: Loop, init: Expr, filter: Expr | undefined, gathered: Expr): Expr {
  const { build } = call;
  return loop(call, {
    init,
    condition: build.literal(true),
    step: filter ? build.call('_?_:_', filter, gathered, build.accumulated()) : gathered,
    result: build.accumulated(),
  });
}

const appended = ({ build }: MacroCall, value: Expr) => build.call('_+_', build.accumulated(), build.listOf(value));

/** `[filter,] transform` */
const filterAndTransform = (rest: readonly Expr[]): [filter: Expr | undefined, transform: Expr] =>
  rest.length === 2 ? [rest[0], rest[1]!] : [undefined, rest[0]!];

export function map(call: Loop): Expr {
  const [filter, transform] = filterAndTransform(call.rest);
  return gather(call, call.build.listOf(), filter, appended(call, transform));
}

const filter = (call: Loop) =>
  gather(call, call.build.listOf(), call.rest[0], appended(call, call.build.ident(call.variable)));

function has({ build, args }: MacroCall): Expr {
  const [field] = args as [Expr];
  if (field.kind !== 'select' || field.test) throw new MacroError(field, 'invalid argument to has() macro');
  return build.select(field.operand, field.field, true);
}

export const standardMacros: Macros = {
  'has:1:false': has,
  'all:2:true': (call) => all(one(call)),
  'exists:2:true': (call) => exists(one(call)),
  'exists_one:2:true': (call) => existsOne(one(call)),
  'existsOne:2:true': (call) => existsOne(one(call)),
  'map:2:true': (call) => map(oneOf(call)),
  'map:3:true': (call) => map(oneOf(call)),
  'filter:2:true': (call) => filter(oneOf(call)),
};

/** `transformMap`: the key stays. */
function transformMap(call: Loop): Expr {
  const { build } = call;
  const [filter, transform] = filterAndTransform(call.rest);
  const inserted = build.call('cel.@mapInsert', build.accumulated(), build.ident(call.variable), transform);
  return gather(call, build.map([]), filter, inserted);
}

/** `transformMapEntry`: a map for each pair, all merged. */
function transformMapEntry(call: Loop): Expr {
  const { build } = call;
  const [filter, transform] = filterAndTransform(call.rest);
  return gather(call, build.map([]), filter, build.call('cel.@mapInsert', build.accumulated(), transform));
}

/** Source: cel-go `ext/comprehensions.go`. */
export const twoVariableMacros: Macros = {
  'all:3:true': (call) => all(twoVariables(call)),
  'exists:3:true': (call) => exists(twoVariables(call)),
  'existsOne:3:true': (call) => existsOne(twoVariables(call)),
  'exists_one:3:true': (call) => existsOne(twoVariables(call)),
  'transformList:3:true': (call) => map(twoVariables(call)),
  'transformList:4:true': (call) => map(twoVariables(call)),
  'transformMap:3:true': (call) => transformMap(twoVariables(call)),
  'transformMap:4:true': (call) => transformMap(twoVariables(call)),
  'transformMapEntry:3:true': (call) => transformMapEntry(twoVariables(call)),
  'transformMapEntry:4:true': (call) => transformMapEntry(twoVariables(call)),
};

const optionalMap =
  (name: string, wrap: (call: MacroCall, value: Expr) => Expr): Expand =>
  (call) => {
    const { build, args } = call;
    const [variable, transform] = args as [Expr, Expr];
    if (variable.kind !== 'ident')
      throw new MacroError(variable, `${name}() variable name must be a simple identifier`);
    const value = build.method(copy(call.target!), 'value');
    return build.call(
      '_?_:_',
      build.method(call.target!, 'hasValue'),
      wrap(call, build.binding(variable.name, value, transform)),
      build.call('optional.none'),
    );
  };

/** Source: cel-go `cel/library.go`. */
export const optionalMacros: Macros = {
  'optMap:2:true': optionalMap('optMap', ({ build }, value) => build.call('optional.of', value)),
  'optFlatMap:2:true': optionalMap('optFlatMap', (_, value) => value),
};

const sortInput = '@__sortBy_input__';

/** `list.sortBy(x, key)`. Source: cel-go `ext/lists.go`. */
function sortBy(call: MacroCall): Expr {
  const { build } = call;
  const target = call.target!;
  if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'struct')
    throw new MacroError(
      target,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  const keys = map(oneOf({ ...call, target: build.ident(sortInput) }));
  return build.binding(sortInput, target, build.method(build.ident(sortInput), '@sortByAssociatedKeys', keys));
}

export const listMacros: Macros = { 'sortBy:2:true': sortBy };

/** `cel.bind(name, value, expression)`. Source: cel-go `ext/bindings.go`. */
export const bindingMacros: Macros = {
  'bind:3:true': ({ build, target, args }) => {
    if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
    const [variable, value, result] = args as [Expr, Expr, Expr];
    if (variable.kind !== 'ident')
      throw new MacroError(variable, 'cel.bind() variable names must be simple identifiers');
    return build.binding(variable.name, value, result);
  },
};
