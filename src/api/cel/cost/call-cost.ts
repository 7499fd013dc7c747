import type { Outcome } from '../run/frame.ts';
import { Fault } from '../values/fault.ts';
import { costSize } from '../values/size.ts';

/** The cost of a call by its first two arguments and its result; a number where it is always the same. */
export type CallCost = number | ((first: Outcome, second: Outcome, result: Outcome) => number);

/** A fault is of fixed width. */
export const sizeOf = (value: Outcome): number => (value instanceof Fault ? 1 : costSize(value));
