import type { CelType } from '../cel-type.ts';
import { isOptional, type Type } from '../check/type.ts';
import { type Call, type Expr, type Fold, isBinding, type ListExpr, type MapExpr, type Select } from '../syntax/ast.ts';
import { sizeOf } from '../values/size.ts';
import { estimateCall } from './calls.ts';
import { listCreation, mapCreation, structCreation } from './factors.ts';
import type { CallEstimate, Operand } from './operand.ts';
import { declaredSize, type Path, type Step, stepped } from './path.ts';
import { exactly, nothing, one, plus, type Range, times, union, unknown, zero } from './range.ts';

/**
 * The least and the most that an evaluation can cost. The estimate decides which rules a custom resource may have, so it is
 * upstream's to the number. Source: cel-go `checker/cost.go`.
 */
export function estimateCost(expr: Expr, variables: Readonly<Record<string, CelType>>): Range {
  return new Estimator(variables).cost(expr);
}

/** Sizes of what is in a list or map. */
interface Contents {
  readonly list: boolean;
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: Path | undefined;
  readonly size: Range | undefined;
  readonly contents: Contents | undefined;
}

export class Estimator {
  readonly #variables: Readonly<Record<string, CelType>>;
  readonly #root: CelType | undefined;
  readonly #locals = new Map<string, Local[]>();
  readonly #paths = new Map<Expr, Path>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #contents = new Map<Expr, Contents>();

  constructor(variables: Readonly<Record<string, CelType>>) {
    this.#variables = variables;
    this.#root = variables['self'];
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return zero;
      case 'ident':
        return this.#ident(expr, expr.name);
      case 'select':
        return expr.qualified ? this.#ident(expr, expr.qualified.name) : this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return plus(...expr.fields.map((field) => this.cost(field.value)), exactly(structCreation));
      case 'fold':
        return isBinding(expr) ? this.#binding(expr) : this.#fold(expr);
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #enter(name: string, local: Local): void {
    const all = this.#locals.get(name);
    if (all) all.push(local);
    else this.#locals.set(name, [local]);
  }

