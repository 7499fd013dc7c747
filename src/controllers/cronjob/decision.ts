import { comparable } from '../../api/json-number.ts';
import type { CronJob, CronJobStatus } from '../../api/types/batch-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { type TimeZone, timeZone, utc } from '../../base/time-zone.ts';
import type { EventType } from '../../client/event-recorder.ts';
import { nextTime } from '../../resources/batch/next-time.ts';
import { parseSchedule, type Schedule, ScheduleError } from '../../resources/batch/schedule.ts';
import { jobName } from './job-template.ts';
import { manyMissed, type Next, nextRun, runsSince } from './runs.ts';

/** Something to tell users about a cron job. */
export type Note = readonly [type: EventType, reason: string, message: string];

/** Whether a run is to be made now, and when to look again; all times in wall milliseconds. */
export interface Decision {
  readonly notes: readonly Note[];
  /** The time of the run to make. */
  readonly run?: number;
  /** When the next one comes; undefined when none does before the cron job is changed. */
  readonly next?: number;
}

const docs = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';

/** The zone a cron job goes by: UTC unless it names one, on every machine; undefined when there is none of that name. */
export const zoneOf = ({ spec }: CronJob): TimeZone | undefined =>
  spec?.timeZone === undefined ? utc : timeZone(spec.timeZone);

/** Decides what is to be done by a cron job's schedule, its `status` as it is now. Source: upstream's syncCronJob. */
export function decide(cronJob: CronJob, status: CronJobStatus, now: number): Decision {
  const { timeZone, suspend, schedule: text = '' } = cronJob.spec!;
  if (cronJob.metadata.deletionTimestamp) return { notes: [] };
  const zone = zoneOf(cronJob);
  if (!zone) return refused('UnknownTimeZone', `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`);
  if (suspend) return { notes: [] };
  const parsed = parse(text);
  if (typeof parsed === 'string') {
    return refused('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)} : ${parsed}`);
  }
  const next: Next = (after) => nextTime(parsed, after, zone);
  const since = lastRun(cronJob, status);
  const runs = runsSince(Math.max(since, now - deadlineOf(cronJob)), now, next);
  const odd: Note[] = text.includes('TZ') ? [zoneInSchedule(text)] : [];
  if (!runs) {
    const message = `invalid schedule: ${text} : time difference between two schedules is less than 1 second`;
    return { notes: [...odd, ['Warning', 'InvalidSchedule', message]] };
  }
  if (runs.missed > manyMissed && runs.due !== undefined) odd.push(tooMany);
  const late = runs.due === undefined ? runsSince(since, now, next)?.due : undefined;
  if (late !== undefined)
    odd.push(['Warning', 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123(late)}`]);
  const why = runs.due === undefined ? [] : hindrance(cronJob, status, runs.due);
  const run = why ? undefined : runs.due!;
  const upcoming = nextRun(run ?? since, now, next);
  return {
    notes: [...odd, ...(why ?? [])],
    ...(run !== undefined && { run }),
    ...(upcoming !== undefined && { next: upcoming }),
  };
}

/** When a cron job whose schedule was changed is to be looked at: not before its next run. */
export function nextLook(cronJob: CronJob, now: number): number | undefined {
  const zone = zoneOf(cronJob);
  const parsed = parse(cronJob.spec?.schedule ?? '');
  if (!zone || typeof parsed === 'string') return now;
  return nextRun(lastRun(cronJob, cronJob.status ?? {}), now, (after) => nextTime(parsed, after, zone));
}

const refused = (reason: string, message: string): Decision => ({ notes: [['Warning', reason, message]] });

const zoneInSchedule = (text: string): Note => [
  'Warning',
  'UnsupportedSchedule',
  `CRON_TZ or TZ used in schedule ${JSON.stringify(text)} is not officially supported, see ${docs} for more details`,
];

const tooMany: Note = [
  'Warning',
  'TooManyMissedTimes',
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
];

const alreadyActive: Note = [
  'Normal',
  'JobAlreadyActive',
  'Not starting job because prior execution is running and concurrency policy is Forbid',
];

/** Why a run that is due is not made, as what is told about it; undefined when it is. */
function hindrance(cronJob: CronJob, status: CronJobStatus, due: number): Note[] | undefined {
  const made = status.active?.some(({ name }) => name === jobName(cronJob, due));
  if (made || status.lastScheduleTime === timestamp(due)) return [];
  const busy = (status.active?.length ?? 0) > 0;
  return cronJob.spec!.concurrencyPolicy === 'Forbid' && busy ? [alreadyActive] : undefined;
}

/** "Thu, 01 Jan 2026 00:00:00 +0000" */
const rfc1123 = (time: number): string => new Date(time).toUTCString().replace('GMT', '+0000');

function lastRun({ metadata }: CronJob, { lastScheduleTime }: CronJobStatus): number {
  return Date.parse(lastScheduleTime ?? metadata.creationTimestamp ?? '');
}

/** How late a run may start, in milliseconds. */
function deadlineOf({ spec }: CronJob): number {
  const seconds = spec?.startingDeadlineSeconds;
  return seconds === undefined ? Number.POSITIVE_INFINITY : comparable(seconds) * 1000;
}

/** The schedule, or what is wrong with it. */
function parse(text: string): Schedule | string {
  try {
    return parseSchedule(text);
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}
