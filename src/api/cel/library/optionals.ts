import { type Declaration, fn, method } from '../check/declaration.ts';
import { listOf, mapOf, optionalOf, param, types } from '../check/type.ts';
import { fail } from '../values/fault.ts';
import { ValueList } from '../values/list.ts';
import { CelList, CelMap, Duration, Optional, Timestamp, Uint, type Value } from '../values/value.ts';

/** Optional values. Source of names and overloads: cel-go `cel/library.go`. */

const { bool, int, string, dyn } = types;
const [k, v] = [param('K'), param('V')];
const optional = optionalOf(v);

const firstTime = -62_135_596_800_000_000_000n;

/** Values that `ofNonZeroValue` takes for none. */
function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return true;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === firstTime;
  if (value instanceof Uint8Array) return value.length === 0;
  return value instanceof Optional && (value.value === undefined || isZero(value.value));
}

function unwrap(list: CelList): ValueList {
  const values: Value[] = [];
  for (const element of list) {
    if (!(element instanceof Optional)) return fail('value is not optional');
    if (element.value !== undefined) values.push(element.value);
  }
  return new ValueList(values);
}

const at = (list: CelList, index: number) => (list.size === 0 ? Optional.none : Optional.of(list.at(index)));

export const optionals: readonly Declaration[] = [
  fn('optional.of', 'optional_of', [v], optional, (value: Value) => Optional.of(value)),
  fn('optional.ofNonZeroValue', 'optional_ofNonZeroValue', [v], optional, (value: Value) =>
    isZero(value) ? Optional.none : Optional.of(value),
  ),
  fn('optional.none', 'optional_none', [], optional, () => Optional.none),
  method(
    'value',
    'optional_value',
    [optional],
    v,
    ({ value }: Optional) => value ?? fail('optional.none() dereference'),
  ),
  method('hasValue', 'optional_hasValue', [optional], bool, ({ value }: Optional) => value !== undefined),
  method('or', 'optional_or_optional', [optional, optional], optional),
  method('orValue', 'optional_orValue_value', [optional, v], v),
  fn('_?._', 'select_optional_field', [dyn, string], optional),
  fn('_[?_]', 'list_optindex_optional_int', [listOf(v), int], optional),
  fn('_[?_]', 'optional_list_optindex_optional_int', [optionalOf(listOf(v)), int], optional),
  fn('_[?_]', 'map_optindex_optional_value', [mapOf(k, v), k], optional),
  fn('_[?_]', 'optional_map_optindex_optional_value', [optionalOf(mapOf(k, v)), k], optional),
  fn('_[_]', 'optional_list_index_int', [optionalOf(listOf(v)), int], optional),
  fn('_[_]', 'optional_map_index_value', [optionalOf(mapOf(k, v)), k], optional),
  method('first', 'list_first', [listOf(v)], optional, (list: CelList) => at(list, 0)),
  method('last', 'list_last', [listOf(v)], optional, (list: CelList) => at(list, list.size - 1)),
  fn('optional.unwrap', 'optional_unwrap', [listOf(optional)], listOf(v), unwrap),
  method('unwrapOpt', 'optional_unwrapOpt', [listOf(optional)], listOf(v), unwrap),
];
