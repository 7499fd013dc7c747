import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { apiServer } from '../kit/api-server.ts';

const configMap = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels && { labels }) },
  data,
});

test('a created object is the very value the store and later readers share', async () => {
  await using api = await apiServer();
  const created = await api.call('create', 'configmaps', { object: configMap('a', { k: 'v' }) });
  const read = await api.call('get', 'configmaps', { name: 'a' });
  expect(read).toBe(created);
  expect(Object.isFrozen(created.metadata)).toBe(true);
  expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(created.metadata.resourceVersion).toBe(String(api.store.revision));
});

test('a resourceVersion of "0" is none: create takes it, and a write with it wins over whatever is there', async () => {
  await using api = await apiServer();
  const zero = (data: Record<string, string>) => ({
    ...configMap('a', data),
    metadata: { name: 'a', resourceVersion: '0' },
  });
  await api.call('create', 'configmaps', { object: zero({ k: '1' }) });
  const stamped = { metadata: { name: 'b', resourceVersion: '1' } };
  await expect(api.call('create', 'configmaps', { object: stamped })).rejects.toMatchObject({
    message: 'resourceVersion should not be set on objects to be created',
  });
  const updated = await api.call('update', 'configmaps', { name: 'a', object: zero({ k: '2' }) });
  expect(updated).toMatchObject({ data: { k: '2' }, metadata: { resourceVersion: String(api.store.revision) } });
  const patch = (body: object) =>
    api.call('patch', 'configmaps', { name: 'a', patch: { type: 'merge' as const, body } });
  expect(await patch({ metadata: { resourceVersion: '0' }, data: { k: '3' } })).toMatchObject({ data: { k: '3' } });
  await expect(patch({ metadata: { resourceVersion: '1' }, data: { k: '4' } })).rejects.toMatchObject({ code: 409 });
});

test('create refuses a second object of the name, generates names, and needs its namespace', async () => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: configMap('a') });
  await expect(api.call('create', 'configmaps', { object: configMap('a') })).rejects.toMatchObject({
    code: 409,
    message: 'configmaps "a" already exists',
  });
  const generated = await api.call('create', 'configmaps', { object: { metadata: { generateName: 'g-' } } });
  expect(generated.metadata.name).toMatch(/^g-[a-z0-9]{5}$/);
  await expect(
    api.call('create', 'configmaps', { namespace: 'nowhere', object: configMap('a') }),
  ).rejects.toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  await expect(
    api.call('create', 'configmaps', { object: { ...configMap('b'), metadata: { name: 'b', namespace: 'other' } } }),
  ).rejects.toMatchObject({ code: 400 });
});

test('update takes the newest or the named revision only, and an unchanged one writes nothing', async () => {
  await using api = await apiServer();
  const first = await api.call('create', 'configmaps', { object: configMap('a', { n: '1' }) });
  const second = await api.call('update', 'configmaps', { name: 'a', object: configMap('a', { n: '2' }) });
  expect(second.metadata.uid).toBe(first.metadata.uid);
  await expect(
    api.call('update', 'configmaps', { name: 'a', object: { ...first, data: { n: '3' } } }),
  ).rejects.toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  const same = await api.call('update', 'configmaps', { name: 'a', object: second });
  expect(same).toBe(second);
});

test('concurrent patches all take effect', async () => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: configMap('a') });
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      api.call('patch', 'configmaps', { name: 'a', patch: { type: 'merge', body: { data: { [`k${i}`]: 'x' } } } }),
    ),
  );
  const read = await api.call('get', 'configmaps', { name: 'a' });
  expect(Object.keys(read['data'] as object)).toHaveLength(20);
});

test('list pages are consistent and count what remains', async () => {
  await using api = await apiServer();
  for (let i = 0; i < 5; i++) await api.call('create', 'configmaps', { object: configMap(`c${i}`) });
  const first = await api.list('configmaps', { limit: 2 });
  expect(first.items.map((o) => o.metadata.name)).toEqual(['c0', 'c1']);
  expect(first.metadata.remainingItemCount).toBe(3);
  await api.call('delete', 'configmaps', { name: 'c3' });
  const rest = await api.list('configmaps', { limit: 5, continue: first.metadata.continue! });
  expect(rest.items.map((o) => o.metadata.name)).toEqual(['c2', 'c3', 'c4']);
  expect(rest.metadata.continue).toBeUndefined();
  expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
});

test('a continue token below the floor gives 410 with a token that goes on inconsistently', async () => {
  await using api = await apiServer();
  for (let i = 0; i < 4; i++) await api.call('create', 'configmaps', { object: configMap(`c${i}`) });
  const first = await api.list('configmaps', { limit: 2 });
  await api.call('create', 'configmaps', { object: configMap('c9') });
  await api.store.compact(api.store.revision - 1);
  const refusal = await api.list('configmaps', { limit: 5, continue: first.metadata.continue! }).catch((e) => e);
  expect(refusal.status).toMatchObject({ code: 410, reason: 'Expired' });
  const rest = await api.list('configmaps', { continue: refusal.status.metadata.continue });
  expect(rest.items.map((o) => o.metadata.name)).toEqual(['c2', 'c3', 'c9']);
});

