import { parseQuantity, type Quantity, QuantityError, quantityOf } from '../../quantity.ts';
import { type Declaration, fn, method } from '../check/declaration.ts';
import { structNamed, types } from '../check/type.ts';
import { fail } from '../values/fault.ts';
import { isInt64, Opaque, type Value } from '../values/value.ts';

/** Quantities. Source: apiserver `pkg/cel/library/quantity.go`. */

const { string, bool, int, double } = types;
const quantityType = structNamed('kubernetes.Quantity');
const giga = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly typeName = quantityType.name;
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  get nano(): bigint {
    return this.quantity.nano;
  }

  equals(other: Value): boolean {
    return other instanceof QuantityValue && this.nano === other.nano;
  }

  toJson(): string {
    return this.quantity.text;
  }
}

/** Upstream takes no spaces here, as the API does around numbers. */
const strict = (text: string): Quantity => parseQuantity(text.trim() === text ? text : ' .');

/** The value of a variable of type `kubernetes.Quantity`. Throws a fault. */
export const quantityVariable = (text: string): unknown => quantity(text);

function quantity(text: string): QuantityValue {
  try {
    return new QuantityValue(strict(text));
  } catch (error) {
    if (error instanceof QuantityError) return fail(error.message);
    throw error;
  }
}

function isQuantity(text: string): boolean {
  try {
    strict(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

const isInteger = ({ nano }: QuantityValue): boolean => nano % giga === 0n && isInt64(nano / giga);
const asInteger = (value: QuantityValue): bigint =>
  isInteger(value) ? value.nano / giga : fail('cannot convert value to integer');

const order = (a: bigint, b: bigint): bigint => (a < b ? -1n : a > b ? 1n : 0n);

/** The result keeps the format of the first, unless that is zero. */
const sum = (a: QuantityValue, b: bigint, otherFormat: Quantity['format']): QuantityValue =>
  new QuantityValue(quantityOf(a.nano + b, a.nano === 0n ? otherFormat : a.quantity.format));

type Q = QuantityValue;
const q = quantityType;

export const quantities: readonly Declaration[] = [
  fn('quantity', 'string_to_quantity', [string], q, quantity),
  fn('isQuantity', 'is_quantity_string', [string], bool, isQuantity),
  fn('sign', 'quantity_sign', [q], int, ({ nano }: Q) => order(nano, 0n)),
  method('isGreaterThan', 'quantity_is_greater_than', [q, q], bool, (a: Q, b: Q) => a.nano > b.nano),
  method('isLessThan', 'quantity_is_less_than', [q, q], bool, (a: Q, b: Q) => a.nano < b.nano),
  method('compareTo', 'quantity_compare_to', [q, q], int, (a: Q, b: Q) => order(a.nano, b.nano)),
  method('asApproximateFloat', 'quantity_get_float', [q], double, ({ nano }: Q) => Number(nano) / 1e9),
  method('asInteger', 'quantity_get_int', [q], int, asInteger),
  method('isInteger', 'quantity_is_integer', [q], bool, isInteger),
  method('add', 'quantity_add', [q, q], q, (a: Q, b: Q) => sum(a, b.nano, b.quantity.format)),
  method('add', 'quantity_add_int', [q, int], q, (a: Q, b: bigint) => sum(a, b * giga, 'DecimalExponent')),
  method('sub', 'quantity_sub', [q, q], q, (a: Q, b: Q) => sum(a, -b.nano, b.quantity.format)),
  method('sub', 'quantity_sub_int', [q, int], q, (a: Q, b: bigint) => sum(a, -b * giga, 'DecimalExponent')),
];
