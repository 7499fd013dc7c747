import { isBigInteger } from '../json-number.ts';

/** What a JSON value is to a Go server, which tells integers from other numbers. */
export type ValueKind = 'null' | 'boolean' | 'string' | 'integer' | 'number' | 'array' | 'object';

export type Tree = Record<string, unknown>;

const int64Max = 2n ** 63n;
const int64Limit = 2 ** 63;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isBigInteger(value);

/** Integers beyond 64 bits are plain numbers, as everywhere in Go. */
export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number')
    return Number.isInteger(value) && value < int64Limit && value >= -int64Limit ? 'integer' : 'number';
  if (Array.isArray(value)) return 'array';
  if (!isBigInteger(value)) return 'object';
  const exact = BigInt(value.rawJSON);
  return exact < int64Max && exact >= -int64Max ? 'integer' : 'number';
}

/** The number a JSON number stands for: exact for an integer, the nearest double for all else. */
export function numberOf(value: unknown): number | bigint {
  if (!isBigInteger(value)) return value as number;
  return kindOf(value) === 'integer' ? BigInt(value.rawJSON) : Number(value.rawJSON);
}

/** A double as Go's `%v` prints it. */
export function goNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e21)) return String(value);
  const [digits, exponent = ''] = value.toExponential().split('e');
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
