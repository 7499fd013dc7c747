import { CelBudgetError } from '../environment.ts';

/** Results that no budget pays for are not made: costs are counted only when they are there. */

const longestText = 32 * 1024 * 1024;
const longestList = 5_000_000;

export function checkTextLength(length: number): void {
  if (length > longestText) throw new CelBudgetError();
}

export function checkListSize(size: number): void {
  if (size > longestList) throw new CelBudgetError();
}
