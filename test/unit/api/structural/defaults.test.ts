import { expect, test } from 'vitest';
import { applySchemaDefaults } from '../../../../src/api/structural/defaults.ts';
import { schemaOf } from './kit.ts';

function defaulted(schema: string, json: string): unknown {
  const value = JSON.parse(json);
  applySchemaDefaults(schemaOf(`{properties: {v: ${schema}}}`), value);
  return value;
}

const abc = '{properties: {a: {default: A}, b: {default: B}}}';

/** Cases of apiextensions-apiserver `pkg/apiserver/schema/defaulting/*_test.go`. */
test.each<[string, string, string, string]>([
  ['scalars have none', '{default: x}', '{"v":4}', '{"v":4}'],
  ['items', `{items: ${abc}}`, '{"v":[{"a":1},{}]}', '{"v":[{"a":1,"b":"B"},{"a":"A","b":"B"}]}'],
  ['maps', `{additionalProperties: ${abc}}`, '{"v":{"x":{"b":2}}}', '{"v":{"x":{"b":2,"a":"A"}}}'],
  ['empty is not absent', abc, '{"v":{"a":"","b":0}}', '{"v":{"a":"","b":0}}'],
  ['absent objects get nothing inside', abc, '{}', '{}'],
  [
    'defaults within defaults',
    '{default: {}, properties: {a: {default: {}, properties: {b: {default: 1}}}}}',
    '{}',
    '{"v":{"a":{"b":1}}}',
  ],
  ['a null that is not allowed', '{properties: {a: {default: A}}}', '{"v":{"a":null}}', '{"v":{"a":"A"}}'],
  ['a null that is allowed', '{properties: {a: {default: A, nullable: true}}}', '{"v":{"a":null}}', '{"v":{"a":null}}'],
  ['a null without a default', '{properties: {a: {}, b: {}}}', '{"v":{"a":null,"b":1}}', '{"v":{"b":1}}'],
  ['a null of no schema', '{properties: {a: {}}}', '{"v":{"b":null}}', '{"v":{"b":null}}'],
  ['a null at the top', '{}', '{"v":null}', '{}'],
  ['a null in a list', '{items: {default: A}}', '{"v":[null]}', '{"v":["A"]}'],
  ['a null in a list without a default', '{items: {}}', '{"v":[null]}', '{"v":[null]}'],
  ['a null in a map', '{additionalProperties: {default: A}}', '{"v":{"a":null}}', '{"v":{"a":"A"}}'],
  ['a null in a map of anything', '{additionalProperties: true}', '{"v":{"a":null}}', '{"v":{"a":null}}'],
  ['names of Object', '{properties: {toString: {default: x}}}', '{"v":{}}', '{"v":{"toString":"x"}}'],
])('%s', (_, schema, given, expected) => {
  expect(defaulted(schema, given)).toEqual(JSON.parse(expected));
});

test('defaults are copied: objects never share them', () => {
  const schema = schemaOf('{properties: {a: {default: {b: [1]}}}}');
  const [one, two] = [{}, {}] as [Record<string, { b: number[] }>, Record<string, { b: number[] }>];
  applySchemaDefaults(schema, one);
  applySchemaDefaults(schema, two);
  one['a']!.b.push(2);
  expect(two['a']!.b).toEqual([1]);
});
