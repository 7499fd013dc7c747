import { isBigInteger } from '../../json-number.ts';
import { Fault, fail } from './fault.ts';
import { parseLaxDuration, parseTimestamp } from './time.ts';
import { Duration, Timestamp, type Value } from './value.ts';

/** JSON values that are read whole, under the type they are to have. */

export function readInt(raw: unknown): bigint {
  if (typeof raw === 'number' && Number.isInteger(raw)) return BigInt(raw);
  if (typeof raw === 'bigint') return raw;
  return isBigInteger(raw) ? BigInt(raw.rawJSON) : misfit('int', raw);
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function readBytes(raw: unknown): Value {
  if (raw instanceof Uint8Array) return raw;
  if (typeof raw !== 'string') return misfit('string', raw);
  return base64.test(raw.replaceAll('-', '+').replaceAll('_', '/'))
    ? new Uint8Array(Buffer.from(raw, 'base64'))
    : fail(`Invalid byte formatted string ${raw}: illegal base64 data`);
}

export function readDuration(raw: unknown): Value {
  if (raw instanceof Duration) return raw;
  if (typeof raw !== 'string') return misfit('string', raw);
  return wrapped(`Invalid duration ${raw}`, () => new Duration(parseLaxDuration(raw)));
}

const dateOnly = /^\d{4}-\d\d-\d\d$/;

export function readTimestamp(raw: unknown): Value {
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

export const misfit = (expected: string, raw: unknown): never =>
  fail(`invalid data, expected ${expected}, got ${goType(raw)}`);
