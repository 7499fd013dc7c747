import { isDeepStrictEqual } from 'node:util';
import { integerOf, isBigInteger } from '../../json-number.ts';
import { fail, noSuchOverload } from './fault.ts';
import { toJson } from './json.ts';
import { countWork } from './meter.ts';
import { JsonList, JsonRecord, readJson } from './read.ts';
import { compareText } from './text.ts';
import { CelList, CelMap, Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './value.ts';

/** Equality and order of values. Numbers compare across their types; values of other different types are unequal. */

/** The value of a number of any type. */
const numberOf = (value: Value): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof Uint ? value.value : undefined;

/** -1, 0 or 1; integers are compared with doubles as doubles, NaN with nothing. */
function orderOf(a: bigint | number, b: bigint | number): number {
  if (typeof a !== typeof b) return orderOf(Number(a), Number(b));
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

function equalNumbers(a: bigint | number, b: Value): boolean {
  const other = numberOf(b);
  return other !== undefined && orderOf(a, other) === 0;
}

export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  switch (typeof a) {
    case 'string':
    case 'boolean':
      return false;
    case 'bigint':
    case 'number':
      return equalNumbers(a, b);
  }
  if (a === null || b === null) return false;
  countWork();
  if (a instanceof Uint) return equalNumbers(a.value, b);
  if (a instanceof CelList) return b instanceof CelList && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  return a instanceof Opaque && a.equals(b);
}

function equalOptionals(a: Optional, b: Optional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.size !== b.size) return false;
  if (a instanceof JsonList && a.type?.listType === 'set')
    return rawOf(b).every((raw) => a.index.has(a.identityOf(raw)));
  if (a instanceof JsonList && a.type?.listType === 'map') return equalMapLists(a, b);
  for (let i = 0; i < a.size; i++) if (!equal(a.at(i), b.at(i))) return false;
  return true;
}

/** The elements as JSON. */
export const rawOf = (list: CelList): readonly unknown[] =>
  list instanceof JsonList ? list.raw : Array.from(list, toJson);

/** Lists of type map are equal whatever the order of their elements. */
function equalMapLists(a: JsonList, b: CelList): boolean {
  return rawOf(b).every((raw, i) => {
    const key = a.identityOf(raw);
    return a.index.has(key) && equal(readJson(a.index.get(key), a.element), b.at(i));
  });
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size || a.typeName !== b.typeName) return false;
  for (const key of a.keys()) {
    const value = a.find(key);
    const other = b.find(key);
    if (value === undefined || other === undefined) {
      if (value !== other) return false;
    } else if (!equal(value, other)) return false;
  }
  return !(a instanceof JsonRecord && b instanceof JsonRecord) || equalUndeclared(a, b);
}

/** Fields without a type are compared as the JSON they are. */
function equalUndeclared(a: JsonRecord, b: JsonRecord): boolean {
  const declared = new Set([...a.type.fields.values()].map((field) => field.name));
  return Object.keys(a.raw).every(
    (name) => declared.has(name) || !Object.hasOwn(b.raw, name) || equalJson(a.raw[name], b.raw[name]),
  );
}

const equalJson = (a: unknown, b: unknown) =>
  isBigInteger(a) || isBigInteger(b) ? integerOf(a) === integerOf(b) : isDeepStrictEqual(a, b);

/** -1, 0 or 1. Throws a fault for values without an order between them. */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return order(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) {
    const found = orderOf(x, y);
    return Number.isNaN(found) ? fail('NaN values cannot be ordered') : found;
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return order(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return order(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  throw noSuchOverload;
}

const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