test('watchers of a selector see objects come and go', async () => {
  await using api = await apiServer();
  const log = await api.watch('configmaps', { labelSelector: 'app=web' });
  await api.call('create', 'configmaps', { object: configMap('a', {}, { app: 'db' }) });
  const label = (app: string) =>
    api.call('patch', 'configmaps', { name: 'a', patch: { type: 'merge', body: { metadata: { labels: { app } } } } });
  await label('web');
  await api.call('patch', 'configmaps', { name: 'a', patch: { type: 'merge', body: { data: { x: '1' } } } });
  const left = await label('db');
  const events = await log.until(3);
  expect(events.map((e) => e.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  expect((events[2]!.object as KubeObject).metadata.labels).toEqual({ app: 'web' });
  expect((events[2]!.object as KubeObject).metadata.resourceVersion).toBe(left.metadata.resourceVersion);
});

test('a watch resumes after a revision, and refuses compacted and future ones', async () => {
  await using api = await apiServer();
  const a = await api.call('create', 'configmaps', { object: configMap('a') });
  await api.call('create', 'configmaps', { object: configMap('b') });
  const log = await api.watch('configmaps', { resourceVersion: a.metadata.resourceVersion! });
  expect((await log.until(1)).map((e) => (e.object as KubeObject).metadata.name)).toEqual(['b']);
  await expect(api.watch('configmaps', { resourceVersion: '999999' })).rejects.toMatchObject({ code: 504 });
  await api.store.compact(api.store.revision);
  await expect(api.watch('configmaps', { resourceVersion: '1' })).rejects.toMatchObject({ code: 410 });
});

test('sendInitialEvents gives the state and then the annotated bookmark', async () => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: configMap('a') });
  const log = await api.watch('configmaps', {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  });
  const events = await log.until(2);
  expect(events.map((e) => e.type)).toEqual(['ADDED', 'BOOKMARK']);
  expect((events[1]!.object as KubeObject).metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
});

test('finalizers hold an object until the last one is gone', async () => {
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: { metadata: { name: 'a', finalizers: ['example.com/hold'] } } });
  const marked = await api.call('delete', 'configmaps', { name: 'a' });
  expect(marked.metadata.deletionTimestamp).toBeDefined();
  await api.call('patch', 'configmaps', {
    name: 'a',
    patch: { type: 'merge', body: { metadata: { finalizers: null } } },
  });
  await expect(api.call('get', 'configmaps', { name: 'a' })).rejects.toMatchObject({
    code: 404,
    message: 'configmaps "a" not found',
  });
});

test('deletecollection deletes what is selected and nothing else', async () => {
  await using api = await apiServer();
  for (const app of ['x', 'y']) {
    for (let i = 0; i < 3; i++)
      await api.call('create', 'configmaps', { object: configMap(`${app}${i}`, {}, { app }) });
  }
  await api.call('deletecollection', 'configmaps', { options: { labelSelector: 'app=x' } });
  const left = await api.list('configmaps');
  expect(left.items.map((o) => o.metadata.name)).toEqual(['y0', 'y1', 'y2']);
});

test('a selector over many objects pages like any list, at one revision', async () => {
  await using api = await apiServer();
  const make = (i: number) =>
    api.call('create', 'configmaps', {
      object: configMap(`c${String(i).padStart(4, '0')}`, {}, { odd: String(i % 2) }),
    });
  await Promise.all(Array.from({ length: 1500 }, (_, i) => make(i)));
  const labelSelector = 'odd=1';
  const all = await api.list('configmaps', { labelSelector });
  expect(all.items).toHaveLength(750);
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await api.list('configmaps', { labelSelector, limit: 300, ...(token && { continue: token }) });
    expect(page.metadata.remainingItemCount).toBeUndefined();
    names.push(...page.items.map((o) => o.metadata.name!));
    token = page.metadata.continue;
    await api.call('delete', 'configmaps', { name: 'c1499' }).catch(() => undefined);
  } while (token);
  expect(names).toEqual(all.items.map((o) => o.metadata.name));
});

test('an object in another version than the stored one is shared too, and so frozen', async () => {
  await using api = await apiServer();
  const spec = { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } };
  await api.call('create', 'autoscaling/v1/horizontalpodautoscalers', { object: { metadata: { name: 'a' }, spec } });
  const [one, two] = await Promise.all(
    [1, 2].map(() => api.call('get', 'autoscaling/v1/horizontalpodautoscalers', { name: 'a' })),
  );
  expect(one).toBe(two);
  expect([one, one!.metadata, one!['spec']].map(Object.isFrozen)).toEqual([true, true, true]);
});

describe('who is refused because of a write can read that write', () => {
  test('a stale update', async () => {
    await using api = await apiServer();
    const made = await api.call('create', 'configmaps', { object: configMap('a') });
    const first = api.call('update', 'configmaps', { name: 'a', object: { ...made, data: { by: 'first' } } });
    const second = api.call('update', 'configmaps', { name: 'a', object: { ...made, data: { by: 'second' } } });
    await expect(second).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    expect(await api.call('get', 'configmaps', { name: 'a' })).toMatchObject({ data: { by: 'first' } });
    await first;
  });

  test('a second create', async () => {
    await using api = await apiServer();
    const first = api.call('create', 'configmaps', { object: configMap('a') });
    await expect(api.call('create', 'configmaps', { object: configMap('a') })).rejects.toMatchObject({ code: 409 });
    expect(await api.call('get', 'configmaps', { name: 'a' })).toMatchObject({ metadata: { name: 'a' } });
    await first;
  });

  test('a write to what is being removed', async () => {
    await using api = await apiServer();
    await api.call('create', 'configmaps', { object: configMap('a') });
    const removed = api.call('delete', 'configmaps', { name: 'a' });
    const late = api.call('update', 'configmaps', { name: 'a', object: configMap('a') });
    await expect(late).rejects.toMatchObject({ code: 404 });
    await expect(api.call('get', 'configmaps', { name: 'a' })).rejects.toMatchObject({ code: 404 });
    await removed;
  });
});
