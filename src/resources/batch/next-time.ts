import { instantOf, localTime, type TimeZone, utc } from '../../base/time-zone.ts';
import type { Calendar, Schedule } from './schedule.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A time that nothing fits within so many years does not come. */
const yearsAhead = 5;

/** A field that is moved on until it fits, from the greatest to the smallest. */
interface Step {
  fits(schedule: Calendar, local: Date): boolean;
  /** The beginning of the field's current value. */
  floor(instant: number, zone: TimeZone): number;
  /** The field's next value. */
  next(instant: number, zone: TimeZone): number;
  /** Whether moving on has changed a greater field too. */
  carried(local: Date): boolean;
}

const steps: readonly Step[] = [
  {
    fits: ({ months }, local) => months.has(local.getUTCMonth() + 1),
    floor: (instant, zone) => shifted(instant, zone, { months: 0, toDay: 1, toHour: 0, toMinute: 0 }),
    next: (instant, zone) => shifted(instant, zone, { months: 1 }),
    carried: (local) => local.getUTCMonth() === 0,
  },
  {
    fits: fitsDay,
    floor: (instant, zone) => shifted(instant, zone, { toHour: 0, toMinute: 0 }),
    next: (instant, zone) => midnight(shifted(instant, zone, { days: 1 }), zone),
    carried: (local) => local.getUTCDate() === 1,
  },
  {
    fits: ({ hours }, local) => hours.has(local.getUTCHours()),
    floor: (instant, zone) => shifted(instant, zone, { toMinute: 0 }),
    next: (instant) => instant + hour,
    carried: (local) => local.getUTCHours() === 0,
  },
  {
    fits: ({ minutes }, local) => minutes.has(local.getUTCMinutes()),
    floor: (instant) => instant,
    next: (instant) => instant + minute,
    carried: (local) => local.getUTCMinutes() === 0,
  },
];

function fitsDay({ days, weekdays, bothDays }: Calendar, local: Date): boolean {
  const day = days.has(local.getUTCDate());
  const weekday = weekdays.has(local.getUTCDay());
  return bothDays ? day && weekday : day || weekday;
}

interface Shift {
  readonly months?: number;
  readonly days?: number;
  readonly toDay?: number;
  readonly toHour?: number;
  readonly toMinute?: number;
}

/** Another time by the zone's clocks. */
function shifted(instant: number, zone: TimeZone, { months = 0, days = 0, ...to }: Shift): number {
  const local = localTime(zone, instant);
  return instantOf(
    zone,
    local.getUTCFullYear(),
    local.getUTCMonth() + months,
    (to.toDay ?? local.getUTCDate()) + days,
    to.toHour ?? local.getUTCHours(),
    to.toMinute ?? local.getUTCMinutes(),
  );
}

/** Where clocks skip midnight, a new day can begin at one, or seem to begin at eleven the evening before. */
function midnight(instant: number, zone: TimeZone): number {
  const hours = localTime(zone, instant).getUTCHours();
  return instant + (hours > 12 ? 24 - hours : -hours) * hour;
}

/**
 * The first time of a schedule after an instant, both in wall milliseconds; undefined when there is none within five
 * years. `zone`: whose clocks a schedule without a zone of its own goes by. Where clocks are put forward the times they
 * skip are left out, where they are put back those they show twice come twice. Source: robfig/cron `SpecSchedule.Next`.
 */
export function nextTime(schedule: Schedule, after: number, zone: TimeZone = utc): number | undefined {
  if ('every' in schedule) return Math.floor(after / 1000) * 1000 + schedule.every;
  return nextFit(schedule, (Math.floor(after / minute) + 1) * minute, schedule.zone ?? zone);
}

function nextFit(schedule: Calendar, start: number, zone: TimeZone): number | undefined {
  const yearOf = (instant: number) => localTime(zone, instant).getUTCFullYear();
  const lastYear = yearOf(start) + yearsAhead;
  let instant = start;
  let moved = false;
  search: while (yearOf(instant) <= lastYear) {
    for (const step of steps) {
      while (!step.fits(schedule, localTime(zone, instant))) {
        // Once a field has moved on, the smaller ones are at their beginning.
        instant = step.next(moved ? instant : step.floor(instant, zone), zone);
        moved = true;
        if (step.carried(localTime(zone, instant))) continue search;
      }
    }
    return instant;
  }
  return undefined;
}
