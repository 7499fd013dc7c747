import { expect, test } from 'vitest';
import { conform } from '../../../../src/api/conform.ts';
import { typeFacts } from '../../../../src/api/facts.ts';
import { applyConfiguration } from '../../../../src/api/managed-fields/apply.ts';
import { deepFreeze, type KubeObject } from '../../../../src/api/object.ts';
import { StatusError } from '../../../../src/api/status.ts';
import { FieldManager, thing } from '../../../kit/field-manager.ts';
import { any, atomic, atomicList, listMap, mapOf, raw, scalar, setOf, struct } from '../../../kit/type-facts.ts';

const port = struct({ port: scalar('int32'), protocol: scalar('string', 'TCP'), name: scalar() });
const item = struct({
  name: scalar(),
  value: scalar('int64'),
  tags: mapOf(scalar()),
  ports: listMap(port, 'port', 'protocol'),
});
const type = thing({
  replicas: scalar('int32'),
  text: scalar(),
  size: scalar('quantity'),
  labels: mapOf(scalar()),
  selector: mapOf(scalar(), 'atomic'),
  items: listMap(item, 'name'),
  set: setOf(scalar()),
  args: atomicList(scalar()),
  whole: atomic(struct({ a: scalar(), b: scalar() })),
  inner: struct({ a: scalar(), b: scalar(), deep: struct({ x: scalar() }) }),
  extension: raw,
  anything: any,
});

