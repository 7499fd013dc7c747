import { expect, test } from 'vitest';
import { cronJobs, jobs, pods } from '../../../src/api/kinds.gen.ts';
import type { CronJob, CronJobSpec, Job, JobSpec } from '../../../src/api/types/batch-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane, end, said } from '../../kit/controllers.ts';

const key = { namespace: 'default', name: 'tick' };
const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

const template: JobSpec['template'] = {
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'tick:1' }] },
};
const tick = (spec: Partial<CronJobSpec> = {}): CronJob => ({
  metadata: { ...key },
  spec: { schedule: '*/10 * * * *', jobTemplate: { spec: { template } }, ...spec },
});

/** A cron job on a stopped clock that shows midnight. The pods' node is not there: nobody may see that in the meantime. */
const planeWith = async (spec: Partial<CronJobSpec> = {}) => {
  const clock = new ManualClock(start);
  const plane = await controlPlane({ clock, disabled: ['pod-garbage-collector-controller'] });
  await plane.client.resource(cronJobs).create(tick(spec));
  return { plane, clock };
};

/** The name of the job of a minute after midnight. */
const nameAt = (minutes: number) => `tick-${start / minute + minutes}`;
const jobAt = (plane: ControlPlane, minutes: number, check: (job: Job | undefined) => boolean = Boolean) =>
  plane.until(jobs, `default/${nameAt(minutes)}`, check);
const until = (plane: ControlPlane, check: (status: NonNullable<CronJob['status']>) => boolean) =>
  plane.until(cronJobs, 'default/tick', (it) => it?.status !== undefined && check(it.status));
const namesOf = async (plane: ControlPlane) =>
  (await plane.client.resource(jobs).list({ namespace: 'default' })).items.map((job) => job.metadata.name).sort();

/** Lets the pods of the job of a minute end. */
async function endJob(plane: ControlPlane, minutes: number, exitCode = 0): Promise<void> {
  const mine = (all: { metadata: { labels?: Readonly<Record<string, string>> } }[]) =>
    all.filter(({ metadata }) => metadata.labels?.['job-name'] === nameAt(minutes));
  const ready = await plane.untilAll(pods, (all) => {
    const own = mine(all) as typeof all;
    return own.length === 1 && own[0]!.status?.phase === 'Running';
  });
  await end(plane, (mine(ready) as typeof ready)[0]!, exitCode);
}

test('a job is made at each time of the schedule, and none before', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(10 * minute - 1);
  expect(await namesOf(plane)).toEqual([]);
  await clock.advance(1);
  const job = await jobAt(plane, 10);
  expect(job?.metadata.annotations).toEqual({
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:10:00Z',
  });
  const cronJob = await until(plane, (status) => status.active?.length === 1);
  expect(cronJob?.status).toEqual({
    active: [
      expect.objectContaining({
        kind: 'Job',
        apiVersion: 'batch/v1',
        ...key,
        name: nameAt(10),
        uid: job!.metadata.uid,
      }),
    ],
    lastScheduleTime: '2026-01-01T00:10:00Z',
  });
  expect(await said(plane, 'SuccessfulCreate')).toMatchObject({ type: 'Normal' });
  await endJob(plane, 10);
  const after = await until(plane, (status) => status.active === undefined);
  expect(after?.status).toEqual({
    lastScheduleTime: '2026-01-01T00:10:00Z',
    lastSuccessfulTime: '2026-01-01T00:10:00Z',
  });
  expect((await said(plane, 'SawCompletedJob')).message).toBe(`Saw completed job: ${nameAt(10)}, condition: Complete`);
  await clock.advance(10 * minute);
  await jobAt(plane, 20);
});

test('the latest of the runs that were missed is made up for, once', async () => {
  const { plane, clock } = await planeWith({ suspend: true });
  await using _ = plane;
  await clock.advance(35 * minute);
  await plane.client.resource(cronJobs).mergePatch(key, { spec: { suspend: false } });
  await jobAt(plane, 30);
  await until(plane, (status) => status.lastScheduleTime === '2026-01-01T00:30:00Z');
  expect(await namesOf(plane)).toEqual([nameAt(30)]);
});

test('runs that are too late are left out, and said to be', async () => {
  const { plane, clock } = await planeWith({ suspend: true, startingDeadlineSeconds: 60 });
  await using _ = plane;
  await clock.advance(35 * minute);
  await plane.client.resource(cronJobs).mergePatch(key, { spec: { suspend: false } });
  expect((await said(plane, 'MissSchedule')).message).toBe(
    'Missed scheduled time to start a job: Thu, 01 Jan 2026 00:30:00 +0000',
  );
  await clock.advance(5 * minute);
  await jobAt(plane, 40);
  expect(await namesOf(plane)).toEqual([nameAt(40)]);
});

test('a run that was missed too often is warned of', async () => {
  const { plane, clock } = await planeWith({ suspend: true, schedule: '* * * * *' });
  await using _ = plane;
  await clock.advance(102 * minute);
  await plane.client.resource(cronJobs).mergePatch(key, { spec: { suspend: false } });
  expect(await said(plane, 'TooManyMissedTimes')).toMatchObject({
    type: 'Warning',
    message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  });
  await jobAt(plane, 102);
});

