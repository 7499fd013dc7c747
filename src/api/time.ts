import { microTimestamp, timestamp } from '../base/clock.ts';

/** Times on the wire: RFC 3339 in UTC, with seconds (Time) or microseconds (MicroTime). */

const canonicalSeconds = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d+)?(Z|[-+]\d\d:\d\d)$/;

export class TimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TimeError';
  }
}

/** How far Go's parser gets, for its error text: the layout element it stops at and the rest of the value there. */
const elements: readonly (readonly [layout: string, pattern: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[-+]\d\d:\d\d)/],
];

function refuse(text: string, layout: string): never {
  const value = JSON.stringify(text);
  let rest = text;
  for (const [element, pattern] of elements) {
    const m = pattern.exec(rest);
    if (!m)
      throw new TimeError(`parsing time ${value} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${element}"`);
    rest = rest.slice(m[0].length);
  }
  if (rest) throw new TimeError(`parsing time ${value}: extra text: ${JSON.stringify(rest)}`);
  throw new TimeError(`parsing time ${value}: ${outOfRange(text)} out of range`);
}

function outOfRange(text: string): string {
  const [, , month, , hour, minute, second] = rfc3339.exec(text) ?? [];
  if (Number(month) < 1 || Number(month) > 12) return 'month';
  if (Number(hour) > 23) return 'hour';
  if (Number(minute) > 59) return 'minute';
  return Number(second) > 59 ? 'second' : 'day';
}

/** Milliseconds since 1970 of an RFC 3339 text, undefined when it is none. */
function millisecondsOf(text: string): number | undefined {
  const m = rfc3339.exec(text);
  if (!m) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const ms = Date.parse(`${text.slice(0, 19)}${m[8]}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The text a server stores for a Time. Throws `TimeError` with Go's text. */
export function canonicalTime(text: string): string {
  if (canonicalSeconds.test(text)) return text;
  const ms = millisecondsOf(text);
  return ms === undefined ? refuse(text, '2006-01-02T15:04:05Z07:00') : formatTime(ms);
}

/** The text a server stores for a MicroTime. Throws `TimeError` with Go's text. */
export function canonicalMicroTime(text: string): string {
  const ms = millisecondsOf(text);
  if (ms === undefined) return refuse(text, '2006-01-02T15:04:05.000000Z07:00');
  const fraction = rfc3339.exec(text)![7]?.slice(1) ?? '';
  return `${formatTime(ms).slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** "2026-01-02T15:04:05Z" */
export const formatTime = timestamp;

/** "2026-01-02T15:04:05.123000Z" */
export const formatMicroTime = microTimestamp;

/** Milliseconds of a stored Time or MicroTime; NaN when there is none. */
export const timeMs = (text: string | null | undefined): number => (text ? Date.parse(text) : Number.NaN);
