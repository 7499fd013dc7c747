import { expect, test } from 'vitest';
import { configMaps, events, namespaces, pods, serviceAccounts, services } from '../../../src/api/kinds.gen.ts';
import type { Namespace } from '../../../src/api/types/core-v1.gen.ts';
import { controlPlane, testCa } from '../../kit/controllers.ts';

const shop = () => ({ metadata: { name: 'shop' }, spec: { finalizers: ['kubernetes'] } });
const condition = (namespace: Namespace | undefined, type: string) =>
  namespace?.status?.conditions?.find((c) => c.type === type);

test('a namespace gets its service account and the CA, and again when they are lost or changed', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(namespaces).create(shop());
  await plane.until(serviceAccounts, 'shop/default', (o) => o !== undefined);
  const ca = await plane.until(configMaps, 'shop/kube-root-ca.crt', (o) => o !== undefined);
  expect(ca?.data).toEqual({ 'ca.crt': testCa });
  await plane.client.resource(serviceAccounts).delete({ namespace: 'shop', name: 'default' });
  await plane.until(serviceAccounts, 'shop/default', (o) => o !== undefined);
  await plane.client
    .resource(configMaps)
    .mergePatch({ namespace: 'shop', name: 'kube-root-ca.crt' }, { data: { 'ca.crt': 'forged' } });
  await plane.until(configMaps, 'shop/kube-root-ca.crt', (o) => o?.data?.['ca.crt'] === testCa);
  await plane.client.resource(configMaps).delete({ namespace: 'shop', name: 'kube-root-ca.crt' });
  await plane.until(configMaps, 'shop/kube-root-ca.crt', (o) => o !== undefined);
});

test('deleting a namespace empties it, pods first', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(namespaces).create(shop());
  await plane.until(serviceAccounts, 'shop/default', (o) => o !== undefined);
  await plane.client.resource(configMaps).create({ metadata: { name: 'c', namespace: 'shop' } });
  for (const name of ['a', 'b']) {
    await plane.client
      .resource(pods)
      .create({ metadata: { name, namespace: 'shop' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  }
  await plane.untilAll(pods, (all) => all.every((p) => p.status?.phase === 'Running'), 'shop');
  const order: string[] = [];
  plane.informers.of(pods).on({ deleted: (o) => order.push(`pod ${o.metadata.name}`) });
  plane.informers.of(configMaps).on({ deleted: (o) => o.metadata?.name === 'c' && order.push('configmap c') });
  await plane.client.resource(namespaces).delete({ name: 'shop' });
  await plane.until(namespaces, 'shop', (o) => o === undefined);
  expect(order.toSorted()).toEqual(['configmap c', 'pod a', 'pod b']);
  expect(order.at(-1)).toBe('configmap c');
  for (const ref of [configMaps, serviceAccounts, services, events]) {
    expect((await plane.client.resource(ref as typeof configMaps).list({ namespace: 'shop' })).items).toEqual([]);
  }
});

test('what keeps a namespace from going is told, and it goes as soon as that is over', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(namespaces).create(shop());
  await plane.client
    .resource(configMaps)
    .create({ metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] } });
  await plane.client.resource(namespaces).delete({ name: 'shop' });
  const stuck = await plane.until(
    namespaces,
    'shop',
    (o) => condition(o, 'NamespaceFinalizersRemaining')?.status === 'True',
  );
  expect(stuck?.status?.phase).toBe('Terminating');
  expect(condition(stuck, 'NamespaceContentRemaining')).toMatchObject({
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: 'Some resources are remaining: configmaps. has 1 resource instances',
  });
  expect(condition(stuck, 'NamespaceFinalizersRemaining')).toMatchObject({
    reason: 'SomeFinalizersRemain',
    message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  });
  expect(condition(stuck, 'NamespaceDeletionContentFailure')).toMatchObject({
    status: 'False',
    reason: 'ContentDeleted',
  });
  await plane.client
    .resource(configMaps)
    .mergePatch({ namespace: 'shop', name: 'held' }, { metadata: { finalizers: null } });
  await plane.until(namespaces, 'shop', (o) => o === undefined);
});

test('what is stored in an old group goes with its namespace', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(namespaces).create(shop());
  await plane.until(serviceAccounts, 'shop/default', (o) => o !== undefined);
  const preset = { metadata: { name: 'p' }, spec: { selector: {}, env: [{ name: 'A', value: 'b' }] } };
  await plane.api.call('create', 'settings.k8s.io/v1alpha1/podpresets', { namespace: 'shop', object: preset as never });
  await plane.client.resource(namespaces).delete({ name: 'shop' });
  await plane.until(namespaces, 'shop', (o) => o === undefined);
  expect((await plane.api.list('settings.k8s.io/v1alpha1/podpresets', {}, 'shop')).items).toEqual([]);
});
