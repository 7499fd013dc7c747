import { DurationError, parseDuration } from '../../api/duration.ts';
import { type TimeZone, timeZone } from '../../base/time-zone.ts';

/** Cron's five fields, understood and complained about as github.com/robfig/cron `ParseStandard` does. */
export type Schedule = Interval | Calendar;

/** Again and again after so many milliseconds. */
export interface Interval {
  readonly every: number;
}

/** At all times whose fields are in these sets. */
export interface Calendar {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Whether a day must be in both sets of days; in either, when both were restricted. */
  readonly bothDays: boolean;
  /** Whose clocks the fields are about, if the schedule says so. */
  readonly zone?: TimeZone;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: monthNames },
  { min: 0, max: 6, names: dayNames },
];

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

export class ScheduleError extends Error {}

function number(text: string, { names, min }: Bounds): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + min : count(text);
}

function count(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

/** The values of one field, and whether it leaves all of them open. */
interface Field {
  readonly values: Set<number>;
  open: boolean;
}

function addRange(field: Field, text: string, bounds: Bounds): void {
  const [span = '', stepText, ...tooMany] = text.split('/');
  const [low = '', high, ...more] = span.split('-');
  const open = low === '*' || low === '?';
  let start = bounds.min;
  let end = bounds.max;
  if (!open) {
    start = number(low, bounds);
    if (more.length > 0) throw new ScheduleError(`too many hyphens: ${text}`);
    end = high === undefined ? start : number(high, bounds);
  }
  let step = 1;
  if (stepText !== undefined) {
    if (tooMany.length > 0) throw new ScheduleError(`too many slashes: ${text}`);
    step = count(stepText);
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min)
    throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${text}`);
  for (let value = start; value <= end; value += step) field.values.add(value);
  if (open && step === 1) field.open = true;
}

function parseField(word: string, bounds: Bounds): Field {
  const field = { values: new Set<number>(), open: false };
  for (const part of word.split(',')) if (part) addRange(field, part, bounds);
  return field;
}

function parseInterval(text: string): Interval {
  const every = '@every ';
  if (!text.startsWith(every)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  try {
    const ms = parseDuration(text.slice(every.length)) / 1e6;
    return { every: Math.max(1000, Math.floor(ms / 1000) * 1000) };
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ScheduleError(`failed to parse duration ${text}: ${error.message}`);
  }
}

function parseCalendar(text: string, zone: TimeZone | undefined): Calendar {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length !== fields.length) {
    throw new ScheduleError(`expected exactly ${fields.length} fields, found ${words.length}: [${words.join(' ')}]`);
  }
  const [minutes, hours, days, months, weekdays] = words.map((word, i) => parseField(word, fields[i]!));
  return {
    minutes: minutes!.values,
    hours: hours!.values,
    days: days!.values,
    months: months!.values,
    weekdays: weekdays!.values,
    bothDays: days!.open || weekdays!.open,
    ...(zone && { zone }),
  };
}

/** Understands a schedule. Throws `ScheduleError` with robfig's text. */
export function parseSchedule(schedule: string): Schedule {
  if (schedule === '') throw new ScheduleError('empty spec string');
  const [prefix = '', , name = ''] = /^(CRON_)?TZ=(\S*) /.exec(schedule) ?? [];
  const zone = prefix ? timeZone(name || 'UTC') : undefined;
  if (prefix && !zone) throw new ScheduleError(`provided bad location ${name}: unknown time zone ${name}`);
  const text = schedule.slice(prefix.length).trim();
  const fields = descriptors.get(text);
  if (fields === undefined && text.startsWith('@')) return parseInterval(text);
  return parseCalendar(fields ?? text, zone);
}

/** What is wrong with a schedule, or undefined. */
export function scheduleError(schedule: string): string | undefined {
  try {
    parseSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
