import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { deepFreeze, encode, metadataRange } from '../../../src/store/encode.ts';
import { Floors } from '../../../src/store/floors.ts';
import { createMemoryStore } from '../../../src/store/memory-store.ts';
import { packRows, unpackRows } from '../../../src/store/row-batch.ts';
import { parseKey, rowKey } from '../../../src/store/row-key.ts';
import { object, pod } from './contract.ts';

describe('metadataRange', () => {
  test.each([
    ['in the middle', '{"kind":"Pod","metadata":{"name":"a"},"spec":{}}', '{"name":"a"}'],
    ['not the one of a template', '{"spec":{"metadata":{"x":1}},"metadata":{"name":"a"}}', '{"name":"a"}'],
    ['past strings that look like it', '{"note":"\\"metadata\\":{","metadata":{"a":{"b":[{}]}}}', '{"a":{"b":[{}]}}'],
    ['with braces and escapes in strings', '{"metadata":{"a":"}\\\\","b":"\\\\\\"{"}}', '{"a":"}\\\\","b":"\\\\\\"{"}'],
    ['absent', '{"kind":"Status","list":["metadata"]}', undefined],
  ])('%s', (_, json, expected) => {
    const bytes = Buffer.from(json);
    const range = metadataRange(bytes);
    expect(range && bytes.toString('utf8', range.start, range.end)).toBe(expected);
  });
});

test('keys survive their way through a row, slashes in names included', () => {
  for (const key of [pod('a'), { resource: 'nodes', namespace: '', name: 'n' }, { ...pod('a'), name: 'a/b' }]) {
    expect(parseKey(rowKey(key))).toEqual(key);
  }
});

test('rows survive packing', () => {
  const rows = [
    {
      revision: 2 ** 40,
      previous: 0,
      type: 0 as const,
      time: 1.7e12,
      key: 'pods/a/b',
      value: Buffer.from('{"a":"ü"}'),
    },
    { revision: 2 ** 40 + 1, previous: 2 ** 40, type: 2 as const, time: 1.7e12, key: 'pods/a/b', value: undefined },
    { revision: 2 ** 40 + 2, previous: 1, type: 1 as const, time: 1.7e12, key: 'pods/a/c', value: Buffer.from('{}') },
  ];
  expect([...unpackRows(packRows(rows))]).toEqual(rows);
});

test('deepFreeze reaches everything', () => {
  const value = deepFreeze({ a: [{ b: { c: [1] } }] });
  expect(Object.isFrozen(value.a[0]!.b.c)).toBe(true);
});

test('encode keeps the bytes in a buffer of their own', () => {
  const bytes = encode({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ä' } } as KubeObject);
  expect(bytes.buffer.byteLength).toBe(bytes.length);
});

describe('floors', () => {
  const reach = { ms: 10_000, rows: 1000, bytes: 1000 };
  test('by age, rows and bytes, whichever is nearest', () => {
    const floors = new Floors();
    for (let second = 0; second < 20; second++) floors.note(second * 10, second * 1000, 10);
    expect(floors.floor(reach, 20_000)).toBe(90);
    expect(floors.floor({ ...reach, rows: 50 }, 20_000)).toBe(130);
    expect(floors.floor({ ...reach, bytes: 40 }, 20_000)).toBe(140);
    expect(floors.floor({ ...reach, ms: 60_000 }, 20_000)).toBe(0);
  });
  test('a burst within one mark is bounded too', () => {
    const floors = new Floors();
    for (let revision = 1; revision <= 5000; revision++) floors.note(revision, 0, 1);
    expect(floors.floor(reach, 0)).toBe(3000);
  });
});

test('values that were released come back as the same pointer while somebody holds them', async () => {
  const store = createMemoryStore({ cache: { objects: 2000 } });
  const first = await store.create(pod('first'), object(pod('first')));
  const held = first.object;
  for (let n = 0; n < 200; n++) await store.create(pod(`p${n}`), object(pod(`p${n}`)));
  expect(first.object).toBe(held);
  expect(store.get(pod('p0'))!.object).toEqual(JSON.parse(store.get(pod('p0'))!.bytes.toString()));
  expect(Object.isFrozen(store.get(pod('p0'))!.object.metadata)).toBe(true);
  await store.close();
});
