import { accepting, type Declaration, fn, method } from '../check/declaration.ts';
import { listOf, param, type Type, types } from '../check/type.ts';
import { add } from '../values/arithmetic.ts';
import { compare, equal } from '../values/compare.ts';
import { fail } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { CelList, Duration, Uint, type Value } from '../values/value.ts';

/** Lists. Source: apiserver `pkg/cel/library/lists.go`, and cel-go `ext/lists.go` at version 3. */

const { int, dyn } = types;
const t = param('T');
const list = listOf(t);

const ordered = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'] as const;

const zeros = { int: 0n, uint: new Uint(0n), double: 0, duration: new Duration(0n) } as const;

function isSorted(values: CelList): boolean {
  for (let i = 1; i < values.size; i++) if (compare(values.at(i - 1), values.at(i)) > 0) return false;
  return true;
}

/** The element that comes first by `sign` times the order. */
function extreme(name: string, values: CelList, sign: number): Value {
  let found: Value | undefined;
  for (const value of values) if (found === undefined || compare(value, found) * sign < 0) found = value;
  return found === undefined ? fail(`${name} called on empty list`) : found;
}

function sum(zero: Value, values: CelList): Value {
  let total = zero;
  for (const value of values) total = add(total, value);
  return total;
}

function indexOf(values: CelList, sought: Value): bigint {
  for (let i = 0; i < values.size; i++) if (equal(values.at(i), sought)) return BigInt(i);
  return -1n;
}

function lastIndexOf(values: CelList, sought: Value): bigint {
  for (let i = values.size - 1; i >= 0; i--) if (equal(values.at(i), sought)) return BigInt(i);
  return -1n;
}

/** For each type: the list's overload name and type. */
const each = <T extends string>(
  names: readonly T[],
  row: (name: T, type: Type) => Declaration,
): readonly Declaration[] => names.map((name) => row(name, types[name as keyof typeof types]));

/** Source: apiserver `pkg/cel/library/lists.go`. */
export const lists: readonly Declaration[] = [
  ...each(ordered, (name, type) =>
    method('isSorted', `list_${name}_is_sorted_bool`, [listOf(type)], types.bool, isSorted),
  ),
  ...each(['int', 'uint', 'double', 'duration'], (name, type) =>
    method('sum', `list_${name}_sum_${name}`, [listOf(type)], type, (values: CelList) => sum(zeros[name], values)),
  ),
  ...each(ordered, (name, type) =>
    method('max', `list_${name}_max_${name}`, [listOf(type)], type, (values: CelList) => extreme('max', values, -1)),
  ),
  ...each(ordered, (name, type) =>
    method('min', `list_${name}_min_${name}`, [listOf(type)], type, (values: CelList) => extreme('min', values, 1)),
  ),
  method('indexOf', 'list_a_index_of_int', [list, t], int, indexOf),
  method('lastIndexOf', 'list_a_last_index_of_int', [list, t], int, lastIndexOf),
];

function slice(values: CelList, start: bigint, end: bigint): ValueList {
  const cannot = `cannot slice(${start}, ${end}), `;
  if (start < 0n || end < 0n) return fail(`${cannot}negative indexes not supported`);
  if (start > end) return fail(`${cannot}start index must be less than or equal to end index`);
  if (values.size < end) return fail(`${cannot}list is length ${values.size}`);
  const result: Value[] = [];
  for (let i = Number(start); i < Number(end); i++) result.push(values.at(i));
  return new ValueList(result);
}

function flatten(values: CelList, depth = 1n): ValueList {
  if (depth < 0n) return fail('level must be non-negative');
  const result: Value[] = [];
  gather(values, depth, result);
  return new ValueList(result);
}

function gather(values: CelList, depth: bigint, into: Value[]): void {
  for (const value of values) {
    if (value instanceof CelList && depth > 0n) gather(value, depth - 1n, into);
    else into.push(value);
  }
}

/** The list in the order of keys, one for each of its elements. */
function sortByKeys(values: CelList, keys: CelList): CelList {
  if (values.size !== keys.size) {
    const sizes = `but got ${values.size} and ${keys.size} elements respectively`;
    return fail(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, ${sizes}`);
  }
  const pairs = Array.from(values, (value, i) => [keys.at(i), value] as const);
  return new ValueList(pairs.sort(([a], [b]) => compare(a, b)).map(([, value]) => value));
}

function distinct(values: CelList): CelList {
  const found: Value[] = [];
  for (const value of values) if (!found.some((other) => equal(value, other))) found.push(value);
  return new ValueList(found);
}

const longestRange = 1_000_000n;

function range(size: bigint): ValueList {
  if (size < 0n) return fail(`lists.range: size must be non-negative, got ${size}`);
  if (size > longestRange) return fail(`lists.range: size ${size} exceeds maximum allowed (${longestRange})`);
  return new ValueList(Array.from({ length: Number(size) }, (_, i) => BigInt(i)));
}

/** cel-go's overloads have the full names of types. */
const full = (name: (typeof ordered)[number]) =>
  name === 'duration' ? 'google.protobuf.Duration' : name === 'timestamp' ? 'google.protobuf.Timestamp' : name;

/** Source: cel-go `ext/lists.go`. */
export const moreLists: readonly Declaration[] = [
  method('slice', 'list_slice', [list, int, int], list, slice),
  // Lists that are no lists of lists stay as they are.
  accepting(method('flatten', 'list_flatten', [listOf(list)], list, flatten), [listOf(dyn)]),
  method('flatten', 'list_flatten_int', [listOf(dyn), int], listOf(dyn), flatten),
  ...each(ordered, (name, type) =>
    method('sort', `list_${full(name)}_sort`, [listOf(type)], listOf(type), (values: CelList) =>
      sortByKeys(values, values),
    ),
  ),
  ...each(ordered, (name, type) =>
    method('@sortByAssociatedKeys', `list_${full(name)}_sortByAssociatedKeys`, [list, listOf(type)], list, sortByKeys),
  ),
  fn('lists.range', 'lists_range', [int], listOf(int), range),
  method('reverse', 'list_reverse', [list], list, (values: CelList) => new ValueList([...values].reverse())),
  method('distinct', 'list_distinct', [list], list, distinct),
];
