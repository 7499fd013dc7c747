import { expect, test } from 'vitest';
import {
  clusterRoles,
  configMaps,
  deployments,
  events,
  pods,
  replicaSets,
  secrets,
} from '../../../src/api/kinds.gen.ts';
import type { OwnerReference } from '../../../src/api/object.ts';
import type { ConfigMap } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const web = () => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
  },
});
const key = { namespace: 'default', name: 'web' };

const owner = (of: ConfigMap, extra: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: of.metadata!.name!,
  uid: of.metadata!.uid!,
  ...extra,
});

const make = (plane: ControlPlane, name: string, ownerReferences: OwnerReference[] = [], finalizers: string[] = []) =>
  plane.client.resource(configMaps).create({ metadata: { name, namespace: 'default', ownerReferences, finalizers } });

const gone = (plane: ControlPlane, name: string) => plane.until(configMaps, `default/${name}`, (o) => o === undefined);
const there = (plane: ControlPlane, name: string) =>
  plane.client.resource(configMaps).get({ namespace: 'default', name });

async function running(plane: ControlPlane) {
  await plane.client.resource(deployments).create(web());
  await plane.until(deployments, 'default/web', (d) => d?.status?.availableReplicas === 2);
}

test('background: the Deployment goes at once, its ReplicaSet and pods follow', async () => {
  await using plane = await controlPlane();
  await running(plane);
  await plane.client.resource(deployments).delete(key, { propagationPolicy: 'Background' });
  await plane.untilAll(deployments, (all) => all.length === 0);
  await plane.untilAll(replicaSets, (all) => all.length === 0);
  await plane.untilAll(pods, (all) => all.length === 0);
  expect(plane.logged.filter((r) => r.level === 'error')).toEqual([]);
});

test('foreground: the Deployment waits for everything below it', async () => {
  await using plane = await controlPlane();
  await running(plane);
  const order: string[] = [];
  for (const ref of [deployments, replicaSets, pods])
    plane.informers.of(ref as typeof pods).on({ deleted: () => order.push(ref.resource) });
  await plane.client.resource(deployments).delete(key, { propagationPolicy: 'Foreground' });
  await plane.untilAll(deployments, (all) => all.length === 0);
  expect(order).toEqual(['pods', 'pods', 'replicasets', 'deployments']);
});

test('orphan: what it owned lives on without it', async () => {
  await using plane = await controlPlane({ disabled: ['deployment-controller'] });
  const set = await plane.client.resource(replicaSets).create({ ...web(), spec: { ...web().spec } } as never);
  await plane.untilAll(pods, (all) => all.length === 2);
  await plane.client
    .resource(replicaSets)
    .delete({ namespace: 'default', name: set.metadata.name! }, { propagationPolicy: 'Orphan' });
  await plane.untilAll(replicaSets, (all) => all.length === 0);
  const left = await plane.untilAll(pods, (all) => all.every((p) => !p.metadata.ownerReferences?.length));
  expect(left.length).toBe(2);
});

test('one living owner of two keeps an object, and the dead reference is dropped', async () => {
  await using plane = await controlPlane();
  const [a, b] = [await make(plane, 'a'), await make(plane, 'b')];
  await make(plane, 'child', [owner(a), owner(b)]);
  await plane.client.resource(configMaps).delete({ namespace: 'default', name: 'a' });
  const child = await plane.until(configMaps, 'default/child', (o) => o?.metadata?.ownerReferences?.length === 1);
  expect(child?.metadata?.ownerReferences?.[0]?.name).toBe('b');
  await plane.client.resource(configMaps).delete({ namespace: 'default', name: 'b' });
  await gone(plane, 'child');
});

test('a circle of owners does not keep a foreground deletion waiting', async () => {
  await using plane = await controlPlane();
  const names = ['one', 'two', 'three'];
  const made: ConfigMap[] = [];
  for (const name of names) made.push(await make(plane, name));
  for (const [i, name] of names.entries()) {
    const ownerReferences = [owner(made[(i + 2) % 3]!, { blockOwnerDeletion: true })];
    await plane.client
      .resource(configMaps)
      .mergePatch({ namespace: 'default', name }, { metadata: { ownerReferences } });
  }
  await plane.client
    .resource(configMaps)
    .delete({ namespace: 'default', name: 'one' }, { propagationPolicy: 'Foreground' });
  for (const name of names) await gone(plane, name);
});

