import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { apiServer } from '../kit/api-server.ts';

const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

test('a bound pod is given its grace period, which only shrinks, and goes when the kubelet deletes it with 0', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  await api.call('create', 'pods', { object: pod('p', { nodeName: 'n' }) });
  const marked = await api.call('delete', 'pods', { name: 'p' });
  expect(marked.metadata.deletionGracePeriodSeconds).toBe(30);
  expect(Date.parse(marked.metadata.deletionTimestamp!)).toBe(clock.wall() + 30_000);
  const longer = await api.call('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 60 } });
  expect(longer.metadata.deletionGracePeriodSeconds).toBe(30);
  const shorter = await api.call('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 5 } });
  expect(shorter.metadata.deletionGracePeriodSeconds).toBe(5);
  await api.call('delete', 'pods', { name: 'p', options: { gracePeriodSeconds: 0 } });
  await expect(api.call('get', 'pods', { name: 'p' })).rejects.toMatchObject({ code: 404 });
});

test('a pod without a node goes at once', async () => {
  await using api = await apiServer();
  await api.call('create', 'pods', { object: pod('p') });
  await api.call('delete', 'pods', { name: 'p' });
  await expect(api.call('get', 'pods', { name: 'p' })).rejects.toMatchObject({ code: 404 });
});

test.each([
  ['Foreground', ['foregroundDeletion']],
  ['Orphan', ['orphan']],
] as const)('%s deletion leaves the rest to the garbage collector', async (propagationPolicy, finalizers) => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: { metadata: { name: 'a' } } });
  const marked = await api.call('delete', 'configmaps', { name: 'a', options: { propagationPolicy } });
  expect(marked.metadata.finalizers).toEqual(finalizers);
  expect(marked.metadata.deletionTimestamp).toBeDefined();
});

test('a namespace is Terminating until its finalizer is gone, and takes nothing new', async () => {
  await using api = await apiServer();
  const made = await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'x' } } });
  expect(made['spec']).toEqual({ finalizers: ['kubernetes'] });
  const marked = await api.call('delete', 'namespaces', { namespace: '', name: 'x' });
  expect(marked['status']).toMatchObject({ phase: 'Terminating' });
  await expect(
    api.call('create', 'configmaps', { namespace: 'x', object: { metadata: { name: 'a' } } }),
  ).rejects.toMatchObject({
    code: 403,
    message: 'configmaps "a" is forbidden: unable to create new content in namespace x because it is being terminated',
  });
  await api.call('update', 'namespaces', {
    namespace: '',
    name: 'x',
    subresource: 'finalize',
    object: { ...marked, spec: { finalizers: [] } } as KubeObject,
  });
  await expect(api.call('get', 'namespaces', { namespace: '', name: 'x' })).rejects.toMatchObject({ code: 404 });
});

test('the cluster keeps its own namespaces', async () => {
  await using api = await apiServer();
  await expect(api.call('delete', 'namespaces', { namespace: '', name: 'default' })).rejects.toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
});

test('a dry run says what would be and changes nothing', async () => {
  await using api = await apiServer();
  const before = api.store.revision;
  const made = await api.call('create', 'configmaps', {
    object: { metadata: { name: 'a' } },
    options: { dryRun: true },
  });
  expect(made.metadata.uid).toBeDefined();
  expect(api.store.revision).toBe(before);
});

test('scale and binding change the one thing they are for', async () => {
  await using api = await apiServer();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template };
  await api.call('create', 'apps/v1/deployments', { object: { metadata: { name: 'd' }, spec } });
  const scale = await api.call('patch', 'apps/v1/deployments', {
    name: 'd',
    subresource: 'scale',
    patch: { type: 'merge', body: { spec: { replicas: 3 } } },
  });
  expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { selector: 'a=b' } });
  expect((await api.call('get', 'apps/v1/deployments', { name: 'd' }))['spec']).toMatchObject({ replicas: 3 });
  await api.call('create', 'pods', { object: pod('p') });
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
  await api.call('create', 'pods', { name: 'p', subresource: 'binding', object: binding });
  expect((await api.call('get', 'pods', { name: 'p' }))['spec']).toMatchObject({ nodeName: 'n' });
  await expect(
    api.call('create', 'pods', { name: 'p', subresource: 'binding', object: binding }),
  ).rejects.toMatchObject({ code: 409 });
});
