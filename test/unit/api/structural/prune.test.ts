import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { prune } from '../../../../src/api/structural/prune.ts';
import { schemaOf } from './kit.ts';

/** Prunes a value: what is left, and what was dropped. */
function pruned(schema: string, yaml: string, options?: Parameters<typeof prune>[2]) {
  const value = parse(yaml);
  const unknown = prune(schemaOf(schema), value, options);
  return { value, unknown };
}

const abc = '{properties: {a: {}, b: {}, c: {}}}';
const open = 'x-kubernetes-preserve-unknown-fields: true';

/** Cases of apiextensions-apiserver `pkg/apiserver/schema/pruning/algorithm_test.go`. */
test.each<[string, string, string, string, string[]]>([
  ['unknown fields', abc, '{a: 1, d: 2}', '{a: 1}', ['d']],
  [
    'nested',
    `{properties: {o: ${abc}, l: {items: ${abc}}}}`,
    '{o: {a: 1, x: 2}, l: [{a: 1}, {y: 1}]}',
    '{o: {a: 1}, l: [{a: 1}, {}]}',
    ['l[1].y', 'o.x'],
  ],
  ['a map', `{additionalProperties: ${abc}}`, '{m: {a: 1, x: 2}}', '{m: {a: 1}}', ['m.x']],
  ['any map', '{additionalProperties: true}', '{m: {a: 1}, n: 5}', '{m: {}, n: 5}', ['m.a']],
  ['kept unknown fields', `{${open}, properties: {a: {}}}`, '{b: {c: 1}, a: {d: 1}}', '{b: {c: 1}, a: {}}', ['a.d']],
  ['pruning again below', `{${open}, properties: {a: {${open}}}}`, '{a: {d: 1}}', '{a: {d: 1}}', []],
  [
    'kept in lists',
    `{properties: {l: {${open}, items: {properties: {a: {}}}}}}`,
    '{l: [{x: 1, a: {y: 1}}]}',
    '{l: [{x: 1, a: {}}]}',
    ['l[0].a.y'],
  ],
  ['kept in lists of anything', `{properties: {l: {${open}}}}`, '{l: [{x: 1}]}', '{l: [{x: 1}]}', []],
  ['names of Object', abc, '{toString: 1, constructor: {a: 1}}', '{}', ['constructor', 'toString']],
])('%s', (_, schema, given, left, unknown) => {
  expect(pruned(schema, given)).toEqual({ value: parse(left), unknown });
});

test('the root keeps apiVersion, kind and metadata as they are', () => {
  const { value, unknown } = pruned(abc, '{apiVersion: v1, kind: A, metadata: {x: 1}, spec: {}}', { root: true });
  expect(value).toEqual({ apiVersion: 'v1', kind: 'A', metadata: { x: 1 } });
  expect(unknown).toEqual(['spec']);
});

describe('embedded objects', () => {
  const schema = '{properties: {e: {x-kubernetes-embedded-resource: true, properties: {spec: {}}}}}';

  test('keep what ObjectMeta knows', () => {
    const { value, unknown } = pruned(
      schema,
      '{e: {apiVersion: v1, kind: A, metadata: {name: a, x: 1}, spec: 1, status: 1}}',
    );
    expect(value).toEqual({ e: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec: 1 } });
    expect(unknown).toEqual(['e.metadata.x', 'e.status']);
  });

  test('have no creation time of their own', () => {
    expect(pruned(schema, '{e: {metadata: {creationTimestamp: null}}}').value).toEqual({ e: { metadata: {} } });
  });

  test.each<[string, RegExp]>([
    ['{e: {metadata: {name: 5}}}', /^e\.metadata: Invalid value: \{"name":5\}: json: cannot unmarshal number/],
    ['{e: {metadata: 5}}', /^e\.metadata: Invalid value: 5: json: cannot unmarshal number/],
    ['{e: {kind: 5}}', /^e\.kind: Invalid value: 5: must be a string$/],
  ])('%s is refused, or dropped from what was stored', (yaml, text) => {
    expect(() => pruned(schema, yaml)).toThrow(text);
    expect(() => pruned(schema, yaml, { malformed: 'drop' })).not.toThrow();
  });

  test('stored metadata loses only its malformed fields', () => {
    const { value } = pruned(schema, '{e: {metadata: {name: 5, labels: {a: b}}}}', { malformed: 'drop' });
    expect(value).toEqual({ e: { metadata: { labels: { a: 'b' } } } });
  });
});

test('only the first hundred unknown fields are named', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i]));
  expect(prune(schemaOf(abc), many)).toHaveLength(100);
  expect(many).toEqual({});
});
