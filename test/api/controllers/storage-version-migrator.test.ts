import { expect, test } from 'vitest';
import {
  configMaps,
  customResourceDefinitions as definitionsRef,
  storageVersionMigrations as migrationsRef,
} from '../../../src/api/kinds.gen.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import type { CustomResourceDefinition } from '../../../src/api/types/apiextensions-v1.gen.ts';
import type { StorageVersionMigration } from '../../../src/api/types/storagemigration-v1beta1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const on = { apis: servedApis({ runtimeConfig: { 'api/beta': true } }) };

const migration = (name: string, group: string, resource: string) => ({
  metadata: { name },
  spec: { resource: { group, resource } },
});
const stateOf = ({ status }: StorageVersionMigration) =>
  (status?.conditions ?? []).map(({ type, status: state, reason }) => `${type}=${state} ${reason}`);
const succeeded = ['Succeeded=True StorageVersionMigrationSucceeded'];
const ended = (one: StorageVersionMigration | undefined) => /Succeeded|Failed/.test(stateOf(one!).join());

const version = (name: string, storage: boolean) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } },
});
const widgets = 'widgets.example.com';
const definition = {
  metadata: { name: widgets },
  spec: {
    group: 'example.com',
    scope: 'Namespaced' as const,
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [version('v1', true), version('v2', false)],
  },
};
const isServed = (crd: CustomResourceDefinition | undefined) =>
  crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;

/** Widgets that are stored as v1 in a definition that stores as v2 by now. */
async function oldWidgets(plane: ControlPlane, count: number): Promise<void> {
  await plane.client.resource(definitionsRef).create(definition as unknown as CustomResourceDefinition);
  await plane.until(definitionsRef, widgets, isServed);
  for (let i = 0; i < count; i++) {
    const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: `w-${i}` }, size: i };
    await plane.api.call('create', 'example.com/v1/widgets', { object: object as unknown as KubeObject });
  }
  const versions = [version('v1', false), version('v2', true)];
  await plane.client.resource(definitionsRef).mergePatch({ name: widgets }, { spec: { versions } });
  await plane.until(definitionsRef, widgets, (crd) => crd?.status?.storedVersions?.includes('v2') ?? false);
}

const storedVersions = (plane: ControlPlane): string[] => {
  const { entries } = plane.api.store.list(widgets);
  return [...new Set(entries.map(({ object }) => object.apiVersion))];
};

test('every object is stored in the storage version, and the definition knows no other any more', async () => {
  await using plane = await controlPlane({ server: on, pods: false });
  await oldWidgets(plane, 40);
  expect(storedVersions(plane)).toEqual(['example.com/v1']);
  await plane.client.resource(migrationsRef).create(migration('widgets', 'example.com', 'widgets'));
  const done = await plane.until(migrationsRef, 'widgets', (one) => one !== undefined && ended(one));
  expect(stateOf(done!)).toEqual(succeeded);
  expect(done!.status!.resourceVersion).toMatch(/^[1-9][0-9]*$/);
  expect(storedVersions(plane)).toEqual(['example.com/v2']);
  const crd = await plane.until(definitionsRef, widgets, (one) => one?.status?.storedVersions?.length === 1);
  expect(crd!.status).toMatchObject({
    storedVersions: ['v2'],
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'StorageMigrating',
        status: 'False',
        reason: 'MigrationSucceeded',
        message: 'The migration has succeeded and the stored versions have been updated',
      }),
    ]),
  });
  expect(isServed(crd)).toBe(true);
  const object = await plane.api.call('get', 'example.com/v1/widgets', { name: 'w-7' });
  expect(object).toMatchObject({ apiVersion: 'example.com/v1', size: 7 });
  // Nobody has taken ownership of anything.
  expect(JSON.stringify(object.metadata.managedFields)).not.toContain('storage-version-migrator');
});

