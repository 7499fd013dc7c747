import { isBigInteger } from '../../json-number.ts';
import type { CelType } from '../cel-type.ts';
import { Fault, fail } from './fault.ts';
import { CelList, JsonList } from './list.ts';
import { CelMap, JsonMap, JsonRecord } from './map.ts';
import { parseLaxDuration, parseTimestamp } from './time.ts';
import { Bound, Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './value.ts';

/**
 * A JSON value under its type. Only the value itself is looked at: elements and fields are read when they are asked for.
 * Throws a fault where the value does not fit. Source of the texts: apiserver `pkg/cel/common/valuesunstructured.go`.
 */
export function readJson(raw: unknown, type: CelType): Value {
  // No value of an optional variable is none: an object that did not exist before.
  if (raw === null || raw === undefined) return type.kind === 'optional' ? Optional.none : null;
  return raw instanceof Bound ? raw.value : readers[type.kind](raw, type as never);
}

const readers: { readonly [K in CelType['kind']]: (raw: unknown, type: Extract<CelType, { kind: K }>) => Value } = {
  dyn: readDyn,
  bool: (raw) => (typeof raw === 'boolean' ? raw : misfit('bool', raw)),
  int: readInt,
  uint: (raw) => (raw instanceof Uint ? raw : new Uint(readInt(raw))),
  double: (raw) => (typeof raw === 'number' ? raw : isBigInteger(raw) ? Number(raw.rawJSON) : misfit('float', raw)),
  null: (raw) => misfit('null', raw),
  type: (raw) => (raw instanceof TypeValue ? raw : misfit('type', raw)),
  string: (raw) => (typeof raw === 'string' ? raw : misfit('string', raw)),
  bytes: readBytes,
  duration: readDuration,
  timestamp: readTimestamp,
  list: (raw, type) => {
    if (raw instanceof CelList) return raw;
    return Array.isArray(raw)
      ? new JsonList(raw, type)
      : fail('invalid data, expected an array for the provided schema with type=array');
  },
  map: (raw, type) => (raw instanceof CelMap ? raw : new JsonMap(objectOf(raw), type.value)),
  object: (raw, type) => (raw instanceof CelMap ? raw : new JsonRecord(objectOf(raw), type)),
  optional: (raw, type) => (raw instanceof Optional ? raw : Optional.of(readJson(raw, type.of))),
  opaque: (raw, type) => (raw instanceof Opaque ? raw : misfit(type.name, raw)),
};

function readDyn(raw: unknown): Value {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return raw;
    case 'number':
      return Number.isSafeInteger(raw) ? BigInt(raw) : raw;
  }
  if (isBigInteger(raw)) return BigInt(raw.rawJSON);
  if (Array.isArray(raw)) return new JsonList(raw, undefined);
  return isValue(raw) ? raw : new JsonMap(raw as Readonly<Record<string, unknown>>, { kind: 'dyn' });
}

/** Values made by the library itself pass through. */
const isValue = (raw: unknown): raw is Value =>
  raw instanceof CelMap ||
  raw instanceof CelList ||
  raw instanceof Opaque ||
  raw instanceof Optional ||
  raw instanceof Uint ||
  raw instanceof Timestamp ||
  raw instanceof Duration ||
  raw instanceof TypeValue ||
  raw instanceof Uint8Array;

function readInt(raw: unknown): bigint {
  if (typeof raw === 'number' && Number.isInteger(raw)) return BigInt(raw);
  if (typeof raw === 'bigint') return raw;
  return isBigInteger(raw) ? BigInt(raw.rawJSON) : misfit('int', raw);
}

function objectOf(raw: unknown): Readonly<Record<string, unknown>> {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !isBigInteger(raw))
    return raw as Readonly<Record<string, unknown>>;
  return fail('invalid data, expected a map for the provided schema with type=object');
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readBytes(raw: unknown): Value {
  if (raw instanceof Uint8Array) return raw;
  if (typeof raw !== 'string') return misfit('string', raw);
  return base64.test(raw.replaceAll('-', '+').replaceAll('_', '/'))
    ? new Uint8Array(Buffer.from(raw, 'base64'))
    : fail(`Invalid byte formatted string ${raw}: illegal base64 data`);
}

function readDuration(raw: unknown): Value {
  if (raw instanceof Duration) return raw;
  if (typeof raw !== 'string') return misfit('string', raw);
  return wrapped(`Invalid duration ${raw}`, () => new Duration(parseLaxDuration(raw)));
}

const dateOnly = /^\d{4}-\d\d-\d\d$/;

function readTimestamp(raw: unknown): Value {
  if (raw instanceof Timestamp) return raw;
  if (typeof raw !== 'string') return misfit('string', raw);
  const text = dateOnly.test(raw) ? `${raw}T00:00:00Z` : raw;
  return wrapped(`Invalid date-time formatted string ${raw}`, () => parseTimestamp(text));
}

function wrapped(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return fail(`${what}: ${error.message}`);
    throw error;
  }
}

/** How Go names what a JSON value became. */
function goType(raw: unknown): string {
  if (typeof raw === 'number') return Number.isInteger(raw) ? 'int64' : 'float64';
  if (isBigInteger(raw)) return 'int64';
  if (Array.isArray(raw)) return '[]interface {}';
  return typeof raw === 'object' ? 'map[string]interface {}' : typeof raw === 'boolean' ? 'bool' : typeof raw;
}

const misfit = (expected: string, raw: unknown): never =>
  fail(`invalid data, expected ${expected}, got ${goType(raw)}`);