test('an owner that never was, or was replaced by a namesake, does not keep an object', async () => {
  await using plane = await controlPlane();
  const real = await make(plane, 'real');
  await make(plane, 'lost', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'no-such-uid' }]);
  await make(plane, 'fooled', [owner(real, { uid: 'another-uid' })]);
  await make(plane, 'kept', [owner(real)]);
  await gone(plane, 'lost');
  await gone(plane, 'fooled');
  expect((await there(plane, 'kept')).metadata?.uid).toBeDefined();
});

test('an owner in another namespace does not count', async () => {
  await using plane = await controlPlane();
  const far = await plane.client.resource(secrets).create({ metadata: { name: 'far', namespace: 'kube-system' } });
  await make(plane, 'near', [{ apiVersion: 'v1', kind: 'Secret', name: 'far', uid: far.metadata!.uid! }]);
  await gone(plane, 'near');
});

test('an owner in another namespace, or in any when it is named by a cluster object, is told of; the latter stays', async () => {
  await using plane = await controlPlane();
  const far = await plane.client.resource(configMaps).create({ metadata: { name: 'far', namespace: 'kube-system' } });
  const { metadata } = await plane.client
    .resource(clusterRoles)
    .create({ metadata: { name: 'odd', ownerReferences: [owner(far)] } });
  await make(plane, 'near', [owner(far)]);
  const [text] = await plane
    .untilAll(
      events,
      (all) => all.some((e) => e.involvedObject.name === 'odd') && all.some((e) => e.involvedObject.name === 'near'),
    )
    .then((all) =>
      all
        .filter((e) => e.involvedObject.kind === 'ClusterRole')
        .map((e) => `${e.metadata.namespace} ${e.reason} ${e.message}`),
    );
  expect(text).toBe(
    `default OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: , name: far, uid: ${far.metadata!.uid}] does not exist in namespace ""`,
  );
  await gone(plane, 'near');
  expect((await plane.client.resource(clusterRoles).get({ name: 'odd' })).metadata?.uid).toBe(metadata?.uid);
});

test('an owner of a kind that nobody serves keeps its dependents', async () => {
  await using plane = await controlPlane();
  await make(plane, 'waiting', [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w-uid' }]);
  await make(plane, 'lost', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: 'no-such-uid' }]);
  await gone(plane, 'lost');
  expect((await there(plane, 'waiting')).metadata?.deletionTimestamp).toBeUndefined();
});

test('a dependent with a finalizer of its own holds a foreground owner until it is done', async () => {
  await using plane = await controlPlane();
  const top = await make(plane, 'top');
  await make(plane, 'slow', [owner(top, { blockOwnerDeletion: true })], ['example.com/slow']);
  await make(plane, 'free', [owner(top)], ['example.com/free']);
  await plane.client
    .resource(configMaps)
    .delete({ namespace: 'default', name: 'top' }, { propagationPolicy: 'Foreground' });
  await plane.until(configMaps, 'default/slow', (o) => o?.metadata?.deletionTimestamp !== undefined);
  expect((await there(plane, 'top')).metadata?.finalizers).toEqual(['foregroundDeletion']);
  await plane.client
    .resource(configMaps)
    .mergePatch({ namespace: 'default', name: 'slow' }, { metadata: { finalizers: null } });
  await gone(plane, 'top');
  await plane.until(configMaps, 'default/free', (o) => o?.metadata?.deletionTimestamp !== undefined);
});

test('an owner that is named in the group it was in long ago is the owner still', async () => {
  await using plane = await controlPlane({ disabled: ['deployment-controller'] });
  const { metadata } = await plane.client.resource(deployments).create(web());
  const old = { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'web', uid: metadata.uid! };
  await make(plane, 'child', [old]);
  await make(plane, 'orphan', [{ ...old, uid: 'another' }]);
  await gone(plane, 'orphan');
  expect((await there(plane, 'child')).metadata?.deletionTimestamp).toBeUndefined();
  await plane.client.resource(deployments).delete(key);
  await gone(plane, 'child');
});
