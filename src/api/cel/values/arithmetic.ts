import { rawOf } from './compare.ts';
import { fail, noSuchOverload } from './fault.ts';
import { checkTextLength } from './large.ts';
import { JoinedList, ValueList } from './list.ts';
import { JsonList } from './read.ts';
import { durationOf, timestampOf } from './time.ts';
import { CelList, Duration, isInt64, isUint64, Timestamp, Uint, type Value } from './value.ts';

/** The operators of arithmetic, with the overflow errors of cel-go's `common/types/overflow.go`. */

const int = (value: bigint): bigint => (isInt64(value) ? value : fail('integer overflow'));
const uint = (value: bigint): Uint => (isUint64(value) ? new Uint(value) : fail('unsigned integer overflow'));

export function add(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a + b);
  if (typeof a === 'string' && typeof b === 'string') return joinTexts(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value);
  if (a instanceof CelList && b instanceof CelList) return addLists(a, b);
  if (a instanceof Duration) {
    if (b instanceof Duration) return durationOf(a.nanos + b.nanos);
    if (b instanceof Timestamp) return timestampOf(a.nanos + b.nanos, b.offset);
  }
  if (a instanceof Timestamp && b instanceof Duration) return timestampOf(a.nanos + b.nanos, a.offset);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.concat([a, b]);
  throw noSuchOverload;
}

function joinTexts(a: string, b: string): string {
  checkTextLength(a.length + b.length);
  return a + b;
}

/** A macro's accumulator grows in place; sets and map lists merge. Source: apiserver `pkg/cel/common/values.go`. */
function addLists(a: CelList, b: CelList): CelList {
  if (a instanceof ValueList && a.growing) {
    for (const value of b) a.values.push(value);
    return a;
  }
  if (a instanceof JsonList && a.type?.listType === 'set')
    return new JsonList([...a.raw, ...rawOf(b).filter(unseen(a))], a.type);
  if (a instanceof JsonList && a.type?.listType === 'map') return mergeMapLists(a, rawOf(b));
  if (a.size === 0) return b;
  return b.size === 0 ? a : new JoinedList(a, b);
}

function unseen(list: JsonList): (raw: unknown) => boolean {
  const seen = new Set(list.index.keys());
  return (raw) => {
    const key = list.identityOf(raw);
    const first = !seen.has(key);
    seen.add(key);
    return first;
  };
}

/** Those that are added take the places of those with the same keys in `a`; the others follow. */
function mergeMapLists(a: JsonList, added: readonly unknown[]): JsonList {
  const elements = [...a.raw];
  const places = new Map(a.raw.map((raw, place) => [a.identityOf(raw), place]));
  for (const raw of added) {
    const place = places.get(a.identityOf(raw));
    if (place === undefined) elements.push(raw);
    else elements[place] = raw;
  }
  return new JsonList(elements, a.type);
}

export function subtract(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a - b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof Uint && b instanceof Uint) return uint(a.value - b.value);
  if (a instanceof Duration && b instanceof Duration) return durationOf(a.nanos - b.nanos);
  if (a instanceof Timestamp) {
    if (b instanceof Timestamp) return durationOf(a.nanos - b.nanos);
    if (b instanceof Duration) return timestampOf(a.nanos - b.nanos, a.offset);
  }
  throw noSuchOverload;
}

export function multiply(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a * b);
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a instanceof Uint && b instanceof Uint) return uint(a.value * b.value);
  throw noSuchOverload;
}

export function divide(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? fail('division by zero') : int(a / b);
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (a instanceof Uint && b instanceof Uint)
    return b.value === 0n ? fail('division by zero') : uint(a.value / b.value);
  throw noSuchOverload;
}

export function modulo(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) return fail('modulus by zero');
    // The remainder would be zero, but the quotient does not fit, and cel-go minds that.
    int(a / b);
    return a % b;
  }
  if (a instanceof Uint && b instanceof Uint) return b.value === 0n ? fail('modulus by zero') : uint(a.value % b.value);
  throw noSuchOverload;
}

export function negate(a: Value): Value {
  if (typeof a === 'bigint') return int(-a);
  if (typeof a === 'number') return -a;
  throw noSuchOverload;
}
