/** Strings by code points, as CEL counts them, and numbers as Go prints them. */

const surrogates = /[\ud800-\udfff]/;

/** Number of code points. */
export function textLength(text: string): number {
  if (!surrogates.test(text)) return text.length;
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** The code points, for indexing. */
export const codePoints = (text: string): string[] | string => (surrogates.test(text) ? [...text] : text);

/** UTF-16 order made code point order: surrogates sort above the rest of the basic plane. */
const ranked = (unit: number) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** -1, 0 or 1 by code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return ranked(x) < ranked(y) ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** A double as Go's %g prints it: 1e+06, 0.5, +Inf. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  return power < -4 || power >= 6 ? `${mantissa}e${goExponent(power)}` : String(value);
}

/** At least two digits, always signed. */
export const goExponent = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
