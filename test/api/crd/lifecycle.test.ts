import { expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import { apiServer } from '../../kit/api-server.ts';
import {
  conditionOf,
  cronTab,
  cronTabs,
  define,
  definition,
  definitions,
  untilDefinition,
} from '../../kit/custom-resources.ts';

const name = 'crontabs.stable.example.com';
const cleanup = 'customresourcecleanup.apiextensions.k8s.io';

test('a deleted definition takes its objects along, and its watches end after their DELETED events', async () => {
  await using api = await apiServer();
  await define(api);
  for (const object of ['a', 'b']) await api.call('create', cronTabs, { object: cronTab(object) });
  const log = await api.watch(cronTabs, { resourceVersion: String(api.store.revision) });
  const going = await api.call('delete', definitions, { namespace: '', name });
  expect(going.metadata.finalizers).toEqual([cleanup]);
  expect(conditionOf(going, 'Terminating')).toMatchObject({ status: 'True', reason: 'InstanceDeletionPending' });
  await untilDefinition(api, name, () => false).catch(() => undefined);
  const events = await log.until(2);
  expect(events.map((e) => `${e.type} ${e.object.metadata.name}`).sort()).toEqual(['DELETED a', 'DELETED b']);
  expect(log.ended).toBe(true);
  expect(log.error).toBeUndefined();
  await expect(api.list(cronTabs)).rejects.toMatchObject({ code: 404 });
  expect(api.store.count(name)).toBe(0);
});

test('while an object holds on by its finalizer, the definition waits and no object is made', async () => {
  await using api = await apiServer();
  await define(api);
  const object = { ...cronTab('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } };
  await api.call('create', cronTabs, { object });
  await api.call('delete', definitions, { namespace: '', name });
  const waiting = await untilDefinition(
    api,
    name,
    (crd) => conditionOf(crd, 'Terminating')?.reason === 'InstanceDeletionInProgress',
  );
  expect(conditionOf(waiting, 'Terminating')).toMatchObject({
    status: 'True',
    message: 'CustomResource deletion is in progress',
  });
  await expect(api.call('create', cronTabs, { object: cronTab('b') })).rejects.toMatchObject({
    code: 403,
    message:
      'crontabs.stable.example.com "b" is forbidden: create not allowed while custom resource definition is terminating',
  });
  const held = await api.watch(cronTabs, { fieldSelector: 'metadata.name=a' });
  for (let count = 1; !held.events.at(-1)?.object.metadata.deletionTimestamp; count++) await held.until(count);
  held.close();
  await api.call('patch', cronTabs, {
    name: 'a',
    patch: { type: 'merge', body: { metadata: { finalizers: null } } },
  });
  const last = await untilDefinition(api, name, () => false);
  expect(conditionOf(last, 'Terminating')).toMatchObject({
    status: 'False',
    reason: 'InstanceDeletionCompleted',
    message: 'removed all instances',
  });
});

test('a definition that never got its names goes at once', async () => {
  await using api = await apiServer();
  await define(api);
  const other = definition({ plural: 'others' });
  await api.call('create', definitions, { namespace: '', object: other });
  await untilDefinition(api, other.metadata.name, (crd) => conditionOf(crd, 'NamesAccepted') !== undefined);
  await api.call('delete', definitions, { namespace: '', name: other.metadata.name });
  const last = await untilDefinition(api, other.metadata.name, () => false);
  expect(conditionOf(last, 'Terminating')).toMatchObject({ status: 'False', reason: 'NeverEstablished' });
});

test('a definition that came back serves none of what its namesake had', async () => {
  await using api = await apiServer();
  await define(api);
  await api.call('create', cronTabs, { object: cronTab('a') });
  const before = String(api.store.revision);
  await api.call('delete', definitions, { namespace: '', name });
  await untilDefinition(api, name, () => false);
  await define(api);
  expect((await api.list(cronTabs)).items).toEqual([]);
  await expect(api.watch(cronTabs, { resourceVersion: before })).rejects.toMatchObject({ code: 410 });
});

test('watches end when the schema changes, and who comes back lists first', async () => {
  await using api = await apiServer();
  const crd = await define(api, { schema: { type: 'object', properties: { spec: { type: 'object' } } } });
  await api.call('create', cronTabs, { object: cronTab('a', { spec: {} }) });
  const { metadata } = await api.list(cronTabs);
  const log = await api.watch(cronTabs, { resourceVersion: metadata.resourceVersion! });
  const spec = crd['spec'] as { versions: object[] };
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { color: { type: 'string', default: 'red' } } } },
  };
  const versions = [{ ...spec.versions[0], schema: { openAPIV3Schema: schema } }];
  await api.call('update', definitions, { namespace: '', name, object: { ...crd, spec: { ...spec, versions } } });
  await log.until(1);
  expect([log.ended, log.error, log.events]).toEqual([true, undefined, []]);
  await expect(api.watch(cronTabs, { resourceVersion: metadata.resourceVersion! })).rejects.toMatchObject({
    code: 410,
  });
  // What is stored is as it was; what is shown has today's defaults.
  expect((await api.list(cronTabs)).items[0]!['spec']).toEqual({ color: 'red' });
  const stored = () => api.store.get({ resource: name, namespace: 'default', name: 'a' })!.object['spec'];
  expect(stored()).toEqual({});
  // An update without a change brings what is stored up to date.
  await api.call('update', cronTabs, { name: 'a', object: await api.call('get', cronTabs, { name: 'a' }) });
  expect(stored()).toEqual({ color: 'red' });
});

