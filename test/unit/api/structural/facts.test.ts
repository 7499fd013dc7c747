import { expect, test } from 'vitest';
import { compareFields } from '../../../../src/api/managed-fields/compare.ts';
import { structuralFacts } from '../../../../src/api/structural/facts.ts';
import { schemaOf } from './kit.ts';

const facts = structuralFacts(
  schemaOf(`
    type: object
    properties:
      spec:
        type: object
        properties:
          size: {type: integer}
          set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
          map:
            type: array
            x-kubernetes-list-type: map
            x-kubernetes-list-map-keys: [name, port]
            items: {type: object, properties: {name: {type: string}, port: {type: integer, default: 80}, v: {type: string}}}
          atomicMap: {type: object, x-kubernetes-map-type: atomic, additionalProperties: {type: string}}
          labels: {type: object, additionalProperties: {type: string}}
          any: {x-kubernetes-preserve-unknown-fields: true}
          list: {type: array, items: {type: string}}
          percent: {x-kubernetes-int-or-string: true}`),
  'example.com',
  'v1',
  'Widget',
);

/** The paths that a spec owns. */
const owned = (spec: unknown) => compareFields(facts, {}, { spec } as object).changed['f:spec'];

test.each<[string, unknown, unknown]>([
  ['a scalar', { size: 1 }, { '.': {}, 'f:size': {} }],
  ['a set', { set: ['a'] }, { '.': {}, 'f:set': { '.': {}, 'v:"a"': {} } }],
  [
    'a map list, keys with their defaults',
    { map: [{ name: 'a', v: 'x' }] },
    { '.': {}, 'f:map': { '.': {}, 'k:{"name":"a","port":80}': { '.': {}, 'f:name': {}, 'f:v': {} } } },
  ],
  ['an atomic map', { atomicMap: { a: 'b' } }, { '.': {}, 'f:atomicMap': {} }],
  ['a map', { labels: { a: 'b' } }, { '.': {}, 'f:labels': { '.': {}, 'f:a': {} } }],
  [
    'an object nobody describes',
    { any: { a: { b: [1] } } },
    { '.': {}, 'f:any': { '.': {}, 'f:a': { '.': {}, 'f:b': {} } } },
  ],
  ['a list without a type', { list: ['a'] }, { '.': {}, 'f:list': {} }],
  ['an int or string', { percent: '5%' }, { '.': {}, 'f:percent': {} }],
])('%s', (_, spec, expected) => {
  expect(owned(spec)).toEqual(expected);
});

test('metadata is that of every object', () => {
  const { changed } = compareFields(facts, {}, { metadata: { finalizers: ['a/b'] } });
  expect(changed['f:metadata']).toEqual({ '.': {}, 'f:finalizers': { '.': {}, 'v:"a/b"': {} } });
  expect(facts.kind).toMatchObject({ group: 'example.com', version: 'v1', kind: 'Widget' });
});
