import { expect, test } from 'vitest';
import { apiServices, nodeMetrics, podMetrics, pods, roleBindings } from '../../src/api/kinds.gen.ts';
import { quantityMilli } from '../../src/api/quantity.ts';
import { cluster, type TestCluster } from '../kit/cluster.ts';

async function pod(c: TestCluster, name: string, labels: Record<string, string>, usage: Record<string, string>) {
  const annotations = Object.fromEntries(Object.entries(usage).map(([of, much]) => [`krill.dev/usage-${of}`, much]));
  const containers = [
    { name: 'web', image: 'web:1' },
    { name: 'aside', image: 'aside:1' },
  ];
  const made = await c.client.resource(pods).create({
    metadata: { namespace: 'default', name, labels, annotations },
    spec: { automountServiceAccountToken: false, containers },
  });
  const running = Promise.withResolvers<void>();
  const stop = new AbortController();
  const events = (seen: readonly { readonly object: typeof made }[]) => {
    if (seen.some(({ object }) => object.status?.phase === 'Running')) running.resolve();
  };
  const end = (error: unknown) => running.reject(error);
  await c.client.resource(pods).watch({ namespace: 'default', name }, { events, end } as never, stop.signal);
  await running.promise;
  stop.abort();
}

test('metrics.k8s.io tells what pods and nodes use', async () => {
  await using c = await cluster({ nodes: 2 });
  await pod(c, 'a', { app: 'a' }, { cpu: '250m', memory: '64Mi' });
  await pod(c, 'b', { app: 'b' }, { cpu: '1', memory: '1Gi' });
  const metrics = c.client.resource(podMetrics);
  const all = await metrics.list();
  expect(all.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect(all.items[0]).toMatchObject({
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { namespace: 'default', labels: { app: 'a' } },
    window: '1s',
    containers: [
      { name: 'web', usage: { cpu: '250m', memory: '64Mi' } },
      { name: 'aside', usage: { cpu: '250m', memory: '64Mi' } },
    ],
  });
  const named = async (options: object) => (await metrics.list(options)).items.map(({ metadata }) => metadata.name);
  expect(await named({ labelSelector: 'app=b' })).toEqual(['b']);
  expect(await named({ fieldSelector: 'metadata.name=a' })).toEqual(['a']);
  expect(await named({ namespace: 'kube-system' })).toEqual([]);
  const nodes = await c.client.resource(nodeMetrics).list();
  expect(nodes.items.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'node-2']);
  const cpu = nodes.items.reduce((sum, { usage }) => sum + quantityMilli(usage['cpu']!), 0);
  expect(cpu).toBe(2500);
});

test('the usage of a simulated pod is what its annotation says now', async () => {
  await using c = await cluster();
  await pod(c, 'a', {}, { cpu: '100m' });
  const cpu = async () => {
    const found = await c.client.resource(podMetrics).get({ namespace: 'default', name: 'a' });
    return found.containers[0]?.usage['cpu'];
  };
  expect(await cpu()).toBe('100m');
  const annotations = { 'krill.dev/usage-cpu': '300m' };
  await c.client.resource(pods).mergePatch({ namespace: 'default', name: 'a' }, { metadata: { annotations } });
  // The kubelet hears of it by its watch.
  while ((await cpu()) === '100m') await new Promise(setImmediate);
  expect(await cpu()).toBe('300m');
});

test('who may view a namespace may see what its pods use, and nothing else', async () => {
  await using c = await cluster();
  await pod(c, 'a', {}, { cpu: '100m' });
  await c.client.resource(roleBindings).create({
    metadata: { name: 'eve', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }],
  });
  const eve = c.client.as({ name: 'eve', groups: ['system:authenticated'] });
  expect((await eve.resource(podMetrics).list({ namespace: 'default' })).items).toHaveLength(1);
  await expect(eve.resource(podMetrics).list({ namespace: 'kube-system' })).rejects.toMatchObject({ code: 403 });
  await expect(eve.resource(nodeMetrics).list()).rejects.toMatchObject({ code: 403 });
});

test('what is not measured is not found, in metrics-server’s words', async () => {
  await using c = await cluster();
  const { client } = c;
  await client.resource(pods).create({
    metadata: { namespace: 'default', name: 'waits' },
    spec: { automountServiceAccountToken: false, schedulerName: 'nobody', containers: [{ name: 'c', image: 'i' }] },
  });
  const message = (name: string) => `podmetrics.metrics.k8s.io "default/${name}" not found`;
  for (const name of ['waits', 'none'])
    await expect(client.resource(podMetrics).get({ namespace: 'default', name })).rejects.toMatchObject({
      code: 404,
      message: message(name),
    });
  await expect(client.resource(nodeMetrics).get({ name: 'none' })).rejects.toMatchObject({
    code: 404,
    message: 'nodemetrics.metrics.k8s.io "none" not found',
  });
});

test('what is served here has a local APIService, as upstream’s servers and metrics-server register them', async () => {
  await using c = await cluster();
  const services = c.client.resource(apiServices);
  const metrics = await services.get({ name: 'v1beta1.metrics.k8s.io' });
  expect(metrics.spec).toEqual({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
  });
  expect(metrics.status?.conditions).toMatchObject([{ type: 'Available', status: 'True', reason: 'Local' }]);
  expect((await services.get({ name: 'v2.autoscaling' })).spec?.versionPriority).toBe(30);
  expect((await services.get({ name: 'v1.' })).spec).toEqual({
    version: 'v1',
    groupPriorityMinimum: 18000,
    versionPriority: 1,
  });
});
