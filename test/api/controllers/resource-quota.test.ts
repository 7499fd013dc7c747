import { expect, test } from 'vitest';
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  replicaSets,
  replicationControllers,
  resourceQuotas,
  secrets,
  services,
} from '../../../src/api/kinds.gen.ts';
import type { Pod, ResourceQuota } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const namespace = 'default';
type Amounts = Record<string, string>;

/** A quota whose usage has been counted. */
async function quota(plane: ControlPlane, name: string, hard: Amounts, more: object = {}): Promise<ResourceQuota> {
  await plane.client.resource(resourceQuotas).create({ metadata: { namespace, name }, spec: { hard, ...more } });
  const made = await plane.until(resourceQuotas, `${namespace}/${name}`, (q) => q?.status?.hard !== undefined);
  return made!;
}

/** What a quota says is used, right now. */
const used = async (plane: ControlPlane, name = 'q') =>
  (await plane.client.resource(resourceQuotas).get({ namespace, name })).status?.used;

const usedBecomes = async (plane: ControlPlane, expected: Amounts, name = 'q') => {
  const matches = (q: ResourceQuota | undefined) =>
    Object.entries(expected).every(([key, value]) => q?.status?.used?.[key] === value);
  await plane.until(resourceQuotas, `${namespace}/${name}`, matches);
};

const podOf = (name: string, resources: object = {}, spec: object = {}) =>
  ({
    metadata: { namespace, name },
    spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
  }) as Pod;

const remove = (plane: ControlPlane, name: string) =>
  plane.client.resource(pods).delete({ namespace, name }, { gracePeriodSeconds: 0 });

test('a quota says what it limits and what is used of it, from the moment that something is made', async () => {
  await using plane = await controlPlane({ pods: false });
  await plane.client.resource(pods).create(podOf('before', { requests: { memory: '64Mi' } }));
  const made = await quota(plane, 'q', { pods: '5', 'requests.memory': '1Gi', 'requests.example.com/gpu': '3' });
  expect(made.status).toEqual({
    hard: { pods: '5', 'requests.memory': '1Gi', 'requests.example.com/gpu': '3' },
    used: { pods: '1', 'requests.memory': '64Mi', 'requests.example.com/gpu': '0' },
  });
  const gpu = { 'example.com/gpu': '2' };
  await plane.client.resource(pods).create(podOf('p', { requests: { memory: '512Mi', ...gpu }, limits: gpu }));
  expect(await used(plane)).toEqual({ pods: '2', 'requests.memory': '576Mi', 'requests.example.com/gpu': '2' });
  await expect(
    plane.client.resource(pods).create(podOf('more', { requests: { memory: '512Mi', ...gpu }, limits: gpu })),
  ).rejects.toMatchObject({
    code: 403,
    message:
      'pods "more" is forbidden: exceeded quota: q, requested: requests.example.com/gpu=2,requests.memory=512Mi, ' +
      'used: requests.example.com/gpu=2,requests.memory=576Mi, limited: requests.example.com/gpu=3,requests.memory=1Gi',
  });
  await expect(plane.client.resource(pods).create(podOf('silent'))).rejects.toMatchObject({
    message: 'pods "silent" is forbidden: failed quota: q: must specify requests.memory for: c',
  });
  expect((await used(plane))?.['pods']).toBe('2');
  await remove(plane, 'p');
  await usedBecomes(plane, { pods: '1', 'requests.memory': '64Mi', 'requests.example.com/gpu': '0' });
});

test('a hundred creates at once get no more than there is, and the last place is given again', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { pods: '10' });
  const client = plane.client.resource(pods);
  const results = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => client.create(podOf(`p${i}`))));
  const made = results.flatMap((result, i) => (result.status === 'fulfilled' ? [`p${i}`] : []));
  expect(made).toHaveLength(10);
  const refused = results.find((result) => result.status === 'rejected');
  expect(refused?.reason.message).toMatch(
    /^pods "p\d+" is forbidden: exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10$/,
  );
  expect(await used(plane)).toEqual({ pods: '10' });
  await remove(plane, made[0]!);
  await usedBecomes(plane, { pods: '9' });
  await client.create(podOf('again'));
  expect(await used(plane)).toEqual({ pods: '10' });
});

