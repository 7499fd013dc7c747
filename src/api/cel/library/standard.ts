import { type Declaration, fn, method, operator } from '../check/declaration.ts';
import { listOf, mapOf, param, type Type, typeOf, types } from '../check/type.ts';
import { add, divide, modulo, multiply, negate, subtract } from '../values/arithmetic.ts';
import { compare, equal } from '../values/compare.ts';
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from '../values/convert.ts';
import { noSuchOverload } from '../values/fault.ts';
import { sizeOf } from '../values/size.ts';
import { typeName } from '../values/type-of.ts';
import { CelList, CelMap, TypeValue, type Value } from '../values/value.ts';
import { matches } from './regex.ts';

/** The standard functions. Source of names and overloads: cel-go `common/stdlib/standard.go`. */

const { bool, int, uint, double, string, bytes, duration, timestamp, dyn } = types;
const [a, b] = [param('A'), param('B')];
const listA = listOf(a);
const mapAB = mapOf(a, b);

/** What the evaluator does itself: they do not evaluate all operands, or only to see what is there. */
const special: readonly Declaration[] = [
  fn('_?_:_', 'conditional', [bool, a, a], a),
  fn('_&&_', 'logical_and', [bool, bool], bool),
  fn('_||_', 'logical_or', [bool, bool], bool),
  fn('@not_strictly_false', 'not_strictly_false', [bool], bool),
  fn('_[_]', 'index_list', [listA, int], a),
  fn('_[_]', 'index_map', [mapAB, a], b),
];

const named: ReadonlyMap<Type, string> = new Map<Type, string>([
  [int, 'int64'],
  [uint, 'uint64'],
]);
const idOf = (type: Type) => named.get(type) ?? type.kind;

/** An operator on two of a type, giving that type. */
const same = (name: string, id: string, all: readonly Type[], invoke: (x: Value, y: Value) => Value) =>
  all.map((type) => operator(name, `${id}_${idOf(type)}`, [type, type], type, invoke));

const arithmetic: readonly Declaration[] = [
  operator('_+_', 'add_bytes', [bytes, bytes], bytes, add),
  operator('_+_', 'add_double', [double, double], double, add),
  operator('_+_', 'add_duration_duration', [duration, duration], duration, add),
  operator('_+_', 'add_duration_timestamp', [duration, timestamp], timestamp, add),
  operator('_+_', 'add_timestamp_duration', [timestamp, duration], timestamp, add),
  operator('_+_', 'add_int64', [int, int], int, add),
  operator('_+_', 'add_list', [listA, listA], listA, add),
  operator('_+_', 'add_string', [string, string], string, add),
  operator('_+_', 'add_uint64', [uint, uint], uint, add),
  operator('_-_', 'subtract_duration_duration', [duration, duration], duration, subtract),
  operator('_-_', 'subtract_timestamp_duration', [timestamp, duration], timestamp, subtract),
  operator('_-_', 'subtract_timestamp_timestamp', [timestamp, timestamp], duration, subtract),
  ...same('_-_', 'subtract', [double, int, uint], subtract),
  ...same('_*_', 'multiply', [double, int, uint], multiply),
  ...same('_/_', 'divide', [double, int, uint], divide),
  ...same('_%_', 'modulo', [int, uint], modulo),
  operator('-_', 'negate_double', [double], double, negate),
  operator('-_', 'negate_int64', [int], int, negate),
  operator('!_', 'logical_not', [bool], bool, (x: Value) => (typeof x === 'boolean' ? !x : refuse())),
];

const refuse = (): never => {
  throw noSuchOverload;
};

/** Pairs of types with an order between them; numbers are compared whatever their types. */
const ordered: readonly (readonly [Type, Type])[] = [
  [bool, bool],
  ...[int, uint, double].flatMap((x) => [int, uint, double].map((y) => [x, y] as const)),
  [string, string],
  [bytes, bytes],
  [timestamp, timestamp],
  [duration, duration],
];

const relation = (name: string, id: string, holds: (order: number) => boolean): readonly Declaration[] => {
  const invoke = (l: Value, r: Value) => holds(compare(l, r));
  return ordered.map(([x, y]) => {
    const suffix = x === y ? idOf(x) : `${idOf(x)}_${idOf(y)}`;
    return operator(name, `${id}_${suffix}`, [x, y], bool, invoke);
  });
};

const relations: readonly Declaration[] = [
  ...relation('_<_', 'less', (order) => order < 0),
  ...relation('_<=_', 'less_equals', (order) => order <= 0),
  ...relation('_>_', 'greater', (order) => order > 0),
  ...relation('_>=_', 'greater_equals', (order) => order >= 0),
  operator('_==_', 'equals', [a, a], bool, equal),
  operator('_!=_', 'not_equals', [a, a], bool, (x: Value, y: Value) => !equal(x, y)),
];

function contains(list: CelList, value: Value): boolean {
  for (const element of list) if (equal(value, element)) return true;
  return false;
}

function isIn(value: Value, container: Value): boolean {
  if (container instanceof CelList) return contains(container, value);
  return container instanceof CelMap ? container.has(value) : refuse();
}

const aggregates: readonly Declaration[] = [
  operator('@in', 'in_list', [a, listA], bool, isIn),
  operator('@in', 'in_map', [a, mapAB], bool, isIn),
  ...(
    [
      ['bytes', bytes],
      ['list', listA],
      ['map', mapAB],
      ['string', string],
    ] as const
  ).flatMap(([name, type]) => [
    operator('size', `size_${name}`, [type], int, size),
    method('size', `${name}_size`, [type], int, size),
  ]),
];

function size(value: Value): Value {
  const count = sizeOf(value);
  return count === undefined ? refuse() : BigInt(count);
}

const conversion = (name: string, result: Type, from: readonly Type[], invoke: (value: Value) => Value) =>
  from.map((type) => fn(name, `${idOf(type)}_to_${idOf(result)}`, [type], result, invoke));

const conversions: readonly Declaration[] = [
  ...conversion('bool', bool, [bool, string], toBool),
  ...conversion('bytes', bytes, [bytes, string], toBytes),
  ...conversion('double', double, [double, int, string, uint], toDouble),
  ...conversion('duration', duration, [duration, string], toDuration),
  fn('dyn', 'to_dyn', [a], dyn, (value: Value) => value),
  ...conversion('int', int, [int, double, duration, string, timestamp, uint], toInt),
  ...conversion('string', string, [string, bool, bytes, double, duration, int, timestamp, uint], toText),
  ...conversion('timestamp', timestamp, [timestamp, int, string], toTimestamp),
  ...conversion('uint', uint, [uint, double, int, string], toUint),
  fn('type', 'type', [a], typeOf(a), (value: Value) => new TypeValue(typeName(value))),
];

const strings: readonly Declaration[] = [
  method('contains', 'contains_string', [string, string], bool, (s: string, sub: string) => s.includes(sub)),
  method('endsWith', 'ends_with_string', [string, string], bool, (s: string, end: string) => s.endsWith(end)),
  method('startsWith', 'starts_with_string', [string, string], bool, (s: string, start: string) => s.startsWith(start)),
  fn('matches', 'matches', [string, string], bool, matches),
  method('matches', 'matches_string', [string, string], bool, matches),
];

/** Whether a list holds a value; also what `in` uses. */
export { contains };

export const standard: readonly Declaration[] = [
  ...special,
  ...arithmetic,
  ...relations,
  ...aggregates,
  ...conversions,
  ...strings,
];
