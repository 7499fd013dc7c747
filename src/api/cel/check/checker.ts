import type { Call, Element, Expr, Fold, Ident, ListExpr, MapExpr, Select, StructExpr } from '../syntax/ast.ts';
import type { Findings } from '../syntax/source.ts';
import { TypeValue, Uint, type Value } from '../values/value.ts';
import type { FunctionOverload, Functions } from './declaration.ts';
import {
  formatType,
  listOf,
  mapOf,
  opaqueNamed,
  optionalOf,
  param,
  type Type,
  typeFrom,
  typeOf,
  types,
} from './type.ts';
import { mostGeneral, renamed, Substitutions, unwrapOptional } from './unify.ts';

/** What an expression may refer to. */
export interface Declarations {
  readonly functions: Functions;
  readonly variables: ReadonlyMap<string, Type>;
  /** Object types that expressions may construct, by name. */
  readonly objectType: (name: string) => Type | undefined;
}

interface Scope {
  readonly names: ReadonlyMap<string, Type>;
  readonly parent: Scope | undefined;
}

/** Types as names: `int`, `google.protobuf.Timestamp`. */
const typeNames: ReadonlyMap<string, Type> = new Map([
  ...(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'type', 'dyn'] as const).map((n) => [n, types[n]] as const),
  ['list', listOf(types.dyn)],
  ['map', mapOf(types.dyn, types.dyn)],
  ['null_type', types.null],
  ['google.protobuf.Timestamp', types.timestamp],
  ['google.protobuf.Duration', types.duration],
  ['optional_type', optionalOf(types.dyn)],
  ['net.IP', opaqueNamed('net.IP')],
  ['net.CIDR', opaqueNamed('net.CIDR')],
]);

/** Checks an expression: writes types and references into it. Source of rules and texts: cel-go `checker`. */
export class Checker {
  readonly #declarations: Declarations;
  readonly #findings: Findings;
  readonly #learned = new Substitutions();
  readonly #nodes: Expr[] = [];
  readonly used = new Set<string>();
  #scope: Scope | undefined;
  #fresh = 0;

  constructor(declarations: Declarations, findings: Findings) {
    this.#declarations = declarations;
    this.#findings = findings;
  }

  check(expr: Expr): Type {
    this.#visit(expr);
    for (const node of this.#nodes) node.type = this.#learned.apply(node.type!, true);
    return expr.type!;
  }

  #visit(expr: Expr): Type {
    const type = this.#typed(expr);
    expr.type = type;
    this.#nodes.push(expr);
    return type;
  }