test('creates and deletes at the same time never leave more than the quota allows, nor a wrong count', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { pods: '5' });
  const client = plane.client.resource(pods);
  let most = 0;
  const churn = async (worker: number) => {
    for (let i = 0; i < 20; i++) {
      const name = `p${worker}-${i}`;
      const made = await client.create(podOf(name)).catch(() => undefined);
      most = Math.max(most, plane.api.store.count('pods', namespace));
      if (made) await remove(plane, name);
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, worker) => churn(worker)));
  expect(most).toBeLessThanOrEqual(5);
  await usedBecomes(plane, { pods: '0' });
});

test('a create that fails and a dry run are charged to nobody', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { pods: '2' });
  const client = plane.client.resource(pods);
  await client.create(podOf('p'));
  await expect(client.create(podOf('p'))).rejects.toMatchObject({ code: 409 });
  await client.create(podOf('dry'), { dryRun: true });
  expect(await used(plane)).toEqual({ pods: '1' });
  await client.create(podOf('last'));
  await expect(client.create(podOf('dry'), { dryRun: true })).rejects.toMatchObject({ code: 403 });
});

test('every kind is counted while it is there', async () => {
  await using plane = await controlPlane({ pods: false });
  const hard = {
    configmaps: '2',
    secrets: '2',
    services: '3',
    'services.nodeports': '2',
    'services.loadbalancers': '1',
    replicationcontrollers: '1',
    resourcequotas: '1',
    'count/replicasets.apps': '1',
    'count/events': '1',
  };
  // The certificate of the cluster counts too.
  await plane.untilAll(configMaps, (all) => all.length > 0);
  const before = (await quota(plane, 'q', hard)).status?.used;
  expect(before).toMatchObject({
    configmaps: '1',
    secrets: '0',
    services: '0',
    resourcequotas: '1',
    'count/replicasets.apps': '0',
  });
  expect(before).not.toHaveProperty('count/events');
  const { client } = plane;
  const key = { namespace, name: 'x' };
  await client.resource(configMaps).create({ metadata: key });
  await client.resource(secrets).create({ metadata: key });
  await client.resource(services).create({ metadata: key, spec: { type: 'NodePort', ports: [{ port: 80 }] } } as never);
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await client.resource(replicationControllers).create({ metadata: key, spec: { replicas: 0, template } });
  const set = { metadata: key, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template } };
  await client.resource(replicaSets).create(set);
  expect(await used(plane)).toMatchObject({
    configmaps: '2',
    secrets: '1',
    services: '1',
    'services.nodeports': '1',
    'services.loadbalancers': '0',
    replicationcontrollers: '1',
    'count/replicasets.apps': '1',
  });
  await expect(client.resource(replicaSets).create({ ...set, metadata: { namespace, name: 'y' } }))
    .rejects //
    .toMatchObject({
      message:
        'replicasets.apps "y" is forbidden: exceeded quota: q, requested: count/replicasets.apps=1, ' +
        'used: count/replicasets.apps=1, limited: count/replicasets.apps=1',
    });
  // Another type is an update, and charged for what it adds.
  await client.resource(services).mergePatch(key, { spec: { type: 'LoadBalancer' } });
  expect(await used(plane)).toMatchObject({ 'services.nodeports': '1', 'services.loadbalancers': '1' });
  await expect(
    client
      .resource(services)
      .mergePatch(key, { spec: { ports: [80, 81, 82].map((port) => ({ name: `n${port}`, port })) } }),
  ).rejects.toMatchObject({
    message:
      'services "x" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=1, ' +
      'limited: services.nodeports=2',
  });
  await client.resource(services).mergePatch(key, { spec: { type: 'ClusterIP' } });
  await usedBecomes(plane, { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' });
  for (const ref of [configMaps, secrets, services, replicaSets, replicationControllers])
    await client.resource(ref as typeof secrets).delete(key);
  await usedBecomes(plane, {
    configmaps: '1',
    secrets: '0',
    services: '0',
    replicationcontrollers: '0',
    'count/replicasets.apps': '0',
  });
});

test('quotas with scopes count what is in their scope only', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'lazy', { pods: '5' }, { scopes: ['BestEffort'] });
  await quota(plane, 'busy', { pods: '5' }, { scopes: ['NotBestEffort'] });
  await quota(plane, 'short', { pods: '5' }, { scopes: ['Terminating'] });
  await plane.client.resource(pods).create(podOf('best'));
  await plane.client.resource(pods).create(podOf('some', { requests: { cpu: '1m' } }, { activeDeadlineSeconds: 60 }));
  const all = async () =>
    Promise.all(['lazy', 'busy', 'short'].map(async (name) => (await used(plane, name))?.['pods']));
  expect(await all()).toEqual(['1', '1', '1']);
  // A deadline that comes later moves the pod into the scope.
  await plane.client.resource(pods).mergePatch({ namespace, name: 'best' }, { spec: { activeDeadlineSeconds: 60 } });
  await usedBecomes(plane, { pods: '2' }, 'short');
  await remove(plane, 'best');
  await usedBecomes(plane, { pods: '1' }, 'short');
  await usedBecomes(plane, { pods: '0' }, 'lazy');
});

