import { parseQuantity, quantityToNumber } from '../api/quantity.ts';

/** The number a quantity stands for ("500m" is 0.5, "1Gi" is 2^30); undefined when there is none. */
export const amount = (quantity: string | undefined): number | undefined =>
  quantity === undefined ? undefined : quantityToNumber(quantity);

/** What a resourceFieldRef prints: the amount in units of `divisor` ("1" when absent or "0"), rounded up. */
export function divided(quantity: string, divisor: string | undefined): string {
  const by = divisor === undefined ? 0n : parseQuantity(divisor).nano;
  const unit = by === 0n ? parseQuantity('1').nano : by;
  const { nano } = parseQuantity(quantity);
  return String((nano + unit - 1n) / unit);
}