const start = () => new FieldManager(type);
const failure = (act: () => unknown): StatusError => {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('an applier owns every leaf it applies, items by their keys, atomic things as one', () => {
  const state = start().apply('a', {
    replicas: 1,
    labels: { app: 'x' },
    selector: { app: 'x' },
    items: [{ name: 'one', ports: [{ port: 80 }] }],
    set: ['s'],
    args: ['-v'],
    whole: { a: '1' },
    inner: { deep: {} },
    extension: { k: { v: 1 } },
    anything: { k: { v: 1 }, l: [1] },
  });
  expect(state.owned).toEqual({
    a: [
      '.args',
      '.extension',
      '.replicas',
      '.selector',
      '.whole',
      '.anything.k',
      '.anything.l',
      '.anything.k.v',
      '.inner.deep',
      '.items[name="one"]',
      '.items[name="one"].name',
      '.items[name="one"].ports[port=80,protocol="TCP"]',
      '.items[name="one"].ports[port=80,protocol="TCP"].port',
      '.labels.app',
      '.set[="s"]',
    ],
  });
});

test('what belongs to the server is owned by nobody', () => {
  const metadata = { name: 'x', namespace: 'n', uid: '', generation: 3, labels: { a: 'b' } };
  expect(start().apply('a', { metadata }).owned).toEqual({ a: ['.metadata.labels.a'] });
});

test('fields that are no longer applied go, unless somebody else owns them', () => {
  const state = start()
    .apply('a', { replicas: 1, text: 't', labels: { x: '1', y: '2' }, items: [{ name: 'one' }, { name: 'two' }] })
    .apply('b', { text: 't', labels: { y: '2' }, items: [{ name: 'two' }] })
    .apply('a', { labels: { z: '3' } });
  expect(state.fields).toEqual({ text: 't', labels: { y: '2', z: '3' }, items: [{ name: 'two' }] });
  expect(state.owned).toEqual({
    a: ['.labels.z'],
    b: ['.text', '.items[name="two"]', '.items[name="two"].name', '.labels.y'],
  });
});

test('what an updater has set stays when the applier lets go', () => {
  const state = start()
    .apply('a', { replicas: 1, labels: { x: '1' } })
    .update('u', { replicas: 5, labels: { x: '1', y: '2' } })
    .apply('a', { labels: {} });
  expect(state.fields).toEqual({ replicas: 5, labels: { y: '2' } });
});

test('an item goes with all that is below, also what nobody owns', () => {
  const state = start().apply('a', { items: [{ name: 'one' }, { name: 'two' }] });
  // As a default would: filled in without an owner.
  state.object = deepFreeze({ ...state.object!, items: [{ name: 'one', value: 7 }, { name: 'two' }] }) as KubeObject;
  expect(state.apply('a', { items: [{ name: 'one' }, { name: 'two' }] }).fields['items']).toEqual([
    { name: 'one', value: 7 },
    { name: 'two' },
  ]);
  expect(state.apply('a', { items: [{ name: 'two' }] }).fields['items']).toEqual([{ name: 'two' }]);
});

test('a struct goes when its last field goes', () => {
  const state = start()
    .apply('a', { inner: { a: '1', deep: { x: '1' } } })
    .apply('a', { inner: { a: '1' } });
  expect(state.fields).toEqual({ inner: { a: '1' } });
  expect(state.apply('a', { replicas: 1 }).fields).toEqual({ replicas: 1 });
});

test('atomic lists and maps are replaced as a whole', () => {
  const state = start()
    .apply('a', { args: ['a', 'b'], selector: { a: '1' }, whole: { a: '1' } })
    .apply('a', { args: ['c'], selector: { b: '2' }, whole: { b: '2' } });
  expect(state.fields).toEqual({ args: ['c'], selector: { b: '2' }, whole: { b: '2' } });
});

test('another value than the owner’s is a conflict', () => {
  const state = start().apply('a', { replicas: 1, items: [{ name: 'one', value: 1 }] });
  const error = failure(() => state.apply('b', { replicas: 2 }));
  expect(error.status).toMatchObject({
    reason: 'Conflict',
    code: 409,
    message: 'Apply failed with 1 conflict: conflict with "a": .replicas',
    details: {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.replicas' }],
    },
  });
});

test('conflicts are listed by manager, with subresource and version of updaters', () => {
  const state = start()
    .update('u', { replicas: 1, text: 'a' })
    .update('s', { replicas: 1, text: 'a', labels: { x: '1' } }, { subresource: 'status' })
    .apply('a', { items: [{ name: 'one', value: 1 }] });
  const error = failure(() =>
    state.apply('b', { replicas: 2, text: 'b', labels: { x: '2' }, items: [{ name: 'one', value: 2 }] }),
  );
  expect(error.message).toBe(
    [
      'Apply failed with 4 conflicts: conflicts with "a":',
      '- .items[name="one"].value',
      'conflicts with "s" with subresource "status" using v1:',
      '- .labels.x',
      'conflicts with "u" using v1:',
      '- .replicas',
      '- .text',
    ].join('\n'),
  );
});

test('the same value is shared, and force takes another', () => {
  const state = start().apply('a', { replicas: 1, text: 't' }).apply('b', { replicas: 1 });
  expect(state.owned).toEqual({ a: ['.replicas', '.text'], b: ['.replicas'] });
  state.apply('b', { replicas: 2 }, { force: true });
  expect(state.owned).toEqual({ a: ['.text'], b: ['.replicas'] });
  expect(state.fields).toEqual({ replicas: 2, text: 't' });
});

test('a forced apply that takes the last field of an entry ends it', () => {
  const state = start().apply('a', { replicas: 1 }).apply('b', { replicas: 2 }, { force: true });
  expect(state.owned).toEqual({ b: ['.replicas'] });
});

test('merged lists keep the order of the configuration and the others where they were', () => {
  const order = (before: string, applied: string) =>
    (
      start()
        .update('u', { set: [...before] })
        .apply('a', { set: [...applied] }).fields['set'] as string[]
    ).join('');
  const rows: [string, string, string][] = [
    ['abc', 'ab', 'abc'],
    ['ab', 'ba', 'ba'],
    ['abc', 'def', 'abcdef'],
    ['abc', 'xby', 'axbcy'],
    ['bcd', 'ac', 'bacd'],
    ['cdef', 'ace', 'acdef'],
    ['abcxyz', 'defxyz', 'abcdefxyz'],
    ['abcd', 'defa', 'bcdefa'],
    ['', 'ba', 'ba'],
    ['ab', '', 'ab'],
  ];
  for (const [before, applied, after] of rows)
    expect([before, applied, order(before, applied)]).toEqual([before, applied, after]);
});

test('duplicates that an update made are left alone, or replaced by the one applied', () => {
  const twice = [{ name: 'one', value: 1 }, { name: 'one', value: 2 }, { name: 'two' }];
  const state = start().update('u', { items: twice });
  expect(state.apply('a', { replicas: 1 }).fields['items']).toEqual(twice);
  const error = failure(() => state.apply('b', { items: [{ name: 'one', value: 3 }] }));
  expect(error.message).toBe('Apply failed with 1 conflict: conflict with "u" using v1: .items[name="one"]');
  const forced = state.apply('b', { items: [{ name: 'one', value: 3 }] }, { force: true });
  expect(forced.fields['items']).toEqual([{ name: 'one', value: 3 }, { name: 'two' }]);
});

test('null takes a leaf away and says nothing about what is merged', () => {
  const state = start().apply('a', { replicas: 1, labels: { x: '1' } });
  const after = state.apply('b', { replicas: null, labels: null }, { force: true });
  expect(after.fields).toEqual({ labels: { x: '1' } });
});

test('an apply that changes nothing leaves the object and the times', () => {
  const state = start().apply('a', { replicas: 1 }, { now: 1000 });
  const before = state.object!;
  const origin = { type, apiVersion: 'v1', kind: 'Thing', manager: 'a', subresource: '', now: 9000, force: false };
  const config = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, replicas: 1 };
  const result = applyConfiguration(before, config, origin) as { object: KubeObject; managedFields: unknown };
  expect(result.object).toBe(before);
  expect(result.managedFields).toEqual(before.metadata.managedFields);
  expect(state.apply('a', { replicas: 2 }, { now: 9000 }).entries[0]!.time).toBe('1970-01-01T00:00:09Z');
});