test('Allow: runs go on beside each other', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(10 * minute);
  await jobAt(plane, 10);
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 2);
});

test('Forbid: no run begins before the last has ended; what it held up comes afterwards', async () => {
  const { plane, clock } = await planeWith({ concurrencyPolicy: 'Forbid' });
  await using _ = plane;
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 1);
  await clock.advance(10 * minute);
  expect((await said(plane, 'JobAlreadyActive')).message).toBe(
    'Not starting job because prior execution is running and concurrency policy is Forbid',
  );
  expect(await namesOf(plane)).toEqual([nameAt(10)]);
  await endJob(plane, 10);
  await jobAt(plane, 20);
});

test('Replace: the last run makes way for the next', async () => {
  const { plane, clock } = await planeWith({ concurrencyPolicy: 'Replace' });
  await using _ = plane;
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 1);
  await clock.advance(10 * minute);
  await jobAt(plane, 10, (job) => job === undefined);
  const { status } = (await until(plane, ({ active }) => active?.[0]?.name === nameAt(20)))!;
  expect(status?.active?.length).toBe(1);
  expect((await said(plane, 'SuccessfulDelete')).message).toBe(`Deleted job ${nameAt(10)}`);
});

test('as much of the history is kept as the limits say', async () => {
  const { plane, clock } = await planeWith({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
  await using _ = plane;
  await clock.advance(10 * minute);
  await endJob(plane, 10);
  await until(plane, (status) => status.lastSuccessfulTime !== undefined);
  await clock.advance(10 * minute);
  await endJob(plane, 20);
  await jobAt(plane, 10, (job) => job === undefined);
  await clock.advance(10 * minute);
  await jobAt(plane, 30);
  await plane.client.resource(jobs).mergePatch({ ...key, name: nameAt(30) }, { spec: { activeDeadlineSeconds: 1 } });
  await clock.advance(1000);
  await jobAt(plane, 30, (job) => job === undefined);
  expect(await namesOf(plane)).toEqual([nameAt(20)]);
});

test('an active job that somebody deletes is missed', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 1);
  await plane.client.resource(jobs).delete({ ...key, name: nameAt(10) });
  const cronJob = await until(plane, (status) => status.active === undefined);
  expect(cronJob?.status?.lastScheduleTime).toBe('2026-01-01T00:10:00Z');
  expect((await said(plane, 'MissingJob')).message).toBe(`Active job went missing: ${nameAt(10)}`);
  // The run was made, and is not made again.
  await clock.advance(5 * minute);
  expect(await namesOf(plane)).toEqual([]);
});

test('a job that a user makes from it is seen, and counts as nothing', async () => {
  const { plane, clock } = await planeWith({ concurrencyPolicy: 'Forbid' });
  await using _ = plane;
  const { uid } = (await plane.client.resource(cronJobs).get(key)).metadata;
  const reference = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', controller: true };
  const make = (name: string, ownerUid: string) =>
    plane.client.resource(jobs).create({
      metadata: { ...key, name, ownerReferences: [{ ...reference, uid: ownerUid }] },
      spec: { template },
    });
  await make('by-hand', uid!);
  expect(await said(plane, 'UnexpectedJob')).toMatchObject({
    type: 'Warning',
    message: 'Saw a job that the controller did not create or forgot: by-hand',
  });
  await clock.advance(10 * minute);
  await jobAt(plane, 10);
});

test('a namesake that is deleted and made anew knows nothing of its jobs', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 1);
  await jobAt(plane, 10, (job) => job?.status?.ready === 1);
  await plane.client.resource(cronJobs).delete(key, { propagationPolicy: 'Orphan' });
  await plane.until(cronJobs, 'default/tick', (it) => it === undefined);
  await plane.client.resource(cronJobs).create(tick());
  await endJob(plane, 10);
  await jobAt(plane, 10, (job) => job?.status?.completionTime !== undefined);
  await clock.advance(10 * minute);
  const { status } = (await until(plane, ({ active }) => active?.[0]?.name === nameAt(20)))!;
  expect(status?.lastSuccessfulTime).toBeUndefined();
});

test('another schedule counts from then on, by the clocks of its zone', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(5 * minute);
  await plane.client.resource(cronJobs).mergePatch(key, { spec: { schedule: '0 6 * * *', timeZone: 'Asia/Kolkata' } });
  await clock.advance(20 * minute);
  expect(await namesOf(plane)).toEqual([]);
  await clock.advance(5 * minute);
  const job = await jobAt(plane, 30);
  expect(job?.metadata.annotations).toEqual({
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T06:00:00+05:30',
  });
});

test('a controller that ended between the job and the status makes no second job', async () => {
  const { plane, clock } = await planeWith();
  await using _ = plane;
  await clock.advance(10 * minute);
  await until(plane, (status) => status.active?.length === 1);
  // What that controller would have left: the job, and a status that does not know of it.
  await plane.client
    .resource(cronJobs)
    .mergePatch(key, { status: { active: null, lastScheduleTime: null } }, { subresource: 'status' });
  const { status } = (await until(plane, ({ active }) => active?.length === 1))!;
  expect(status).toMatchObject({ active: [{ name: nameAt(10) }], lastScheduleTime: '2026-01-01T00:10:00Z' });
  expect(await namesOf(plane)).toEqual([nameAt(10)]);
});
