import { expect, test } from 'vitest';
import { configMaps, namespaces } from '../../../src/api/kinds.gen.ts';
import type { KubeObject, OwnerReference } from '../../../src/api/object.ts';
import type { ResourceRef } from '../../../src/api/resource-ref.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { cronTab, define, definitions, untilDefinition } from '../../kit/custom-resources.ts';

const cronTabs: ResourceRef<KubeObject> = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'crontabs',
  kind: 'CronTab',
  namespaced: true,
};

const ownedBy = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name!,
  uid: owner.metadata.uid!,
});

const make = (plane: ControlPlane, name: string, owners: OwnerReference[] = [], namespace = 'default') =>
  plane.client.resource(cronTabs).create({ ...cronTab(name), metadata: { name, namespace, ownerReferences: owners } });

const makeMap = async (plane: ControlPlane, name: string, owners: OwnerReference[] = []) => {
  const made = await plane.client
    .resource(configMaps)
    .create({ metadata: { name, namespace: 'default', ownerReferences: owners } });
  return { ...made, apiVersion: 'v1', kind: 'ConfigMap' } as unknown as KubeObject;
};

const gone = (plane: ControlPlane, name: string) =>
  plane.until(cronTabs, `default/${name}`, (object) => object === undefined);

test('custom resources own and are owned, from the moment their kind is defined', async () => {
  await using plane = await controlPlane();
  await define(plane.api);
  const top = await make(plane, 'top');
  const map = await makeMap(plane, 'map', [ownedBy(top)]);
  await make(plane, 'bottom', [ownedBy(map)]);
  await plane.client
    .resource(cronTabs)
    .delete({ namespace: 'default', name: 'top' }, { propagationPolicy: 'Background' });
  await plane.until(configMaps, 'default/map', (object) => object === undefined);
  await gone(plane, 'bottom');
});

test('a custom resource goes in the foreground: after what blocks it', async () => {
  await using plane = await controlPlane();
  await define(plane.api);
  const top = await make(plane, 'top');
  await makeMap(plane, 'map', [{ ...ownedBy(top), blockOwnerDeletion: true }]);
  const order: string[] = [];
  plane.informers.of(configMaps).on({ deleted: () => order.push('map') });
  plane.informers.of(cronTabs).on({ deleted: () => order.push('top') });
  await plane.informers.of(cronTabs).whenSynced(AbortSignal.timeout(10_000));
  await plane.client
    .resource(cronTabs)
    .delete({ namespace: 'default', name: 'top' }, { propagationPolicy: 'Foreground' });
  await gone(plane, 'top');
  expect(order).toEqual(['map', 'top']);
});

test('what a definition took along takes its dependents along', async () => {
  await using plane = await controlPlane();
  await define(plane.api);
  const top = await make(plane, 'top');
  await makeMap(plane, 'map', [ownedBy(top)]);
  // What has gone before shows that the collector watches the kind.
  const first = await make(plane, 'first');
  await makeMap(plane, 'other', [ownedBy(first)]);
  await plane.client.resource(cronTabs).delete({ namespace: 'default', name: 'first' });
  await plane.until(configMaps, 'default/other', (object) => object === undefined);
  const name = 'crontabs.stable.example.com';
  await plane.api.call('delete', definitions, { namespace: '', name });
  await untilDefinition(plane.api, name, () => false);
  await plane.until(configMaps, 'default/map', (object) => object === undefined);
});

test('a namespace takes its custom resources along', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(namespaces).create({ metadata: { name: 'doomed' } });
  await define(plane.api);
  await make(plane, 'a', [], 'doomed');
  await make(plane, 'b');
  await plane.client.resource(namespaces).delete({ name: 'doomed' });
  await plane.until(namespaces, 'doomed', (object) => object === undefined);
  const left = await plane.client.resource(cronTabs).list();
  expect(left.items.map((object) => object.metadata.name)).toEqual(['b']);
});