test('a pod that has ended uses nothing but its place', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { pods: '1', 'count/pods': '2' });
  await plane.client.resource(pods).create(podOf('p'));
  const pod = await plane.client.resource(pods).get({ namespace, name: 'p' });
  await plane.client.resource(pods).updateStatus({ ...pod, status: { ...pod.status, phase: 'Succeeded' } });
  await usedBecomes(plane, { pods: '0', 'count/pods': '1' });
});

test('a resize is charged for what it adds', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { 'requests.cpu': '1' });
  await plane.client.resource(pods).create(podOf('p', { requests: { cpu: '400m' } }));
  const resize = (cpu: string) =>
    plane.client
      .resource(pods)
      .patch(
        { namespace, name: 'p' },
        { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } } },
        { subresource: 'resize' },
      );
  await resize('900m');
  expect(await used(plane)).toEqual({ 'requests.cpu': '900m' });
  await expect(resize('1100m')).rejects.toMatchObject({
    message:
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=200m, used: requests.cpu=900m, limited: requests.cpu=1',
  });
  await resize('500m');
  await usedBecomes(plane, { 'requests.cpu': '500m' });
});

test('a quota that changes is counted anew, and a status that somebody wrote is put right', async () => {
  await using plane = await controlPlane({ pods: false });
  await quota(plane, 'q', { pods: '1' });
  await plane.client.resource(secrets).create({ metadata: { namespace, name: 's' } });
  const client = plane.client.resource(resourceQuotas);
  await client.mergePatch({ namespace, name: 'q' }, { spec: { hard: { pods: '2', secrets: '4' } } });
  const changed = await plane.until(resourceQuotas, 'default/q', (q) => q?.status?.hard?.['secrets'] === '4');
  expect(changed?.status).toEqual({ hard: { pods: '2', secrets: '4' }, used: { pods: '0', secrets: '1' } });
  await client.mergePatch({ namespace, name: 'q' }, { status: { hard: { pods: '9' } } }, { subresource: 'status' });
  await plane.until(resourceQuotas, 'default/q', (q) => q?.status?.hard?.['pods'] === '2');
});

