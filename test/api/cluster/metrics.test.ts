import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { pods, priorityClasses } from '../../../src/api/kinds.gen.ts';
import type { Pod, PodSpec } from '../../../src/api/types/core-v1.gen.ts';
import { cluster, type TestCluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

/** The values on /metrics, by series. */
async function metricsOf({ port, caPem: ca, adminCertPem: cert, adminKeyPem: key }: TestCluster) {
  const page = await new Promise<string>((resolve, reject) => {
    const get = request({ host: '127.0.0.1', port, path: '/metrics', ca, cert, key }, (answer) =>
      resolve(text(answer)),
    );
    get.on('error', reject).end();
  });
  const lines = page.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))] as const));
}

test('what the scheduler does is on /metrics, by the names of upstream', async () => {
  await using c = await cluster({ nodeTemplate: { capacity: { cpu: '4' } } });
  const create = (name: string, cpu: string, spec: Partial<PodSpec> = {}) =>
    c.client.resource(pods).create({
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }],
        ...spec,
      },
    });
  const when = (name: string, wanted: (pod: Pod) => boolean) =>
    seen(c.client, pods, { namespace: 'default', name }, wanted);
  const bound = (pod: Pod) => pod.spec?.nodeName !== undefined;
  const refused = (pod: Pod) => pod.status?.conditions?.some(({ status }) => status === 'False') ?? false;
  await c.client.resource(priorityClasses).create({ metadata: { name: 'high' }, value: 10 });
  await create('low', '3');
  await when('low', bound);
  await create('gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] });
  await create('high', '3', { priorityClassName: 'high' });
  await when('high', bound);
  await create('huge', '400');
  await when('huge', refused);
  const metrics = await metricsOf(c);
  const values = (...series: string[]) => series.map((name) => metrics.get(name));
  const profile = 'profile="default-scheduler"';
  expect(
    values(
      `scheduler_schedule_attempts_total{result="scheduled",${profile}}`,
      `scheduler_schedule_attempts_total{result="unschedulable",${profile}}`,
      `scheduler_scheduling_attempt_duration_seconds_count{result="scheduled",${profile}}`,
      'scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"}',
      'scheduler_pod_scheduling_sli_duration_seconds_count{attempts="2"}',
      'scheduler_pod_scheduling_attempts_sum',
      'scheduler_preemption_attempts_total',
      'scheduler_preemption_victims_sum',
      'scheduler_pending_pods{queue="active"}',
      'scheduler_pending_pods{queue="gated"}',
      'scheduler_pending_pods{queue="unschedulable"}',
      `scheduler_unschedulable_pods{plugin="NodeResourcesFit",${profile}}`,
      `scheduler_unschedulable_pods{plugin="SchedulingGates",${profile}}`,
      'scheduler_queue_incoming_pods_total{queue="active",event="UnschedulablePodAdd"}',
      'scheduler_queue_incoming_pods_total{queue="unschedulable",event="UnschedulablePodAdd"}',
      'scheduler_cache_size{type="nodes"}',
    ),
  ).toEqual([2, 2, 2, 1, 1, 3, 2, 1, 0, 1, 1, 1, 1, 3, 1, 1]);
});
