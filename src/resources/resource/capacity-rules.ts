import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { addQuantities, compareQuantities, parseQuantity } from '../../api/quantity.ts';
import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceCapacity,
} from '../../api/types/resource-v1.gen.ts';
import { distinctUpTo } from './names.ts';

/** How parts of a device's capacity may be asked for. Source: resource/validation validateRequestPolicy. */

const maxOptions = 10;

const shown = (quantity: string): string => parseQuantity(quantity).text;

/** Whole units, rounded up as upstream's Value(). */
function units(quantity: string): bigint {
  const { nano } = parseQuantity(quantity);
  const giga = 1_000_000_000n;
  return nano > 0n ? (nano + giga - 1n) / giga : -((giga - 1n - nano) / giga);
}

function options(errors: ErrorList, path: FieldPath, values: readonly string[], fallback: string, most: string): void {
  for (let i = 1; i < values.length; i++) {
    if (compareQuantities(values[i - 1]!, values[i]!) <= 0) continue;
    errors.invalid(path.index(i), shown(values[i]!), 'values must be sorted in ascending order');
  }
  const option = (_: ErrorList, at: FieldPath, value: string): void => {
    if (compareQuantities(value, most) <= 0) return;
    errors.invalid(at, shown(value), `option is larger than capacity value: ${shown(most)}`);
  };
  distinctUpTo(errors, path, values, maxOptions, option, (value) => String(units(value)));
  const known = values.length <= maxOptions && values.some((value) => compareQuantities(value, fallback) === 0);
  if (!known) errors.invalid(path, shown(fallback), 'default value is not valid according to the requestPolicy');
}

function step(errors: ErrorList, path: FieldPath, range: CapacityRequestPolicyRange, fallback: string, most: string) {
  const { min, max, step: width } = range;
  if (width === undefined) return;
  if (parseQuantity(width).nano <= 0n) {
    errors.invalid(path, shown(width), 'must be greater than zero');
    return;
  }
  const first = addQuantities(min, width);
  if (compareQuantities(first, most) > 0) {
    errors.invalid(path, shown(width), `one step ${first} is larger than capacity value: ${shown(most)}`);
  }
  for (const value of max === undefined ? [fallback] : [fallback, max]) {
    if ((units(value) - units(min)) % units(width) === 0n) continue;
    const text = `value is not a multiple of a given step (${shown(width)}) from (${shown(min)})`;
    errors.invalid(path, shown(value), text);
  }
}

function bounds(
  errors: ErrorList,
  path: FieldPath,
  range: CapacityRequestPolicyRange,
  fallback: string,
  most: string,
): void {
  const { min, max } = range;
  if (min === undefined) {
    errors.required(path.child('min'), 'required when validRange is defined');
    return;
  }
  const above = (field: string, value: string, limit: string, text: string, blamed = value): void => {
    if (compareQuantities(value, limit) > 0) errors.invalid(path.child(field), shown(blamed), text);
  };
  above('min', min, most, `min is larger than capacity value: ${shown(most)}`);
  above('default', min, fallback, `default is less than min: ${shown(min)}`, fallback);
  if (max !== undefined) {
    above('max', min, max, `min is larger than max: ${shown(max)}`);
    above('max', max, most, `max is larger than capacity value: ${shown(most)}`);
    above('default', fallback, max, `default is more than max: ${shown(max)}`);
  }
  step(errors, path.child('step'), range, fallback, most);
}

function policy(errors: ErrorList, path: FieldPath, value: CapacityRequestPolicy, most: string): void {
  const { validValues: values = [], validRange: range, default: fallback } = value;
  const kind = values.length > 0 ? 'validValues' : range ? 'validRange' : undefined;
  if (values.length > 0 && range) {
    const text = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errors.forbidden(path, text);
  } else if (!kind) return;
  else if (fallback === undefined) errors.required(path.child('default'), `required when ${kind} is defined`);
  else if (range) bounds(errors, path.child('validRange'), range, fallback, most);
  else options(errors, path.child('validValues'), values, fallback, most);
}

/** `shared`: the device may be given to several claims, each of which takes a part. */
export function capacity(errors: ErrorList, path: FieldPath, value: DeviceCapacity, shared: boolean): void {
  if (!value.requestPolicy) return;
  const at = path.child('requestPolicy');
  if (shared) policy(errors, at, value.requestPolicy, value.value);
  else errors.forbidden(at, 'allowMultipleAllocations must be true');
}
