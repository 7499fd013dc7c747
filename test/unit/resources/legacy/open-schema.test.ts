import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorList } from '../../../../src/api/field-errors.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { customResourceDefinition } from '../../../../src/resources/apiextensions/custom-resource-definition.ts';
import { openSchema } from '../../../../src/resources/legacy/open-schema.ts';
import { arbitrarySchema } from '../../../kit/arbitrary-object.ts';

const preserve = { 'x-kubernetes-preserve-unknown-fields': true };
const under = (schema: object) => ({ type: 'object', properties: { a: schema } });
const opened = (schema: object) =>
  (openSchema(under(schema) as JSONSchemaProps) as { properties: { a: object } }).properties.a;

test.each<[string, object, object]>([
  ['a typed value', { type: 'string', pattern: '^a$' }, { type: 'string', pattern: '^a$' }],
  ['an object', { type: 'object' }, { type: 'object', ...preserve }],
  [
    'an object without a type',
    { properties: { b: { type: 'string' } } },
    { type: 'object', properties: { b: { type: 'string' } }, ...preserve },
  ],
  ['a type that there is not', { type: 'int', minimum: 1 }, { minimum: 1, ...preserve }],
  ['nothing at all', { description: 'x' }, { description: 'x', ...preserve }],
  ['a map', { additionalProperties: { type: 'string' } }, { type: 'object', additionalProperties: { type: 'string' } }],
  ['a closed object', { type: 'object', additionalProperties: false }, { type: 'object', ...preserve }],
  ['a list', { items: { properties: {} } }, { type: 'array', items: { type: 'object', properties: {}, ...preserve } }],
  ['a list of anything', { type: 'array' }, { type: 'array', items: preserve }],
  ['a tuple', { type: 'array', items: [{ type: 'string' }] }, { type: 'array', items: preserve }],
  [
    'an integer or a string',
    { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    { 'x-kubernetes-int-or-string': true },
  ],
  [
    'the same with the flag',
    { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    { 'x-kubernetes-int-or-string': true },
  ],
  [
    'a choice of required fields',
    { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] },
    { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }], ...preserve },
  ],
  ['a choice of shapes', { oneOf: [{ type: 'object' }, { type: 'array' }] }, preserve],
  [
    'a choice about fields that are not described',
    { type: 'object', not: { properties: { b: { minimum: 1 } } } },
    { type: 'object', ...preserve },
  ],
  [
    'what v1 refuses',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    { type: 'array', items: { type: 'string' } },
  ],
  [
    'an embedded resource',
    { 'x-kubernetes-embedded-resource': true, properties: { kind: {}, metadata: {} } },
    {
      'x-kubernetes-embedded-resource': true,
      type: 'object',
      properties: { kind: { type: 'string' }, metadata: { type: 'object', ...preserve } },
      ...preserve,
    },
  ],
])('%s', (_, schema, expected) => {
  expect(opened(schema)).toEqual(expected);
});

test('the root is an open object, and says of metadata no more than what names look like', () => {
  expect(openSchema(undefined)).toEqual({ type: 'object', ...preserve });
  expect(openSchema({ additionalProperties: { type: 'string' } } as JSONSchemaProps)).toEqual({
    type: 'object',
    ...preserve,
  });
  const name = { type: 'string', maxLength: 5 };
  const metadata = { description: 'x', properties: { name, labels: { type: 'object' } } };
  expect(openSchema({ properties: { metadata, kind: {} } } as unknown as JSONSchemaProps)).toEqual({
    type: 'object',
    properties: { kind: { type: 'string' }, metadata: { type: 'object', properties: { name } } },
    ...preserve,
  });
});

const runs = { seed: 12, numRuns: 300 };

test('opening an open schema changes nothing', () => {
  fc.assert(
    fc.property(arbitrarySchema, (schema) => {
      const once = openSchema(schema as JSONSchemaProps);
      expect(openSchema(once)).toEqual(once);
    }),
    runs,
  );
});

test('v1 takes any schema once it is open', () => {
  const definition = (openAPIV3Schema: JSONSchemaProps) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      conversion: { strategy: 'None' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
    status: { storedVersions: ['v1'] },
  });
  fc.assert(
    fc.property(arbitrarySchema, (schema) => {
      const errors = new ErrorList();
      const object = definition(openSchema(schema as JSONSchemaProps)) as unknown as KubeObject;
      customResourceDefinition.validateCreate?.(object, errors);
      expect(errors.errors.map((error) => error.text)).toEqual([]);
    }),
    runs,
  );
});
