import { describe, expect, test } from 'vitest';
import { applySchemaDefaults } from '../../../../src/api/structural/defaults.ts';
import { prune } from '../../../../src/api/structural/prune.ts';
import { compileStructural } from '../../../../src/api/structural/structural.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { complaints, schemaOf, updateComplaints } from './kit.ts';

/** Something within something, as deep as a document may be. */
function nested<T>(depth: number, wrap: (inner: T) => T, innermost: T): T {
  let value = innermost;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

const deep = 240;

describe('deep schemas and values', () => {
  test.each<[string, (inner: JSONSchemaProps) => JSONSchemaProps, (inner: unknown) => unknown]>([
    ['properties', (s) => ({ type: 'object', properties: { a: s } }), (v) => ({ a: v })],
    ['items', (s) => ({ type: 'array', items: s }), (v) => [v]],
    ['maps', (s) => ({ type: 'object', additionalProperties: s }), (v) => ({ k: v })],
    ['not', (s) => ({ not: s }), (v) => v],
    ['anyOf', (s) => ({ anyOf: [s, { type: 'boolean' }] }), (v) => v],
    ['oneOf', (s) => ({ oneOf: [s, { type: 'boolean' }] }), (v) => v],
    ['allOf', (s) => ({ allOf: [s] }), (v) => v],
  ])('%s', (_, wrap, wrapValue) => {
    const schema = compileStructural({
      type: 'object',
      properties: { root: nested(deep, wrap, { type: 'integer' } as JSONSchemaProps) },
    });
    const value = () => ({ root: nested(deep, wrapValue, 1 as unknown) });
    expect(complaints(schema, value())).toEqual([]);
    expect(updateComplaints(schema, value(), value())).toEqual([]);
    const tree = value();
    expect(prune(schema, tree)).toEqual([]);
    applySchemaDefaults(schema, tree);
    expect(tree).toEqual(value());
  });
});

test('not more than a thousand findings are told', () => {
  const schema = schemaOf('{type: object, properties: {l: {type: array, items: {type: string}}}}');
  expect(complaints(schema, { l: Array.from({ length: 50_000 }, () => 1) })).toHaveLength(1000);
});

test('names of Object are no fields', () => {
  const schema = schemaOf('{type: object, required: [constructor], properties: {toString: {type: string}}}');
  expect(complaints(schema, {})).toEqual(['constructor: Required value']);
  expect(complaints(schema, { constructor: 1 })).toEqual([]);
});
