import { expect, test } from 'vitest';
import { cronJobs, jobs } from '../../../src/api/kinds.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { cluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

test('on a stopped clock a CronJob does nothing; when the clock is turned its Job runs to the end', async () => {
  const clock = new ManualClock(Date.parse('2025-12-31T23:00:00Z'));
  /** Lets time pass, bit by bit, until the promise settles. */
  const passing = async <T>(promise: Promise<T>): Promise<T> => {
    let over = false;
    const ended = promise.finally(() => (over = true));
    while (!over) await clock.advance(10);
    return ended;
  };
  await using c = await passing(cluster({ clock }));
  const started = clock.wall();
  const template = { spec: { restartPolicy: 'OnFailure' as const, containers: [{ name: 'c', image: 'tick:1' }] } };
  const namespace = 'default';
  await c.client.resource(cronJobs).create({
    metadata: { name: 'tick', namespace },
    spec: { schedule: '30 8 * * *', timeZone: 'Asia/Tokyo', jobTemplate: { spec: { template } } },
  });
  const due = Date.parse('2025-12-31T23:30:00Z');
  await clock.advance(due - started - 1);
  expect((await c.client.resource(jobs).list({ namespace })).items).toEqual([]);
  await clock.advance(1);
  const name = `tick-${due / 60_000}`;
  const job = await passing(seen(c.client, jobs, { namespace, name }, (it) => it.status?.completionTime !== undefined));
  expect(job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']).toBe(
    '2026-01-01T08:30:00+09:00',
  );
  const { status } = await passing(
    seen(c.client, cronJobs, { namespace, name: 'tick' }, (it) => it.status?.lastSuccessfulTime !== undefined),
  );
  expect(status).toMatchObject({ lastScheduleTime: '2025-12-31T23:30:00Z' });
  expect(status?.active).toBeUndefined();
  expect(c.problems).toEqual([]);
});
