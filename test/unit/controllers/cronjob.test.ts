import { describe, expect, it } from 'vitest';
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '../../../src/api/types/batch-v1.gen.ts';
import { timeZone, utc } from '../../../src/base/time-zone.ts';
import { decide, nextLook } from '../../../src/controllers/cronjob/decision.ts';
import { jobOf } from '../../../src/controllers/cronjob/job-template.ts';
import { reviewJobs, surplusJobs } from '../../../src/controllers/cronjob/plan.ts';

const cronJob = (spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): CronJob => ({
  metadata: { name: 'tick', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T10:00:30Z' },
  spec: { schedule: '0 * * * *', concurrencyPolicy: 'Allow', suspend: false, jobTemplate: {}, ...spec },
  status,
});

const ms = (time: string) => Date.parse(`2026-01-${time}Z`);
const show = (time: number | undefined) => time && new Date(time).toISOString().slice(8, 19);
const look = (it: CronJob, time: string) => {
  const { run, next, notes } = decide(it, it.status!, ms(time));
  return [show(run), show(next), notes.map(([, reason]) => reason).join()];
};
const reference = (uid: string, name = uid) => ({ kind: 'Job', namespace: 'default', name, uid });
const active = { active: [reference('busy')] };
const last = (time: string) => ({ lastScheduleTime: `2026-01-${time}Z` });

describe('what is due', () => {
  it.each<[string, CronJob, string, unknown[]]>([
    ['nothing yet', cronJob(), '01T10:59:59', [undefined, '01T11:00:00', '']],
    ['the first run', cronJob(), '01T11:00:00', ['01T11:00:00', '01T12:00:00', '']],
    ['the first run, late', cronJob(), '01T11:59:00', ['01T11:00:00', '01T12:00:00', '']],
    ['made already', cronJob({}, last('01T11:00:00')), '01T11:10:00', [undefined, '01T12:00:00', '']],
    ['only the latest of those missed', cronJob(), '01T17:20:00', ['01T17:00:00', '01T18:00:00', '']],
    ['a hundred missed', cronJob({}, last('01T00:00:00')), '05T04:30:00', ['05T04:00:00', '05T05:00:00', '']],
    [
      'more than a hundred missed',
      cronJob({}, last('01T00:00:00')),
      '05T05:00:00',
      ['05T05:00:00', '05T06:00:00', 'TooManyMissedTimes'],
    ],
    [
      'few of many within the deadline',
      cronJob({ startingDeadlineSeconds: 7200 }, last('01T00:00:00')),
      '09T09:09:00',
      ['09T09:00:00', '09T10:00:00', ''],
    ],
    [
      'nothing within the deadline',
      cronJob({ startingDeadlineSeconds: 60 }),
      '01T11:10:00',
      [undefined, '01T12:00:00', 'MissSchedule'],
    ],
    [
      'in time for the deadline',
      cronJob({ startingDeadlineSeconds: 60 }),
      '01T11:00:59',
      ['01T11:00:00', '01T12:00:00', ''],
    ],
    ['suspended', cronJob({ suspend: true }), '01T11:00:00', [undefined, undefined, '']],
    [
      'forbidden',
      cronJob({ concurrencyPolicy: 'Forbid' }, active),
      '01T11:00:00',
      [undefined, '01T12:00:00', 'JobAlreadyActive'],
    ],
    [
      'forbidden, but nobody is there',
      cronJob({ concurrencyPolicy: 'Forbid' }),
      '01T11:00:00',
      ['01T11:00:00', '01T12:00:00', ''],
    ],
    ['allowed beside others', cronJob({}, active), '01T11:00:00', ['01T11:00:00', '01T12:00:00', '']],
    [
      'in place of others',
      cronJob({ concurrencyPolicy: 'Replace' }, active),
      '01T11:00:00',
      ['01T11:00:00', '01T12:00:00', ''],
    ],
    [
      'active under the name of this run',
      cronJob({}, { active: [reference('x', `tick-${ms('01T11:00:00') / 60_000}`)] }),
      '01T11:00:00',
      [undefined, '01T12:00:00', ''],
    ],
    [
      'by another zone',
      cronJob({ schedule: '0 9 * * *', timeZone: 'Asia/Tokyo' }),
      '02T00:00:00',
      ['02T00:00:00', '03T00:00:00', ''],
    ],
    ['by an unknown zone', cronJob({ timeZone: 'No/Where' }), '01T11:00:00', [undefined, undefined, 'UnknownTimeZone']],
    ['by no schedule', cronJob({ schedule: 'soon' }), '01T11:00:00', [undefined, undefined, 'UnparseableSchedule']],
    ['never', cronJob({ schedule: '0 0 30 2 *' }), '01T11:00:00', [undefined, undefined, 'InvalidSchedule']],
    ['at intervals', cronJob({ schedule: '@every 45m' }), '01T10:45:30', ['01T10:45:30', '01T11:30:30', '']],
    [
      'by a zone in the schedule',
      cronJob({ schedule: 'TZ=Asia/Tokyo 0 20 * * *' }),
      '01T11:00:00',
      ['01T11:00:00', '02T11:00:00', 'UnsupportedSchedule'],
    ],
    [
      'going',
      { ...cronJob(), metadata: { ...cronJob().metadata, deletionTimestamp: '2026-01-01T10:30:00Z' } },
      '01T11:00:00',
      [undefined, undefined, ''],
    ],
  ])('%s', (_, it, time, expected) => {
    expect(look(it, time)).toEqual(expected);
  });

  it.each<[Partial<CronJobSpec>, string]>([
    [{ timeZone: 'No/Where' }, 'invalid timeZone: "No/Where": unknown time zone No/Where'],
    [{ schedule: 'soon' }, 'unparseable schedule: "soon" : expected exactly 5 fields, found 1: [soon]'],
    [
      { schedule: '0 0 30 2 *' },
      'invalid schedule: 0 0 30 2 * : time difference between two schedules is less than 1 second',
    ],
  ])('%j is complained about', (spec, message) => {
    expect(decide(cronJob(spec), {}, ms('01T11:00:00')).notes).toMatchObject([
      ['Warning', expect.any(String), message],
    ]);
  });

  it('a run that was missed is told of by its time', () => {
    const { notes } = decide(cronJob({ startingDeadlineSeconds: 60 }), {}, ms('01T11:10:00'));
    expect(notes[0]![2]).toBe('Missed scheduled time to start a job: Thu, 01 Jan 2026 11:00:00 +0000');
  });

  it('another schedule makes no run of the past', () => {
    const it = cronJob({ schedule: '*/5 * * * *' });
    expect(show(nextLook(it, ms('01T11:02:00')))).toBe('01T11:05:00');
    expect(show(nextLook(cronJob({ schedule: '0 0 30 2 *' }), ms('01T11:02:00')))).toBeUndefined();
  });
});

interface Shape {
  end?: 'Complete' | 'Failed';
  started?: string;
  ended?: string;
}

const job = (name: string, { end, started, ended }: Shape = {}): Job => ({
  metadata: { name, namespace: 'default', uid: name },
  status: {
    ...(end && { conditions: [{ type: end, status: 'True' }] }),
    ...(started && { startTime: `2026-01-${started}Z` }),
    ...(ended && { completionTime: `2026-01-${ended}Z` }),
  },
});

describe('its jobs', () => {
  it('leave the list of active ones when they have ended, and the latest success is kept', () => {
    const jobs = [
      job('a', { end: 'Complete', ended: '01T10:00:00' }),
      job('b', { end: 'Complete', ended: '01T12:00:00' }),
      job('c', { end: 'Complete', ended: '01T11:00:00' }),
      job('d', { end: 'Failed' }),
      job('e'),
    ];
    const names = ['a', 'd', 'e', 'gone'];
    const review = reviewJobs({ active: names.map((name) => reference(name)) }, jobs);
    expect(review.status).toEqual({
      active: [reference('e'), reference('gone')],
      lastSuccessfulTime: '2026-01-01T12:00:00Z',
    });
    expect(review.missing).toEqual([reference('gone')]);
    expect(review.notes).toEqual([
      ['Normal', 'SawCompletedJob', 'Saw completed job: a, condition: Complete'],
      ['Normal', 'SawCompletedJob', 'Saw completed job: d, condition: Failed'],
    ]);
  });

  it('that nobody knew are told of and left alone', () => {
    const review = reviewJobs({}, [job('a')]);
    expect(review.status).toEqual({});
    expect(review.notes).toEqual([
      ['Warning', 'UnexpectedJob', 'Saw a job that the controller did not create or forgot: a'],
    ]);
  });

  it('beyond the limits of the history go, the oldest first', () => {
    const jobs = [
      job('a', { end: 'Complete', started: '03T00:00:00' }),
      job('b', { end: 'Complete', started: '01T00:00:00' }),
      job('c', { end: 'Complete' }),
      job('d', { end: 'Failed', started: '02T00:00:00' }),
      job('e', { end: 'Failed', started: '02T00:00:00' }),
      job('f', { started: '01T00:00:00' }),
    ];
    const surplus = (successfulJobsHistoryLimit: number | undefined, failedJobsHistoryLimit: number | undefined) =>
      surplusJobs(cronJob({ successfulJobsHistoryLimit, failedJobsHistoryLimit } as CronJobSpec), jobs).map(
        ({ metadata }) => metadata.name,
      );
    expect(surplus(2, 1)).toEqual(['b', 'd']);
    expect(surplus(0, 3)).toEqual(['b', 'a', 'c']);
    expect(surplus(undefined, 0)).toEqual(['d', 'e']);
  });

  it('are named after their minute and say for which time they were made', () => {
    const it = cronJob({
      jobTemplate: {
        metadata: { labels: { app: 'tick' }, annotations: { mine: 'kept' } },
        spec: { template: {}, completions: 3 },
      },
    });
    const time = Date.UTC(2026, 6, 1, 10);
    expect(jobOf(it, time, timeZone('Europe/Berlin')!)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `tick-${time / 60_000}`,
        namespace: 'default',
        labels: { app: 'tick' },
        annotations: {
          mine: 'kept',
          'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-07-01T12:00:00+02:00',
        },
        ownerReferences: [
          {
            apiVersion: 'batch/v1',
            kind: 'CronJob',
            name: 'tick',
            uid: 'u',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { template: {}, completions: 3 },
    });
    const { annotations } = jobOf(it, time, utc).metadata;
    expect(annotations).toMatchObject({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-07-01T10:00:00Z',
    });
  });
});