test('an object that is marked or deleted under a new schema is shown by it', async () => {
  await using api = await apiServer();
  const crd = await define(api, { schema: { type: 'object', properties: { spec: { type: 'object' } } } });
  const finalizers = ['example.com/hold'];
  await api.call('create', cronTabs, {
    object: { ...cronTab('held', { spec: {} }), metadata: { name: 'held', finalizers } },
  });
  await api.call('create', cronTabs, { object: cronTab('free', { spec: {} }) });
  const color = { type: 'object', properties: { color: { type: 'string', default: 'red' } } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: color } } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const spec = { ...(crd['spec'] as object), versions };
  await api.call('update', definitions, { namespace: '', name, object: { ...crd, spec } });
  const log = await api.watch(cronTabs, { resourceVersion: String(api.store.revision) });
  await api.call('delete', cronTabs, { name: 'held' });
  await api.call('delete', cronTabs, { name: 'free' });
  const events = await log.until(2);
  expect(events.map((e) => [e.type, (e.object as Record<string, unknown>)['spec']])).toEqual([
    ['MODIFIED', { color: 'red' }],
    ['DELETED', { color: 'red' }],
  ]);
  expect((await api.call('get', cronTabs, { name: 'held' }))['spec']).toEqual({ color: 'red' });
  log.close();
});

test('watches live on when only the status of the definition changes, and lists of the new objects share their bytes', async () => {
  await using api = await apiServer();
  await define(api);
  const log = await api.watch(cronTabs, { resourceVersion: String(api.store.revision) });
  await api.call('patch', definitions, {
    namespace: '',
    name,
    subresource: 'status',
    patch: { type: 'merge', body: { status: { storedVersions: ['v1'] } } },
  });
  const made = await api.call('create', cronTabs, { object: cronTab('a') });
  expect((await log.until(1))[0]!.object).toBe(made);
  expect(log.ended).toBe(false);
  expect((await api.list(cronTabs)).items[0]).toBe(made);
  log.close();
});

test('new printer columns end watches, but nobody has to list anew', async () => {
  await using api = await apiServer();
  await define(api);
  const revision = String(api.store.revision);
  const log = await api.watch(cronTabs, { resourceVersion: revision });
  await api.call('patch', definitions, {
    namespace: '',
    name,
    patch: { type: 'merge', body: { spec: { names: { shortNames: ['ct'] } } } },
  });
  await log.until(1);
  expect(log.ended).toBe(true);
  const again = await api.watch(cronTabs, { resourceVersion: revision });
  await api.call('create', cronTabs, { object: cronTab('a') });
  expect((await again.until(1))[0]).toMatchObject({ type: 'ADDED' });
  again.close();
});

test('a write on the heels of a change of the definition is not stored under the former schema', async () => {
  await using api = await apiServer();
  const crd = await define(api, { schema: { type: 'object', properties: { spec: { type: 'object' } } } });
  const color = { type: 'object', properties: { color: { type: 'string', default: 'red' } } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: color } } };
  const spec = { ...(crd['spec'] as object), versions: [{ name: 'v1', served: true, storage: true, schema }] };
  const making = Promise.withResolvers<unknown>();
  const update = api.store.update.bind(api.store);
  // The moment at which the change is accepted and not yet durable.
  api.store.update = (...write) => {
    const written = update(...write);
    const make = api.call('create', cronTabs, { object: cronTab('a', { spec: {} }) });
    making.resolve(make.catch((error) => error));
    return written;
  };
  await api.call('update', definitions, { namespace: '', name, object: { ...crd, spec } });
  api.store.update = update;
  expect(await making.promise).toMatchObject({ code: 429, message: 'storage is (re)initializing' });
  expect(await api.call('create', cronTabs, { object: cronTab('a', { spec: {} }) })).toMatchObject({
    spec: { color: 'red' },
  });
});

test('names that were given stay given when the server starts anew', async () => {
  const clock = new SystemClock();
  const store = createMemoryStore({ clock, ids: new SystemIds() });
  const first = await apiServer({ clock, store });
  await define(first);
  const rival = definition({ plural: 'aaas', names: { singular: 'aaa', listKind: 'AaaList' } });
  await first.call('create', definitions, { namespace: '', object: rival });
  await first.server.close();
  await using second = await apiServer({ clock, store });
  await expect(second.list('stable.example.com/v1/aaas')).rejects.toMatchObject({ code: 404 });
  expect((await second.list(cronTabs)).items).toEqual([]);
});

test('a restarted server serves its definitions before its first request', async () => {
  const clock = new SystemClock();
  const store = createMemoryStore({ clock, ids: new SystemIds() });
  const first = await apiServer({ clock, store });
  await define(first);
  await first.call('create', cronTabs, { object: cronTab('a', { spec: { n: 1 } }) });
  await first.server.close();
  await using second = await apiServer({ clock, store });
  expect(await second.call('get', cronTabs, { name: 'a' })).toMatchObject({ spec: { n: 1 } });
});