  #typed(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'fold':
        return this.#fold(expr);
    }
  }

  #report(offset: number, message: string): Type {
    this.#findings.add(offset, message);
    return types.error;
  }

  #undeclared(offset: number, name: string): Type {
    return this.#report(offset, `undeclared reference to '${name}' (in container '')`);
  }

  #mismatch(expr: Expr, expected: Type, actual: Type): Type {
    return this.#report(expr.offset, `expected type '${formatType(expected)}' but found '${formatType(actual)}'`);
  }

  /** A leading dot means a global name. */
  #resolve(ident: Ident): Type | undefined {
    const global = ident.name.startsWith('.');
    const name = global ? ident.name.slice(1) : ident.name;
    for (let scope = global ? undefined : this.#scope; scope; scope = scope.parent) {
      const local = scope.names.get(name);
      if (local) return local;
    }
    const variable = this.#declarations.variables.get(name);
    if (variable) {
      ident.name = name;
      this.used.add(name);
      return variable;
    }
    const type = typeNames.get(name) ?? this.#declarations.objectType(name);
    if (type) ident.constant = new TypeValue(name);
    return type && typeOf(type);
  }

  #ident(ident: Ident): Type {
    return this.#resolve(ident) ?? this.#undeclared(ident.offset, ident.name);
  }

  #select(select: Select): Type {
    const name = select.test ? undefined : qualifiedName(select);
    if (name !== undefined && !this.#isLocal(name)) {
      const ident: Ident = { kind: 'ident', name, offset: select.offset, depth: 0 };
      const type = this.#resolve(ident);
      if (type) {
        select.qualified = ident;
        return type;
      }
    }
    const type = this.#field(select, select.operand, select.field, false);
    return select.test ? types.bool : this.#learned.apply(type, false);
  }

  #isLocal(qualified: string): boolean {
    const first = qualified.slice(0, qualified.indexOf('.', 1));
    for (let scope = this.#scope; scope; scope = scope.parent) if (scope.names.has(first)) return true;
    return false;
  }

  #field(at: Expr, operand: Expr, name: string, optional: boolean): Type {
    const [target, unwrapped] = unwrapOptional(this.#learned.apply(this.#visit(operand), false));
    const type = this.#fieldType(at, target, name);
    return optional || unwrapped ? optionalOf(type) : type;
  }

  #fieldType(at: Expr, target: Type, name: string): Type {
    switch (target.kind) {
      case 'map':
        return target.params[1]!;
      case 'struct':
        return this.#declaredField(target, name) ?? this.#report(at.offset, `undefined field '${name}'`);
      case 'param':
        this.#learned.assignable(types.dyn, target);
        return types.dyn;
      case 'dyn':
      case 'error':
        return types.dyn;
      default:
        this.#report(at.offset, `type '${formatType(target)}' does not support field selection`);
        return types.dyn;
    }
  }

  #declaredField(struct: Type, name: string): Type | undefined {
    if (struct.open) return types.dyn;
    const field = struct.fields?.get(name);
    return field && typeFrom(field.type);
  }

  #call(call: Call): Type {
    if (call.fn === '_?._') return this.#optionalSelect(call);
    for (const arg of call.args) this.#visit(arg);
    const namespaced = call.target && qualifiedPrefix(call.target);
    if (namespaced !== undefined) {
      const name = `${namespaced}.${call.fn}`;
      const overloads = this.#declarations.functions.get(name);
      if (overloads) {
        call.fn = name;
        call.target = undefined;
        return this.#overload(call, overloads, call.args);
      }
    }
    if (call.target) this.#visit(call.target);
    const name = call.fn.startsWith('.') ? call.fn.slice(1) : call.fn;
    const overloads = this.#declarations.functions.get(name);
    if (!overloads) return this.#undeclared(call.offset, call.fn);
    call.fn = name;
    return this.#overload(call, overloads, call.target ? [call.target, ...call.args] : call.args);
  }

  #optionalSelect(call: Call): Type {
    const [operand, field] = call.args as [Expr, Expr];
    this.#visit(field);
    const name = field.kind === 'literal' ? String(field.value) : '';
    const type = this.#learned.apply(this.#field(call, operand, name, true), false);
    call.overloads = this.#declarations.functions.get('_?._') ?? [];
    return type;
  }

  /** All overloads that the arguments fit. With several, as for dyn arguments, the evaluator picks by the values. */
  #overload(call: Call, overloads: readonly FunctionOverload[], args: readonly Expr[]): Type {
    if (call.fn === '_&&_' || call.fn === '_||_') return this.#logical(call, overloads);
    const actual = args.map((arg) => arg.type!);
    const fitting: FunctionOverload[] = [];
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.method !== (call.target !== undefined)) continue;
      const [params, type] = this.#instantiate(overload);
      if (!this.#learned.allAssignable(actual, params)) continue;
      fitting.push(overload);
      const returned = this.#learned.apply(type, false);
      if (result === undefined) result = returned;
      else if (result.kind !== 'dyn' && formatType(result) !== formatType(returned)) result = types.dyn;
    }
    if (result === undefined) return this.#noOverload(call, actual);
    call.overloads = fitting;
    return result;
  }

  #logical(call: Call, overloads: readonly FunctionOverload[]): Type {
    call.overloads = overloads;
    let sound = true;
    for (const arg of call.args) {
      if (this.#learned.assignable(arg.type!, types.bool)) continue;
      this.#mismatch(arg, types.bool, arg.type!);
      sound = false;
    }
    return sound ? types.bool : types.error;
  }

  /** The overload with type parameters of its own. */
  #instantiate(overload: FunctionOverload): [params: readonly Type[], result: Type] {
    if (overload.variables.length === 0) return [overload.params, overload.result];
    const own = new Map(overload.variables.map((name) => [name, this.#newParameter()]));
    return [overload.params.map((type) => renamed(type, own)), renamed(overload.result, own)];
  }

  #newParameter(): Type {
    return param(`_var${this.#fresh++}`);
  }

  #noOverload(call: Call, args: readonly Type[]): Type {
    const printed = args.map((type) => formatType(this.#learned.apply(type, true)));
    const receiver = call.target ? `${printed.shift()}.` : '';
    const signature = `${receiver}(${printed.join(', ')})`;
    return this.#report(call.offset, `found no matching overload for '${call.fn}' applied to '${signature}'`);
  }

  #element({ value, optional }: Element): Type {
    const type = this.#visit(value);
    if (!optional) return type;
    const [unwrapped, wasOptional] = unwrapOptional(type);
    if (!wasOptional && type.kind !== 'dyn') this.#mismatch(value, optionalOf(type), type);
    return unwrapped;
  }

  #list(list: ListExpr): Type {
    let type: Type | undefined;
    for (const element of list.elements) type = this.#join(type, this.#element(element));
    return listOf(type ?? this.#newParameter());
  }

  #map(map: MapExpr): Type {
    let key: Type | undefined;
    let value: Type | undefined;
    for (const entry of map.entries) {
      key = this.#join(key, this.#visit(entry.key));
      value = this.#join(value, this.#element(entry));
    }
    return mapOf(key ?? this.#newParameter(), value ?? this.#newParameter());
  }

  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    if (this.#learned.assignable(previous, current)) return mostGeneral(previous, current);
    return types.dyn;
  }

  #struct(struct: StructExpr): Type {
    const name = struct.name.startsWith('.') ? struct.name.slice(1) : struct.name;
    const type = this.#declarations.objectType(name);
    if (!type) return this.#undeclared(struct.offset, struct.name);
    for (const field of struct.fields) {
      const value = this.#element(field);
      const expected =
        this.#declaredField(type, field.name) ?? this.#report(field.offset, `undefined field '${field.name}'`);
      if (!this.#learned.assignable(expected, value)) {
        const provided = `expected type of field '${field.name}' is '${formatType(expected)}' but provided type is '${formatType(value)}'`;
        this.#report(field.offset, provided);
      }
    }
    return type;
  }

  #fold(fold: Fold): Type {
    this.#visit(fold.range);
    const gathered = this.#visit(fold.init);
    const range = this.#learned.apply(fold.range.type!, false);
    const outer = this.#scope;
    const accumulators: Scope = { names: new Map([[fold.accumulator, gathered]]), parent: outer };
    this.#scope = { names: this.#loopVariables(fold, range), parent: accumulators };
    this.#visit(fold.condition);
    this.#assert(fold.condition, types.bool);
    this.#visit(fold.step);
    this.#assert(fold.step, gathered);
    this.#scope = accumulators;
    const type = this.#visit(fold.result);
    this.#scope = outer;
    return this.#learned.apply(type, false);
  }

  #loopVariables(fold: Fold, range: Type): ReadonlyMap<string, Type> {
    const [first, second] = this.#rangeTypes(fold, range);
    if (fold.second === undefined) return new Map([[fold.variable, range.kind === 'list' ? second : first]]);
    return new Map([
      [fold.variable, first],
      [fold.second, second],
    ]);
  }

  /** Index or key, and value. */
  #rangeTypes(fold: Fold, range: Type): [Type, Type] {
    switch (range.kind) {
      case 'list':
        return [types.int, range.params[0]!];
      case 'map':
        return [range.params[0]!, range.params[1]!];
      case 'dyn':
      case 'error':
      case 'param':
        this.#learned.assignable(types.dyn, range);
        return [types.dyn, types.dyn];
      default: {
        const must = 'cannot be range of a comprehension (must be list, map, or dynamic)';
        this.#report(fold.range.offset, `expression of type '${formatType(range)}' ${must}`);
        return [types.error, types.error];
      }
    }
  }

  #assert(expr: Expr, expected: Type): void {
    if (!this.#learned.assignable(expected, expr.type!)) this.#mismatch(expr, expected, expr.type!);
  }
}

function literalType(value: Value): Type {
  switch (typeof value) {
    case 'boolean':
      return types.bool;
    case 'bigint':
      return types.int;
    case 'number':
      return types.double;
    case 'string':
      return types.string;
  }
  return value === null ? types.null : value instanceof Uint ? types.uint : types.bytes;
}

/** `a.b.c` for selections of names only. */
function qualifiedName(select: Select): string | undefined {
  const prefix = qualifiedPrefix(select.operand);
  return prefix === undefined ? undefined : `${prefix}.${select.field}`;
}

function qualifiedPrefix(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  return expr.kind === 'select' && !expr.test ? qualifiedName(expr) : undefined;
}
