import { DurationError, parseDuration } from '../../api/duration.ts';

/** Cron's five fields, checked and complained about as github.com/robfig/cron `ParseStandard` does. */

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

class ScheduleError extends Error {}

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

function checkRange(text: string, bounds: Bounds): void {
  const [span = '', stepText, ...tooMany] = text.split('/');
  const [low = '', high, ...more] = span.split('-');
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
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
}

function checkDescriptor(text: string): void {
  if (descriptors.includes(text)) return;
  const every = '@every ';
  if (!text.startsWith(every)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  try {
    parseDuration(text.slice(every.length));
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new ScheduleError(`failed to parse duration ${text}: ${error.message}`);
  }
}

function check(schedule: string): void {
  if (schedule === '') throw new ScheduleError('empty spec string');
  const text = schedule.replace(/^(CRON_)?TZ=\S* /, '').trim();
  if (text.startsWith('@')) {
    checkDescriptor(text);
    return;
  }
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length !== fields.length) {
    throw new ScheduleError(`expected exactly ${fields.length} fields, found ${words.length}: [${words.join(' ')}]`);
  }
  for (const [i, word] of words.entries()) {
    for (const part of word.split(',')) if (part) checkRange(part, fields[i]!);
  }
}

/** What is wrong with a schedule, or undefined. */
export function scheduleError(schedule: string): string | undefined {
  try {
    check(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