test('an object nobody manages is owned by before-first-apply', () => {
  const state = start();
  state.object = deepFreeze({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', uid: '1' }, replicas: 1 });
  const error = failure(() => state.apply('a', { replicas: 2 }));
  expect(error.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .replicas');
  expect(state.apply('a', { replicas: 2 }, { force: true }).owned).toEqual({ a: ['.replicas'] });
});

test('the endpoints of one manager are told apart', () => {
  const state = start().apply('a', { replicas: 1 }).apply('a', { text: 't' }, { subresource: 'status' });
  expect(state.fields).toEqual({ replicas: 1, text: 't' });
  expect(state.entries.map((entry) => entry.subresource)).toEqual([undefined, 'status']);
});

test('what an endpoint resets it neither owns nor fights about', () => {
  const reset = () => ({ exclude: { 'f:inner': {} } });
  const other = new FieldManager(type, { reset }).apply('a', { replicas: 1, inner: { a: '1' } });
  expect(other.owned).toEqual({ a: ['.replicas'] });
});

test.each([
  [
    'an unknown field',
    { spec: 1, inner: { c: 1 } },
    'errors:\n  .spec: field not declared in schema\n  .inner.c: field not declared in schema',
  ],
  ['a number for text', { text: 1 }, '.text: expected string, got &value.valueUnstructured{Value:1}'],
  ['text for a number', { replicas: 'two' }, '.replicas: expected numeric (int or float), got string'],
  ['a list for a map', { labels: ['a'] }, '.labels: expected map, got &{[a]}'],
  ['a map for a list', { items: { a: 1 } }, '.items: expected list, got &{map[a:1]}'],
  ['a map for a quantity', { size: {} }, '.size: expected any scalar, got &{map[]}'],
  ['two items of a key', { items: [{ name: 'a' }, { name: 'a' }] }, '.items: duplicate entries for key [name="a"]'],
  ['two items of a value', { set: ['a', 'a'] }, '.set: duplicate entries for key [="a"]'],
  [
    'an item without keys',
    { items: [{ value: 1 }] },
    '.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
  ],
  ['a null item', { items: [null] }, '.items: element 0: associative list with keys may not have a null element'],
  ['a list in a set', { set: [[]] }, '.set: element 0: not supported: associative list with lists as elements'],
])('refuses %s', (_, fields, text) => {
  const error = failure(() => start().apply('a', fields as Record<string, unknown>));
  expect([error.code, error.message]).toEqual([
    400,
    `failed to create typed patch object (/x; /v1, Kind=Thing): ${text}`,
  ]);
});

test('refuses another kind and managed fields in the configuration', () => {
  expect(failure(() => start().apply('a', { kind: 'Other' })).message).toBe('invalid object type: /v1, Kind=Other');
  expect(failure(() => start().apply('a', { metadata: { name: 'x', managedFields: [] } })).message).toBe(
    'metadata.managedFields must be nil',
  );
});

test('a Deployment merges containers by name and ports by number and protocol', () => {
  const deployment = typeFacts('apps/v1.Deployment');
  const origin = { type: deployment, apiVersion: 'apps/v1', kind: 'Deployment', subresource: '', now: 0, force: false };
  const config = (container: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { spec: { containers: [{ name: 'c', ...container }] } } },
  });
  const first = applyConfiguration(undefined, config({ image: 'i' }), { ...origin, manager: 'a' });
  const { object, managedFields } = first as { object: KubeObject; managedFields: never };
  const live = conform(deployment, structuredClone({ ...object, metadata: { ...object.metadata, managedFields } }))
    .value as KubeObject;
  const second = applyConfiguration(live, config({ ports: [{ containerPort: 80 }] }), { ...origin, manager: 'b' });
  const merged = (second as { object: KubeObject }).object as unknown as ReturnType<typeof config>;
  expect(merged.spec.template.spec.containers).toEqual([
    { name: 'c', image: 'i', resources: {}, ports: [{ containerPort: 80 }] },
  ]);
});