test('what is stored in the storage version already stays as it is', async () => {
  await using plane = await controlPlane({ server: on, pods: false });
  const before = await plane.client
    .resource(configMaps)
    .create({ metadata: { name: 'a', namespace: 'default' }, data: { a: 'b' } });
  await plane.client.resource(migrationsRef).create(migration('maps', '', 'configmaps'));
  const done = await plane.until(migrationsRef, 'maps', (one) => one !== undefined && ended(one));
  expect(stateOf(done!)).toEqual(succeeded);
  const after = await plane.client.resource(configMaps).get({ namespace: 'default', name: 'a' });
  expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
});

test('migrations of one resource run one after the other, the eldest first', async () => {
  await using plane = await controlPlane({ server: on, pods: false });
  await oldWidgets(plane, 3);
  const order: string[] = [];
  plane.informers.of(migrationsRef).on({
    updated: (_, one) => {
      for (const state of stateOf(one)) order.push(`${one.metadata.name} ${state.split('=')[0]}`);
    },
  });
  await Promise.all(
    ['b', 'a', 'c'].map((name) =>
      plane.client.resource(migrationsRef).create(migration(name, 'example.com', 'widgets')),
    ),
  );
  const all = await plane.untilAll(migrationsRef, (ones) => ones.length === 3 && ones.every(ended), '');
  expect(all.map(stateOf)).toEqual([succeeded, succeeded, succeeded]);
  const names = order.map((entry) => entry.split(' ')[0]!);
  expect(names.filter((name, i) => names.indexOf(name) !== i && names[i - 1] !== name)).toEqual([]);
});

test('a resource that nobody serves is waited for a minute, then the migration has failed', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock, server: on, pods: false });
  await plane.client.resource(migrationsRef).create(migration('none', 'example.com', 'gadgets'));
  const current = () => plane.informers.of(migrationsRef).get('none')!;
  await plane.until(migrationsRef, 'none', (one) => one !== undefined);
  await clock.advance(30_000);
  expect(stateOf(current())).toEqual([]);
  while (stateOf(current()).length === 0) await clock.advance(10_000);
  expect(stateOf(current())).toEqual(['Failed=True StorageVersionMigrationFailed']);
  expect(current().status!.conditions![0]!.message).toBe('resource does not exist in discovery');
  // It is over: the resource may come now, and nothing happens.
  await oldWidgets(plane, 1);
});

test('a migration names a resource, keeps it, and ends once', async () => {
  await using plane = await controlPlane({
    server: on,
    pods: false,
    disabled: ['storage-version-migrator-controller'],
  });
  const resource = plane.client.resource(migrationsRef);
  await expect(resource.create(migration('a', 'Example', ''))).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'spec.resource.resource', message: 'Required value: resource is required to be set' },
          { field: 'spec.resource.group' },
        ],
      },
    },
  });
  const made = await resource.create(migration('a', 'example.com', 'widgets'));
  await expect(
    resource.update({ ...made, spec: { resource: { group: 'example.com', resource: 'gadgets' } } }),
  ).rejects.toMatchObject({ message: expect.stringContaining('spec: Invalid value: ') });
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const write = (resourceVersion: string, ...types: string[]) =>
    resource.updateStatus({ ...made, status: { resourceVersion, conditions: types.map(condition) } });
  await expect(write('0')).rejects.toMatchObject({
    message: expect.stringContaining(
      'status.resourceVersion: Invalid value: "0": resource version is not well formed: 0',
    ),
  });
  await expect(write('1', 'Running', 'Succeeded', 'Failed')).rejects.toMatchObject({
    status: { details: { causes: [{}, {}, {}] } },
  });
  const done = await write('1', 'Succeeded');
  await expect(resource.updateStatus({ ...done, status: { resourceVersion: '2' } })).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'status.resourceVersion', message: 'Invalid value: "2": field is immutable' },
          { message: 'Invalid value: null: Success condition cannot be set to false once it is true' },
        ],
      },
    },
  });
});
