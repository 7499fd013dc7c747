import type { FunctionOverload } from '../check/declaration.ts';
import type { Type } from '../check/type.ts';
import type { Value } from '../values/value.ts';

/** The parsed expression, with macros expanded. The checker writes types and references into it. */
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Fold;

interface Node {
  /** Where findings about it point to, in UTF-16 units. */
  readonly offset: number;
  /** Depth of the tree below, counted as cel-go's recursion limit counts. */
  readonly depth: number;
  /** Set by the checker. */
  type?: Type;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: null | boolean | bigint | number | string | Value;
}

export interface Ident extends Node {
  readonly kind: 'ident';
  name: string;
  /** What the name stands for where it is no variable: a type. Set by the checker. */
  constant?: Value;
}

export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)` */
  readonly test: boolean;
  /** Set where the whole is one qualified name (`google.protobuf.Timestamp`). */
  qualified?: Ident;
}

export interface Call extends Node {
  readonly kind: 'call';
  /** Operators have names like `_+_`. */
  fn: string;
  target: Expr | undefined;
  readonly args: readonly Expr[];
  /** All that can apply, as the checker found. */
  overloads?: readonly FunctionOverload[];
}

export interface ListExpr extends Node {
  readonly kind: 'list';
  readonly elements: readonly Element[];
}

export interface Element {
  readonly value: Expr;
  /** `[?value]` */
  readonly optional: boolean;
}

export interface MapExpr extends Node {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
}

export interface Entry extends Element {
  readonly key: Expr;
}

export interface StructExpr extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly FieldEntry[];
}

export interface FieldEntry extends Element {
  readonly name: string;
  readonly offset: number;
}

/** A comprehension: what all macros over lists and maps are made of. */
export interface Fold extends Node {
  readonly kind: 'fold';
  readonly range: Expr;
  readonly variable: string;
  /** With two variables the first is the index or key, the second the value. */
  readonly second: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** The variable that macros gather in; no expression can name it. */
export const accumulator = '@result';

/** A fold over nothing that only gives its accumulator a name: `cel.bind`, `optMap`. */
export const isBinding = (fold: Fold): boolean =>
  fold.range.kind === 'list' &&
  fold.range.elements.length === 0 &&
  fold.condition.kind === 'literal' &&
  fold.condition.value === false &&
  fold.accumulator !== accumulator;