test('custom resources are counted from the moment they are served', async () => {
  await using plane = await controlPlane({ pods: false });
  const name = 'count/widgets.example.com';
  expect((await quota(plane, 'q', { [name]: '1', pods: '1' })).status?.used).toEqual({ pods: '0' });
  await plane.api.call('create', 'apiextensions.k8s.io/v1/customresourcedefinitions', {
    namespace: '',
    object: {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    },
  });
  await usedBecomes(plane, { [name]: '0' });
  const create = (widget: string) =>
    plane.api.call('create', 'example.com/v1/widgets', {
      object: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: widget } },
    });
  await create('a');
  expect(await used(plane)).toMatchObject({ [name]: '1' });
  await expect(create('b')).rejects.toMatchObject({ code: 403 });
  await plane.api.call('delete', 'example.com/v1/widgets', { name: 'a' });
  await usedBecomes(plane, { [name]: '0' });
});

test('a ReplicaSet says that a quota holds it up, and goes on when the quota grows', async () => {
  await using plane = await controlPlane();
  await quota(plane, 'q', { pods: '2' });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await plane.client.resource(replicaSets).create({
    metadata: { namespace, name: 'web' },
    spec: { replicas: 4, selector: { matchLabels: { a: 'b' } }, template },
  });
  const failing = await plane.until(replicaSets, 'default/web', (s) => s?.status?.conditions?.length === 1);
  expect(failing?.status?.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
  ]);
  expect(failing?.status?.conditions?.[0]?.message).toContain('exceeded quota: q, requested: pods=1');
  await plane.client.resource(resourceQuotas).mergePatch({ namespace, name: 'q' }, { spec: { hard: { pods: '4' } } });
  await plane.until(replicaSets, 'default/web', (s) => s?.status?.readyReplicas === 4 && !s.status.conditions);
  expect(await used(plane)).toEqual({ pods: '4' });
});

test('claims use storage of their class, and more as they grow', async () => {
  await using plane = await controlPlane({ pods: false });
  const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
  await quota(plane, 'q', { persistentvolumeclaims: '2', 'requests.storage': '10Gi', [gold]: '4Gi' });
  const claim = (name: string, storage: string, storageClassName: string) =>
    plane.client.resource(persistentVolumeClaims).create({
      metadata: { namespace, name },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
    });
  await claim('a', '3Gi', 'gold');
  expect(await used(plane)).toEqual({ persistentvolumeclaims: '1', 'requests.storage': '3Gi', [gold]: '3Gi' });
  await expect(claim('b', '2Gi', 'gold')).rejects.toMatchObject({
    message:
      `persistentvolumeclaims "b" is forbidden: exceeded quota: q, requested: ${gold}=2Gi, ` +
      `used: ${gold}=3Gi, limited: ${gold}=4Gi`,
  });
  await claim('b', '2Gi', 'lead');
  expect(await used(plane)).toEqual({ persistentvolumeclaims: '2', 'requests.storage': '5Gi', [gold]: '3Gi' });
  for (const name of ['a', 'b']) await plane.client.resource(persistentVolumeClaims).delete({ namespace, name });
  await usedBecomes(plane, { persistentvolumeclaims: '0', 'requests.storage': '0', [gold]: '0' });
});

test('a pod that should long be gone is not waited for', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ pods: false, clock, disabled: ['pod-garbage-collector-controller'] });
  await quota(plane, 'q', { pods: '1', 'count/pods': '2' });
  await plane.client.resource(pods).create(podOf('p', {}, { nodeName: 'lost' }));
  await plane.client.resource(pods).delete({ namespace, name: 'p' }, { gracePeriodSeconds: 30 });
  expect(await used(plane)).toEqual({ pods: '1', 'count/pods': '1' });
  // Its time ends 30 seconds from now, and as much again is granted to the node.
  await clock.advance(61_000);
  await usedBecomes(plane, { pods: '0', 'count/pods': '1' });
});
