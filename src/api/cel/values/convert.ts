import { parseBool } from '../../go-bool.ts';
import { Fault, fail, noSuchOverload } from './fault.ts';
import { formatDouble } from './text.ts';
import { formatSeconds, formatTimestamp, parseGoDuration, parseTimestamp, timestampOf } from './time.ts';
import { Duration, isInt64, isUint64, Opaque, Timestamp, TypeValue, Uint, type Value } from './value.ts';

/** The conversion functions: `int(x)`, `string(x)` … Source of the errors: cel-go `common/types`. */

const cannot = (to: string) => fail(`type conversion error from 'string' to '${to}'`);

const signed = /^[+-]?\d+$/;
const unsigned = /^\d+$/;
/** Digits beyond this are out of range whatever they are. */
const mostDigits = 100;

function parseInteger(text: string, shape: RegExp, fits: (value: bigint) => boolean, to: string): bigint {
  if (text.length > mostDigits || !shape.test(text)) return cannot(to);
  const value = BigInt(text.replace('+', ''));
  return fits(value) ? value : cannot(to);
}

export function toInt(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return doubleToInt(value);
  if (typeof value === 'string') return parseInteger(value, signed, isInt64, 'int');
  if (value instanceof Uint) return isInt64(value.value) ? value.value : fail('integer overflow');
  if (value instanceof Timestamp) return floorDivide(value.nanos, 1_000_000_000n);
  if (value instanceof Duration) return value.nanos;
  throw noSuchOverload;
}

const floorDivide = (a: bigint, b: bigint) => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

const doubleToInt = (value: number) =>
  Number.isFinite(value) && value > -(2 ** 63) && value < 2 ** 63
    ? BigInt(Math.trunc(value))
    : fail('integer overflow');

export function toUint(value: Value): Uint {
  if (value instanceof Uint) return value;
  if (typeof value === 'string') return new Uint(parseInteger(value, unsigned, isUint64, 'uint'));
  if (typeof value === 'bigint') return value >= 0n ? new Uint(value) : fail('unsigned integer overflow');
  if (typeof value === 'number')
    return value >= 0 && value < 2 ** 64 ? new Uint(BigInt(Math.trunc(value))) : fail('unsigned integer overflow');
  throw noSuchOverload;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinity = /^([+-]?)inf(?:inity)?$/i;

export function toDouble(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (typeof value === 'string') return parseDouble(value);
  throw noSuchOverload;
}

function parseDouble(text: string): number {
  const endless = infinity.exec(text);
  if (endless) return endless[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : cannot('double');
}

export function toBool(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') throw noSuchOverload;
  return parseBool(value) ?? cannot('bool');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function toText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return formatDouble(value);
  }
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatSeconds(value.nanos);
  if (value instanceof Uint8Array) return decodeText(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Opaque) return String(value.toJson());
  throw noSuchOverload;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string');
  }
}

export function toBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value));
  throw noSuchOverload;
}

function parsed<T>(parse: () => T, to: string): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Fault) return cannot(to);
    throw error;
  }
}

export function toTimestamp(value: Value): Timestamp {
  if (value instanceof Timestamp) return value;
  if (typeof value === 'string') return parsed(() => parseTimestamp(value), 'google.protobuf.Timestamp');
  if (typeof value === 'bigint') return timestampOf(value * 1_000_000_000n);
  throw noSuchOverload;
}

export function toDuration(value: Value): Duration {
  if (value instanceof Duration) return value;
  if (typeof value === 'string') return parsed(() => new Duration(parseGoDuration(value)), 'google.protobuf.Duration');
  throw noSuchOverload;
}
