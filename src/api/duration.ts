/** Go durations: "1h30m", "250ms". Kept in nanoseconds as numbers, exact up to 104 days and beyond that to 1 µs. */

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const max = 2 ** 63;

export class DurationError extends Error {
  constructor(text: string, why = 'invalid duration') {
    super(`time: ${why} ${JSON.stringify(text)}`);
    this.name = 'DurationError';
  }
}

/** Decimals of a unit in nanoseconds, as Go computes them: digits beyond the nanosecond fall away. */
const fraction = (digits: string, scale: number) => Math.trunc(Number(digits) * (scale / 10 ** digits.length));

/** Nanoseconds of a Go duration text. Throws `DurationError` with Go's text. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw new DurationError(text);
  let total = 0;
  while (rest !== '') {
    const m = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)!;
    if (!m[1] && !m[2]) throw new DurationError(text);
    rest = rest.slice(m[0].length);
    const unit = /^[^0-9.]+/.exec(rest)?.[0];
    if (unit === undefined) throw new DurationError(text, 'missing unit in duration');
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (scale === undefined) throw new DurationError(text, `unknown unit ${JSON.stringify(unit)} in duration`);
    rest = rest.slice(unit.length);
    total += Number(m[1] || 0) * scale + fraction(m[2] ?? '', scale);
    if (!(total < max)) throw new DurationError(text);
  }
  return sign * total || 0;
}

/** A fraction of `unit` without trailing zeros: (1500, 1000, "µs") → "1.5µs". */
const withUnit = (value: number, unit: number, name: string) => `${trimmed(value / unit)}${name}`;
const trimmed = (value: number) => value.toFixed(9).replace(/\.?0+$/, '');

/** How Go prints a duration: "1h30m0s", "1.5s", "0s". */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  const n = Math.abs(nanoseconds);
  if (n < 1e3) return `${sign}${n}ns`;
  if (n < 1e6) return sign + withUnit(n, 1e3, 'µs');
  if (n < 1e9) return sign + withUnit(n, 1e6, 'ms');
  const hours = Math.floor(n / 3600e9);
  const minutes = Math.floor(n / 60e9) % 60;
  const seconds = `${trimmed((n % 60e9) / 1e9)}s`;
  if (hours) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

/** Milliseconds, for timers. */
export const durationMs = (text: string): number => parseDuration(text) / 1e6;
