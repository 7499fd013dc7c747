import { Fault, fail } from './fault.ts';
import { Duration, isInt64, Timestamp } from './value.ts';

/** Durations and timestamps as texts, their arithmetic, and the parts of a timestamp in a time zone. */

const second = 1_000_000_000n;
const minute = 60n * second;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: minute,
  h: 60n * minute,
};

const amount = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/;

/** Exact nanoseconds of a Go duration ("1h30m", "-1.5s"). */
export function parseGoDuration(text: string): bigint {
  const invalid = () => fail(`time: invalid duration ${JSON.stringify(text)}`);
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0n;
  if (rest === '') return invalid();
  let total = 0n;
  while (rest !== '') {
    const [all, whole = '', fraction = '', unit = ''] = amount.exec(rest)!;
    if (whole === '' && fraction === '') return invalid();
    if (unit === '') return fail(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (scale === undefined)
      return fail(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    // Longer numbers cannot be durations, and would only take time.
    if (whole.length > 30 || fraction.length > 30) return invalid();
    total += BigInt(whole || 0) * scale + (BigInt(fraction || 0) * scale) / 10n ** BigInt(fraction.length);
    rest = rest.slice(all.length);
  }
  const nanos = text.startsWith('-') ? -total : total;
  return isInt64(nanos) ? nanos : invalid();
}

/** Whole numbers of units by any of their names, the last of which may go on: "3 days", "1 week". */
const laxUnits: readonly (readonly [names: readonly string[], scale: bigint])[] = [
  [['ns', 'nano'], 1n],
  [['us', 'µs', 'micro'], 1_000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], second],
  [['m', 'min'], minute],
  [['h', 'hr', 'hour'], 60n * minute],
  [['d', 'day'], 1440n * minute],
  [['w', 'week', 'wk'], 7n * 1440n * minute],
];

/** What the format "duration" of schemas takes. Source: kube-openapi `validation/strfmt/duration.go`. */
export function parseLaxDuration(text: string): bigint {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  let total: bigint | undefined;
  for (const [, count, unit] of text.matchAll(/(\d{1,19})\s*([A-Za-zµ]+)/g)) {
    const name = unit!.toLowerCase();
    const scale = laxUnits.find(([names]) => names.includes(name) || name.startsWith(names.at(-1)!))?.[1];
    if (scale !== undefined) total = (total ?? 0n) + BigInt(count!) * scale;
  }
  return total === undefined || !isInt64(total) ? fail(`unable to parse ${text} as duration`) : total;
}

/** Seconds with as many decimals as are needed, as `string(duration)` prints. */
export function formatSeconds(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const decimals = String(magnitude % second)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${magnitude / second}${decimals && `.${decimals}`}s`;
}

const rfc3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

const minTime = -62_135_596_800n * second;
const maxTime = 253_402_300_800n * second - 1n;

/** A timestamp within the years 1 to 9999, which CEL knows. */
export function timestampOf(nanos: bigint, offset = 0): Timestamp {
  return nanos < minTime || nanos > maxTime ? fail('timestamp overflow') : new Timestamp(nanos, offset);
}

/** Parses RFC 3339, strictly. The zone it was written in is kept for printing. */
export function parseTimestamp(text: string): Timestamp {
  const invalid = () => fail(`invalid RFC 3339 timestamp ${JSON.stringify(text)}`);
  const m = rfc3339.exec(text);
  if (!m) return invalid();
  const [year, month, day, hour, min, sec] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, min, sec);
  if (date.getUTCDate() !== day) return invalid();
  const offset = m[8] === undefined ? 0 : (m[8] === '-' ? -1 : 1) * (Number(m[9]) * 60 + Number(m[10]));
  const nanos = BigInt(date.getTime()) * 1_000_000n + BigInt((m[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return timestampOf(nanos - BigInt(offset) * minute, offset);
}

const two = (value: number) => String(value).padStart(2, '0');

/** RFC 3339 with as many decimals as are needed. */
export function formatTimestamp({ nanos, offset }: Timestamp): string {
  const [ms, rest] = millisecondsOf(nanos + BigInt(offset) * minute);
  const date = new Date(ms);
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const decimals = `${String(date.getUTCMilliseconds()).padStart(3, '0')}${String(rest).padStart(6, '0')}`.replace(
    /0+$/,
    '',
  );
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${year}${date.toISOString().slice(-20, -5)}${decimals && `.${decimals}`}${zone}`;
}

/** Whole milliseconds, rounded down, and the nanoseconds above them. */
function millisecondsOf(nanos: bigint): [milliseconds: number, rest: bigint] {
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return [Number((nanos - rest) / 1_000_000n), rest];
}

export const durationOf = (nanos: bigint): Duration =>
  isInt64(nanos) ? new Duration(nanos) : fail('duration overflow');

const zones = new Map<string, Intl.DateTimeFormat>();

/** The formatter of a named zone; few are in use, and each is slow to make. */
function zone(name: string): Intl.DateTimeFormat {
  let known = zones.get(name);
  if (known === undefined) {
    try {
      known = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    } catch {
      return fail(`unknown time zone ${name}`);
    }
    if (zones.size > 100) zones.clear();
    zones.set(name, known);
  }
  return known;
}

const fixedOffset = /^([+-]?)(\d{1,4}):(\d{1,4})$/;
const longOffset = /GMT(?:([+-])(\d\d):(\d\d)(?::\d\d)?)?$/;

function offsetIn(zoneName: string, ms: number): number {
  if (zoneName === '' || zoneName === 'UTC') return 0;
  const fixed = fixedOffset.exec(zoneName);
  if (fixed === null && zoneName.includes(':')) return fail(`unknown time zone ${zoneName}`);
  if (fixed !== null && Number(fixed[3]) > 59) return fail(`timezone offset minutes out of range [0, 59]: ${zoneName}`);
  const m = fixed ?? longOffset.exec(zone(zoneName).format(ms));
  if (m === null || m[2] === undefined) return 0;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]));
}

/** The calendar of a timestamp in a zone: its UTC getters give the local parts. */
export function localTime(time: Timestamp, zoneName = ''): Date {
  const [ms] = millisecondsOf(time.nanos);
  return new Date(ms + offsetIn(zoneName, ms) * 60_000);
}
