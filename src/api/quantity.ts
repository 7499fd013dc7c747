/**
 * Kubernetes quantities: "100m", "1.5Gi", "1e3". Exact; values are kept in nano units, the finest upstream keeps.
 * Source of the canonical form: apimachinery `api/resource`.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A parsed quantity. Immutable. */
export interface Quantity {
  /** The value times 10^9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** How it prints. */
  readonly text: string;
}

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongNumber = 'unable to parse numeric part of quantity';
const wrongSuffix = "unable to parse quantity's suffix";

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffix = new Map(Object.entries(decimal).map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffix = ['', ...Object.keys(binary)];

/** Beyond this an exponent only serves to make the process compute forever. */
const maxExponent = 300;
const giga = 1_000_000_000n;
const maxInt64 = 2n ** 63n - 1n;

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function suffixOf(text: string): Suffix {
  const si = Object.hasOwn(decimal, text) ? decimal[text] : undefined;
  if (si !== undefined) return { base: 10, exponent: si, format: 'DecimalSI' };
  const bits = Object.hasOwn(binary, text) ? binary[text] : undefined;
  if (bits !== undefined) return { base: 2, exponent: bits, format: 'BinarySI' };
  if (!/^[eE][-+]?[0-9]+$/.test(text)) throw new QuantityError(wrongSuffix);
  const exponent = Number(text.slice(1));
  if (Math.abs(exponent) > maxExponent) throw new QuantityError(wrongNumber);
  return { base: 10, exponent, format: 'DecimalExponent' };
}

const shape = /^([+-]?)([0-9]*)(?:(\.)([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function parse(text: string): Quantity {
  const m = shape.exec(text);
  if (text === '' || !m) throw new QuantityError(wrongFormat);
  const [, sign, whole = '', point, fraction = '', suffixText = ''] = m;
  if (whole === '' && fraction === '') {
    // Upstream reads a lone sign, dot or suffix as far as it goes.
    if (suffixText === '' && point === undefined) return { nano: 0n, format: 'DecimalExponent', text: '0' };
    throw new QuantityError(wrongNumber);
  }
  if (whole.length + fraction.length > 400) throw new QuantityError(wrongNumber);
  const suffix = suffixOf(suffixText);
  const digits = BigInt(whole + fraction || '0');
  let nano = scaled(digits, fraction.length, suffix);
  let format = suffix.format;
  if (format === 'BinarySI') {
    if (nano > maxInt64 * giga) nano = maxInt64 * giga;
    if (nano > 0n && nano < giga) format = 'DecimalSI';
  }
  if (sign === '-') nano = -nano;
  return { nano, format, text: keepsText(text, whole, fraction, suffix, nano) ?? print(nano, format) };
}

/** digits / 10^decimals, times the suffix, in nano units, rounded up in magnitude. */
function scaled(digits: bigint, decimals: number, suffix: Suffix): bigint {
  const multiplied = suffix.base === 2 ? digits << BigInt(suffix.exponent) : digits;
  const exponent = (suffix.base === 10 ? suffix.exponent : 0) - decimals + 9;
  if (exponent >= 0) return multiplied * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (multiplied + divisor - 1n) / divisor;
}

/** Texts that upstream takes for canonical already and prints back untouched. */
function keepsText(text: string, whole: string, fraction: string, suffix: Suffix, nano: bigint): string | undefined {
  if (nano === 0n) return undefined;
  const number = whole.replace(/^0+/, '') || '0';
  const digits = number + fraction;
  if (digits.length > 17 || digits[0] === '0') return undefined;
  if (suffix.format === 'BinarySI')
    return fraction === '' && Number(digits) % 8 !== 0 && fitsBinary(digits, suffix) ? text : undefined;
  const scale = suffix.exponent - fraction.length;
  return scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') ? text : undefined;
}

const fitsBinary = (digits: string, suffix: Suffix) => 14 - digits.length - Math.trunc(suffix.exponent * 0.3) >= 0;

function print(nano: bigint, format: QuantityFormat): string {
  if (nano === 0n) return '0';
  if (format === 'BinarySI' && nano % giga === 0n && magnitude(nano) >= 1024n * giga) return printBinary(nano / giga);
  return printDecimal(nano, format === 'DecimalExponent');
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

function printBinary(value: bigint): string {
  let power = 0;
  let amount = value;
  while (power < binarySuffix.length - 1 && amount % 1024n === 0n) {
    amount /= 1024n;
    power++;
  }
  return `${amount}${binarySuffix[power]}`;
}

function printDecimal(nano: bigint, exponential: boolean): string {
  let exponent = -9;
  let amount = nano;
  const limit = exponential ? maxExponent + 400 : 18;
  while (exponent < limit && amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  if (exponential) return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
  return `${amount}${decimalSuffix.get(exponent)}`;
}

/** Quantities repeat endlessly ("100m", "1Gi"): the parsed ones are kept, dropped all at once when they grow many. */
const known = new Map<string, Quantity>();

/** Parses a quantity as JSON carries it. Throws `QuantityError` with upstream's text. */
export function parseQuantity(value: string | number): Quantity {
  const text = typeof value === 'number' ? numberText(value) : value.trim();
  let quantity = known.get(text);
  if (quantity === undefined) {
    quantity = parse(text);
    if (known.size >= 4096) known.clear();
    known.set(text, quantity);
  }
  return quantity;
}

/** JavaScript's `1e-7` and `1e+21` are fine quantities; a plus sign in the exponent is too. */
const numberText = (value: number) => String(value);

/** Whether a value is a quantity. */
export function isQuantity(value: unknown): value is string | number {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  try {
    parseQuantity(value);
    return true;
  } catch {
    return false;
  }
}

/** The canonical text: "1000m" → "1", "0.5Gi" → "512Mi", 2 → "2". */
export const canonicalQuantity = (value: string | number): string => parseQuantity(value).text;

/** Makes a quantity from nano units. */
export const quantityOf = (nano: bigint, format: QuantityFormat): Quantity => ({
  nano,
  format,
  text: print(nano, format),
});

/** -1, 0 or 1. */
export function compareQuantities(a: string | number, b: string | number): number {
  const [x, y] = [parseQuantity(a).nano, parseQuantity(b).nano];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The sum, in the format of `a`, or of `b` where `a` is zero: as upstream's Add. */
export function addQuantities(a: string | number, b: string | number): string {
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return print(x.nano + y.nano, x.nano === 0n ? y.format : x.format);
}

export function subtractQuantities(a: string | number, b: string | number): string {
  const [x, y] = [parseQuantity(a), parseQuantity(b)];
  return print(x.nano - y.nano, x.nano === 0n ? y.format : x.format);
}

/** nano / unit rounded away from zero. */
function roundedUp(nano: bigint, unit: bigint): number {
  const up = (magnitude(nano) + unit - 1n) / unit;
  return Number(nano < 0n ? -up : up);
}

/** Whole units, rounded up away from zero: upstream's Value(). */
export const quantityValue = (value: string | number): number => roundedUp(parseQuantity(value).nano, giga);
/** Thousandths, rounded up away from zero: upstream's MilliValue(). */
export const quantityMilli = (value: string | number): number => roundedUp(parseQuantity(value).nano, 1_000_000n);
/** The nearest number. */
export const quantityToNumber = (value: string | number): number => Number(parseQuantity(value).nano) / 1e9;
