import type { Type } from '../check/type.ts';
import type { Expr } from '../syntax/ast.ts';
import { regexLength, traversal } from './factors.ts';
import type { Path } from './path.ts';
import { one, plus, type Range, scaled, times, unknown } from './range.ts';

/** An operand as estimates see it. */
export interface Operand {
  /** Undefined for the elements of a list. */
  readonly expr?: Expr;
  readonly type: Type;
  readonly path?: Path;
  /** Undefined where it is not known. */
  readonly size?: Range;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of the result, for texts, lists and maps. */
  readonly size?: Range;
}

export const sizeOf = (operand: Operand | undefined): Range => operand?.size ?? unknown;

/** The cost of going through a text once. */
export const scan = (size: Range, times = 1): Range => scaled(size, times * traversal);

/** Empty texts cost something too: the pattern is the expensive part. */
export const matched = (text: Range, pattern: Range): CallEstimate => ({
  cost: times(scan(plus(text, one)), scaled(pattern, regexLength)),
});
