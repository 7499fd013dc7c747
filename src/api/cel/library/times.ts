import { type Declaration, method } from '../check/declaration.ts';
import { types } from '../check/type.ts';
import { localTime } from '../values/time.ts';
import type { Duration, Timestamp } from '../values/value.ts';

/** Parts of timestamps and durations. Source of names and overloads: cel-go `common/stdlib/standard.go`. */

const { int, string, duration, timestamp } = types;
const day = 86_400_000;

/** Name, overload, and the part of the local calendar, which the date's UTC getters give. */
const parts: readonly (readonly [name: string, id: string, part: (date: Date) => number])[] = [
  ['getFullYear', 'year', (date) => date.getUTCFullYear()],
  ['getMonth', 'month', (date) => date.getUTCMonth()],
  ['getDayOfYear', 'day_of_year', dayOfYear],
  ['getDayOfMonth', 'day_of_month', (date) => date.getUTCDate() - 1],
  ['getDate', 'day_of_month_1_based', (date) => date.getUTCDate()],
  ['getDayOfWeek', 'day_of_week', (date) => date.getUTCDay()],
  ['getHours', 'hours', (date) => date.getUTCHours()],
  ['getMinutes', 'minutes', (date) => date.getUTCMinutes()],
  ['getSeconds', 'seconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', 'milliseconds', (date) => date.getUTCMilliseconds()],
];

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / day);
}

/** Nanoseconds of the units that durations are cut into; milliseconds count within the second. */
const lengths: readonly (readonly [name: string, id: string, of: (nanos: bigint) => bigint])[] = [
  ['getHours', 'hours', (nanos) => nanos / 3_600_000_000_000n],
  ['getMinutes', 'minutes', (nanos) => nanos / 60_000_000_000n],
  ['getSeconds', 'seconds', (nanos) => nanos / 1_000_000_000n],
  ['getMilliseconds', 'milliseconds', (nanos) => nanos / 1_000_000n],
];

export const times: readonly Declaration[] = [
  ...parts.flatMap(([name, id, part]) => [
    method(name, `timestamp_to_${id}`, [timestamp], int, (time: Timestamp) => BigInt(part(localTime(time)))),
    method(name, `timestamp_to_${id}_with_tz`, [timestamp, string], int, (time: Timestamp, zone: string) =>
      BigInt(part(localTime(time, zone))),
    ),
  ]),
  ...lengths.map(([name, id, of]) => method(name, `duration_to_${id}`, [duration], int, (d: Duration) => of(d.nanos))),
];