  #leave(name: string): void {
    this.#locals.get(name)!.pop();
  }

  #ident(expr: Expr, name: string): Range {
    const local = this.#local(name);
    // Upstream's paths all begin at `self`, whatever their first name.
    const path = local ? local.path : { type: this.#root ?? this.#variables[name] };
    if (path) this.#paths.set(expr, path);
    return one;
  }

  #select(select: Select): Range {
    const operand = this.cost(select.operand);
    if (select.test) return operand;
    const { kind } = select.operand.type!;
    const path = stepped(this.pathOf(select.operand), { field: select.field }, this.#root);
    this.#paths.set(select, path);
    return kind === 'map' || kind === 'struct' ? plus(operand, one) : operand;
  }

  #call(call: Call): Range {
    if (call.fn === 'dyn') {
      const [value] = call.args as [Expr];
      const cost = plus(one, this.cost(value));
      this.#copySizes(call, value);
      return cost;
    }
    const costs: Range[] = [];
    const args = call.args.map((arg) => {
      costs.push(this.cost(arg));
      return this.#operand(arg);
    });
    const target = call.target && this.cost(call.target);
    const receiver = call.target && this.#operand(call.target);
    let total = nothing;
    let size: Range | undefined;
    for (const { id } of call.overloads ?? []) {
      const estimate = this.#overload(call, id, receiver, args, costs);
      total = union(total, estimate.cost);
      if (estimate.size) size = size ? union(size, estimate.size) : estimate.size;
      if (id === 'index_list' || id === 'index_map') {
        size = this.#contentsOf(call.args[0]!)?.value;
        const step: Step = id === 'index_list' ? '@items' : '@values';
        this.#paths.set(call, stepped(this.pathOf(call.args[0]!), step, this.#root));
      }
      size ??= this.sizeOf(call);
    }
    if (size) this.#sizes.set(call, size);
    return target ? plus(target, total) : total;
  }

  #overload(
    call: Call,
    id: string,
    target: Operand | undefined,
    args: readonly Operand[],
    costs: readonly Range[],
  ): CallEstimate {
    switch (id) {
      case 'logical_and':
      case 'logical_or':
        // The second operand may never be looked at.
        return { cost: { min: costs[0]!.min, max: costs[0]!.max + costs[1]!.max } };
      case 'conditional':
        return this.#conditional(call, args, costs as [Range, Range, Range]);
      case 'add_list':
      case 'add_string':
      case 'add_bytes':
        this.#uniteContents(call, call.args[0]!, call.args[1]!);
    }
    const { cost, size } = estimateCall(call.fn, id, target, args, (operand) => this.#items(operand));
    return { cost: plus(cost, ...costs), ...(size && { size }) };
  }

  #conditional(
    call: Call,
    [, yes, no]: readonly Operand[],
    [condition, ifYes, ifNo]: [Range, Range, Range],
  ): CallEstimate {
    this.#uniteContents(call, call.args[1]!, call.args[2]!);
    return { cost: plus(condition, union(ifYes, ifNo)), size: union(yes!.size ?? unknown, no!.size ?? unknown) };
  }

  #uniteContents(call: Call, a: Expr, b: Expr): void {
    const [x, y] = [this.#contentsOf(a), this.#contentsOf(b)];
    if (x && y) this.#contents.set(call, { list: x.list, key: union(x.key, y.key), value: union(x.value, y.value) });
  }

  #operand(expr: Expr): Operand {
    const [path, size] = [this.pathOf(expr), this.sizeOf(expr)];
    return { expr, type: expr.type!, ...(path && { path }), ...(size && { size }) };
  }

  /** The elements of a list; undefined for what is none. */
  #items(list: Operand): Operand | undefined {
    const [type] = list.type.params;
    if (type === undefined) return undefined;
    if (list.path === undefined) return { type };
    const path = stepped(list.path, '@items', this.#root);
    const size = declaredSize(path);
    return { type, path, ...(size && { size }) };
  }

  #list(list: ListExpr): Range {
    let items: Range = list.elements.length === 0 ? zero : nothing;
    const costs = list.elements.map(({ value }) => {
      const cost = this.cost(value);
      items = union(items, this.sizeOf(value) ?? unknown);
      return cost;
    });
    this.#contents.set(list, { list: true, key: one, value: items });
    return plus(...costs, exactly(listCreation));
  }

  #map(map: MapExpr): Range {
    let [keys, values]: [Range, Range] = map.entries.length === 0 ? [zero, zero] : [nothing, nothing];
    const costs = map.entries.map(({ key, value }) => {
      const cost = plus(this.cost(key), this.cost(value));
      keys = union(keys, this.sizeOf(key) ?? unknown);
      values = union(values, this.sizeOf(value) ?? unknown);
      return cost;
    });
    this.#contents.set(map, { list: false, key: keys, value: values });
    return plus(...costs, exactly(mapCreation));
  }

  #fold(fold: Fold): Range {
    const before = plus(this.cost(fold.range), this.cost(fold.init));
    this.#enter(fold.accumulator, this.#bound(fold.init));
    for (const [name, local] of this.#loopVariables(fold)) this.#enter(name, local);
    const each = plus(this.cost(fold.condition), this.cost(fold.step));
    this.#leave(fold.variable);
    if (fold.second !== undefined) this.#leave(fold.second);
    const result = this.cost(fold.result);
    this.#leave(fold.accumulator);
    const count = this.sizeOf(fold.range) ?? unknown;
    this.#foldSize(fold, count);
    return plus(before, result, times(count, each));
  }

  #foldSize(fold: Fold, count: Range): void {
    if (fold.init.kind === 'literal') this.#sizes.set(fold, this.sizeOf(fold.init)!);
    else if (fold.init.kind === 'list' || fold.init.kind === 'map') {
      this.#sizes.set(fold, count);
      const gathered = this.#contentsOf(fold.step);
      if (gathered) this.#contents.set(fold, gathered);
    }
  }

  #loopVariables(fold: Fold): [string, Local][] {
    const contents = this.#contentsOf(fold.range);
    const path = this.pathOf(fold.range);
    const overList = contents ? contents.list : fold.range.type!.kind === 'list';
    const local = (step: Step, size: Range | undefined): Local => ({
      path: stepped(path, step, this.#root),
      size,
      contents: undefined,
    });
    const value = () => local(overList ? '@items' : '@values', contents?.value);
    if (fold.second !== undefined)
      return [
        [fold.variable, local(overList ? '@indices' : '@keys', contents?.key)],
        [fold.second, value()],
      ];
    return [[fold.variable, overList ? value() : local('@keys', contents?.key)]];
  }

  #bound(value: Expr): Local {
    return { path: this.pathOf(value), size: this.sizeOf(value), contents: this.#contentsOf(value) };
  }

  #binding(fold: Fold): Range {
    const before = plus(this.cost(fold.range), this.cost(fold.init));
    this.#enter(fold.accumulator, this.#bound(fold.init));
    const result = this.cost(fold.result);
    this.#leave(fold.accumulator);
    this.#copySizes(fold, fold.result);
    return plus(before, result);
  }

  #copySizes(to: Expr, from: Expr): void {
    const [size, contents] = [this.sizeOf(from), this.#contentsOf(from)];
    if (size) this.#sizes.set(to, size);
    if (contents) this.#contents.set(to, contents);
  }

  pathOf(expr: Expr): Path | undefined {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local ? local.path : this.#paths.get(expr);
  }

  /** Undefined where nothing is known. */
  sizeOf(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr);
    if (known) return known;
    const declared = declaredSize(this.pathOf(expr));
    if (declared) {
      this.#sizes.set(expr, declared);
      return declared;
    }
    if (isScalar(expr.type!)) return one;
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  #contentsOf(expr: Expr): Contents | undefined {
    return this.#contents.get(expr) ?? (expr.kind === 'ident' ? this.#local(expr.name)?.contents : undefined);
  }
}

function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case 'literal':
      return exactly(sizeOf(expr.value) ?? 1);
    case 'list':
      return exactly(expr.elements.length);
    case 'map':
      return exactly(expr.entries.length);
    default:
      return undefined;
  }
}

const scalars = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

const isScalar = (type: Type): boolean => scalars.has(type.kind) || (isOptional(type) && isScalar(type.params[0]!));
