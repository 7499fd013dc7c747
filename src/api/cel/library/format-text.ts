import { toText } from '../values/convert.ts';
import { fail } from '../values/fault.ts';
import { countWork } from '../values/meter.ts';
import { goExponent } from '../values/text.ts';
import { formatSeconds, formatTimestamp } from '../values/time.ts';
import { typeName } from '../values/type-of.ts';
import { CelList, CelMap, Duration, Timestamp, TypeValue, Uint, type Value } from '../values/value.ts';

/**
 * `"…".format(args)`. Kubernetes keeps cel-go's first way of it, which prints numbers with a fraction as English readers
 * want them: thousands apart, powers raised. Source: cel-go `ext/formatting.go`.
 */

/** What a clause takes, for the error text. */
const wanted = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
} as const;

export type Letter = keyof typeof wanted;

/** The error for an argument that does not fit its clause. */
export const misfit = (letter: Letter, type: string): string =>
  `error during formatting: ${wanted[letter]}, was given ${type}`;

const refuse = (letter: Letter, value: Value): never => fail(misfit(letter, typeName(value)));

export interface Clause {
  readonly letter: Letter;
  readonly upper: boolean;
  readonly precision: number | undefined;
}

type Part = string | Clause;

/** More digits are not to be had. */
const mostDigits = 100;

const pattern = /%(?:%|(?:\.(\d*))?(.?))|[^%]+/gsu;

/** The texts and clauses of a format. Throws a fault. */
export function* parts(format: string, argumentCount: number): Iterable<Part> {
  let used = 0;
  for (const [all, precision, letter = ''] of format.matchAll(pattern)) {
    if (!all.startsWith('%')) yield all;
    else if (all === '%%') yield '%';
    else {
      if (used >= argumentCount) fail(`index ${used} out of range`);
      if (all === '%') fail('unexpected end of string');
      used++;
      yield clause(precision, letter);
    }
  }
}

function clause(precision: string | undefined, letter: string): Clause {
  const unparsed = (why: string): never => fail(`could not parse formatting clause: ${why}`);
  if (letter === '') return unparsed('error while parsing precision: could not find end of precision specifier');
  if (precision === '') {
    const conversion = 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax';
    return unparsed(`error while parsing precision: ${conversion}`);
  }
  const lower = letter === 'X' ? 'x' : letter;
  if (!Object.hasOwn(wanted, lower)) return unparsed(`unrecognized formatting clause "${letter}"`);
  const digits = precision === undefined ? undefined : Number(precision);
  if (digits !== undefined && digits > mostDigits)
    return unparsed(
      `error while parsing precision: precision ${precision} exceeds maximum allowed precision ${mostDigits}`,
    );
  return { letter: lower as Letter, upper: letter === 'X', precision: digits };
}

export function format(text: string, args: CelList): string {
  let result = '';
  let next = 0;
  for (const part of parts(text, args.size)) {
    if (typeof part === 'string') result += part;
    else result += writers[part.letter](args.at(next++), part);
  }
  return result;
}

const integerOf = (value: Value): bigint | undefined =>
  typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined;

const based =
  (letter: Letter, base: number) =>
  (value: Value): string =>
    (integerOf(value) ?? refuse(letter, value)).toString(base);

const writers: { readonly [L in Letter]: (value: Value, clause: Clause) => string } = {
  s: shown,
  d: based('d', 10),
  f: (value, { precision = 6 }) => fixed(doubleOf('f', value), precision),
  e: (value, { precision = 6 }) => scientific(doubleOf('e', value), precision),
  b: (value) => (typeof value === 'boolean' ? String(Number(value)) : based('b', 2)(value)),
  x: (value, { upper }) => (upper ? hex(value).toUpperCase() : hex(value)),
  o: based('o', 8),
};

function hex(value: Value): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : based('x', 16)(value);
}

const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function doubleOf(letter: Letter, value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && Object.hasOwn(named, value) ? named[value]! : refuse(letter, value);
}

const unbounded = (value: number) => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞');

function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return unbounded(value);
  const [whole, fraction] = decimal(value, precision).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Like toFixed, but for large numbers too, and with halves rounded to even digits, as Go does. */
function decimal(value: number, precision: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
  const rounded = value.toFixed(precision);
  const cut = value.toFixed(mostDigits).slice(-(mostDigits - precision));
  const half = precision < mostDigits && /^50*$/.test(cut);
  const last = Number(rounded.at(-1));
  return half && last % 2 === 1 ? `${rounded.slice(0, -1)}${last - 1}` : rounded;
}

const raised: Readonly<Record<string, string>> = Object.fromEntries(
  [...'0123456789-'].map((c, i) => [c, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[i]!]),
);

function scientific(value: number, precision: number): string {
  if (!Number.isFinite(value)) return unbounded(value);
  const [mantissa, exponent] = value.toExponential(precision).split('e') as [string, string];
  const power = goExponent(Number(exponent)).replace('+', '');
  return `${mantissa}×10${power.replace(/./g, (char) => raised[char]!)}`;
}

/** The string clause. */
function shown(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof CelList || value instanceof CelMap) return within(value);
  if (typeof value === 'object' && !isPrintable(value)) return refuse('s', value);
  return toText(value);
}

const isPrintable = (value: Value) =>
  value instanceof Uint ||
  value instanceof Uint8Array ||
  value instanceof Timestamp ||
  value instanceof Duration ||
  value instanceof TypeValue;

const quoted = JSON.stringify;

/** A value within a list or map. */
function within(value: Value): string {
  countWork();
  if (value instanceof CelList) return `[${Array.from(value, within).join(', ')}]`;
  if (value instanceof CelMap) return mapped(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value.toFixed(6) : quoted(toText(value));
  if (value instanceof Uint8Array) return `b${quoted(toText(value))}`;
  if (value instanceof Timestamp) return `timestamp(${quoted(formatTimestamp(value))})`;
  if (value instanceof Duration) return `duration(${quoted(formatSeconds(value.nanos))})`;
  if (value === null || typeof value !== 'object' || isPrintable(value)) return value === null ? 'null' : toText(value);
  return fail(`error during formatting: no formatting function for ${typeName(value)}`);
}

function mapped(map: CelMap): string {
  const pairs: [string, string][] = [];
  for (const key of map.keys()) {
    if (typeof key === 'number') fail('error during formatting: no formatting function for map key of type double');
    pairs.push([within(key), within(map.find(key)!)]);
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}
