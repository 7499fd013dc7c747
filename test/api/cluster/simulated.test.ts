import { expect, test } from 'vitest';
import { jobs, pods } from '../../../src/api/kinds.gen.ts';
import type { Job } from '../../../src/api/types/batch-v1.gen.ts';
import { cluster, type TestCluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

const namespace = 'default';
const condition = (type: string) => (job: Job) =>
  job.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;

function createJob(c: TestCluster, name: string, spec: object, annotations: Record<string, string> = {}) {
  const template = {
    metadata: { annotations },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
  };
  return c.client.resource(jobs).create({ metadata: { name, namespace }, spec: { template, ...spec } } as Job);
}

test('a Job completes on simulated nodes', async () => {
  await using c = await cluster({ nodes: 2 });
  await createJob(c, 'work', { completions: 5, parallelism: 3 });
  const done = await seen(c.client, jobs, { namespace, name: 'work' }, condition('Complete'));
  expect(done.status).toMatchObject({ succeeded: 5, uncountedTerminatedPods: {} });
  const { items } = await c.client.resource(pods).list({ namespace });
  expect(items.map((pod) => pod.status?.phase)).toEqual(Array(5).fill('Succeeded'));
  expect(c.problems).toEqual([]);
});

test('a Job whose pods fail gives up', async () => {
  await using c = await cluster();
  await createJob(c, 'work', { backoffLimit: 0 }, { 'krill.dev/exit-code': '3' });
  const failed = await seen(c.client, jobs, { namespace, name: 'work' }, condition('Failed'));
  expect(failed.status?.conditions?.find(({ type }) => type === 'Failed')).toMatchObject({
    reason: 'BackoffLimitExceeded',
  });
  expect(failed.status?.failed).toBe(1);
});
