import { isBigInteger } from '../json-number.ts';
import { type Complaint, invalid, overall } from './finding.ts';
import type { Structural } from './structural.ts';
import { goNumber, kindOf, numberOf } from './value-kind.ts';

/** What a schema says about numbers. Source: kube-openapi `pkg/validation/validate` (numberValidator). */

const float32Max = 3.4028234663852886e38;
const int32Max = 2 ** 31;
/** Beyond it a double has no integers of its own. */
const jsonInteger = 2 ** 53;
const closeEnough = 1e-9;

/** Whether a double is an integer for all that JSON can tell, as go-openapi decides it. */
export function isJsonInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) >= jsonInteger) return false;
  const whole = Math.trunc(value);
  const difference = Math.abs(value - whole);
  return difference === 0 || (whole !== 0 && difference / (Math.abs(value) + Math.abs(whole)) < closeEnough);
}

/** Whether a number can be held by the type and format of the schema; string-typed and mixed schemas hold any. */
function fits(schema: Structural, value: number | bigint, isInteger: boolean): boolean {
  const type = schema.types.length === 1 ? schema.types[0] : '';
  if (type === 'integer') return isInteger && (schema.format !== 'int32' || (value < int32Max && value >= -int32Max));
  return type !== 'number' || schema.format !== 'float' || Math.abs(Number(value)) <= float32Max;
}

function rangeComplaint(schema: Structural, what: string): Complaint {
  const format = schema.format ? `with format ${schema.format}` : '(default format)';
  return (name) => overall(`${what} value must be of type ${schema.type} ${format} in ${name}`);
}

/** A limit as it is compared with the value: with an integer, as an integer. */
interface Limit {
  readonly value: number;
  readonly shown: string;
}

function limitOf(limit: number, asInteger: boolean): Limit {
  const value = asInteger ? Math.trunc(limit) : limit;
  return { value, shown: asInteger ? BigInt(value).toString() : goNumber(limit) };
}

const isMultiple = (value: number | bigint, factor: number): boolean =>
  typeof value === 'bigint' && Number.isInteger(factor) && factor !== 0
    ? value % BigInt(factor) === 0n
    : isJsonInteger(factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor);

/** What most numbers are: well within what is asked of them. */
function isPlainlyRight({ types, format, multipleOf, minimum, maximum }: Structural, given: unknown): boolean {
  if (typeof given !== 'number' || multipleOf !== undefined) return false;
  if (minimum !== undefined && !(Number.isInteger(minimum) && given > minimum)) return false;
  if (maximum !== undefined && !(Number.isInteger(maximum) && given < maximum)) return false;
  if (types[0] !== 'integer') return format !== 'float';
  return Number.isSafeInteger(given) && (format !== 'int32' || (given < int32Max && given >= -int32Max));
}

const none: readonly Complaint[] = [];

/** All that is wrong with a number, in upstream's order. */
export function numberComplaints(schema: Structural, given: unknown): readonly Complaint[] {
  if (isPlainlyRight(schema, given)) return none;
  const found: Complaint[] = [];
  const value = numberOf(given);
  const isInteger = kindOf(given) === 'integer';
  if (!fits(schema, value, isInteger)) found.push(rangeComplaint(schema, 'Checked'));
  const check = (limit: number | undefined, what: string, wrong: (limit: Limit) => string | undefined) => {
    if (limit === undefined) return;
    const limitFits = fits(schema, limit, Number.isInteger(limit));
    if (!limitFits) found.push(rangeComplaint(schema, what));
    const text = wrong(limitOf(limit, isInteger && limitFits));
    if (text !== undefined) found.push((name) => invalid(name, given, text));
  };
  check(schema.multipleOf, 'MultipleOf', ({ value: factor, shown }) =>
    isMultiple(value, factor || schema.multipleOf!)
      ? undefined
      : `should be a multiple of ${factor ? shown : goNumber(schema.multipleOf!)}`,
  );
  check(schema.minimum, 'Minimum boundary', ({ value: minimum, shown }) => {
    if (value > minimum || (value >= minimum && !schema.exclusiveMinimum)) return undefined;
    return `should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${shown}`;
  });
  check(schema.maximum, 'Maximum boundary', ({ value: maximum, shown }) => {
    if (value < maximum || (value <= maximum && !schema.exclusiveMaximum)) return undefined;
    return `should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${shown}`;
  });
  return found;
}

/** Whether two JSON values are one to an enum: numbers by value. */
export function sameNumber(a: unknown, b: unknown): boolean {
  const [x, y] = [numeric(a), numeric(b)];
  return x !== undefined && y !== undefined && !(x < y) && !(x > y);
}

const numeric = (value: unknown): number | bigint | undefined =>
  typeof value === 'number' || isBigInteger(value) ? numberOf(value) : undefined;
