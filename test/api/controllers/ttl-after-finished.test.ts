import { expect, test } from 'vitest';
import { jobs, pods } from '../../../src/api/kinds.gen.ts';
import type { Job, JobSpec } from '../../../src/api/types/batch-v1.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane, end } from '../../kit/controllers.ts';

const key = { namespace: 'default', name: 'work' };

const work = (spec: Partial<JobSpec>): Job => ({
  metadata: { ...key },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'work:1' }] } }, ...spec },
});

const isRunning = (pod: Pod) => pod.status?.phase === 'Running';
const isOver = (job: Job | undefined) => job?.status?.conditions?.some((c) => c.type === 'Complete') ?? false;

/** A job that has just completed, and its pod. */
async function finished(plane: ControlPlane, spec: Partial<JobSpec>): Promise<void> {
  await plane.client.resource(jobs).create(work(spec));
  const [pod] = await plane.untilAll(pods, (all) => all.some(isRunning));
  await end(plane, pod!, 0);
  await plane.until(jobs, 'default/work', isOver);
}

const going = (job: Job | undefined) => job?.metadata.deletionTimestamp !== undefined;
const setTtl = (plane: ControlPlane, ttlSecondsAfterFinished: number | null) =>
  plane.client.resource(jobs).mergePatch(key, { spec: { ttlSecondsAfterFinished } });

test('a finished job goes when its time has come, and its pods go with it', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await finished(plane, { ttlSecondsAfterFinished: 100 });
  await clock.advance(99_000);
  expect(going(await plane.client.resource(jobs).get(key))).toBe(false);
  // In the foreground: the job is there until its pods are gone.
  let podsLeft: number | undefined;
  const off = plane.informers.of(jobs).on({
    deleted: () => void (podsLeft = plane.informers.of(pods).list('default').length),
  });
  await clock.advance(1_000);
  await plane.until(jobs, 'default/work', (job) => job === undefined);
  off();
  expect(podsLeft).toBe(0);
});

test('a TTL that is made longer, shorter or taken away counts from then on', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await finished(plane, { ttlSecondsAfterFinished: 100 });
  await setTtl(plane, 1000);
  await clock.advance(500_000);
  expect(going(await plane.client.resource(jobs).get(key))).toBe(false);
  await setTtl(plane, null);
  await clock.advance(1_000_000);
  expect(going(await plane.client.resource(jobs).get(key))).toBe(false);
  await setTtl(plane, 1600);
  await clock.advance(100_000);
  await plane.until(jobs, 'default/work', (job) => job === undefined);
});

test('jobs that finished while nobody looked go as soon as somebody does', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await finished(plane, {});
  await clock.advance(3600_000);
  await setTtl(plane, 0);
  await plane.until(jobs, 'default/work', (job) => job === undefined);
});
