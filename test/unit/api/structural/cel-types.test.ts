import { describe, expect, test } from 'vitest';
import { celDeclaration, celType, maxRequestSize } from '../../../../src/api/structural/cel-types.ts';
import { schemaOf } from './kit.ts';

/** Sizes are those of apiextensions-apiserver `pkg/apiserver/schema/cel/model/schemas_test.go`. */
test.each<[string, number]>([
  ['{type: array, items: {type: boolean}}', 629145],
  ['{type: array, items: {type: string, format: duration}}', 786431],
  ['{type: array, items: {type: string, format: date-time}}', 142987],
  ['{type: array, items: {type: string, format: date}}', 241978],
  ['{type: array, items: {type: integer}}', 1572863],
  ['{type: array, items: {type: string}}', 1048575],
  ['{type: array, maxItems: 10, items: {type: integer}}', 10],
  [
    '{type: array, items: {type: object, required: [required], properties: {required: {type: string}, o: {type: string}}}}',
    185042,
  ],
  ['{type: array, items: {type: object, required: [f], properties: {f: {type: string, default: x}}}}', 1048575],
  ['{type: object, additionalProperties: {type: string}}', 393215],
  ['{type: object, maxProperties: 15, additionalProperties: {type: string}}', 15],
])('%s has at most %i elements', (schema, count) => {
  expect(celType(schemaOf(schema))).toMatchObject({ maxElements: count });
});

test.each<[string, number]>([
  ['{type: string, maxLength: 20}', 80],
  ['{type: string}', maxRequestSize - 2],
  ['{type: string, enum: [a, four]}', 4],
  ['{type: string, format: byte, maxLength: 20}', 20],
  ['{type: string, format: duration}', 32],
  ['{type: string, format: date}', 12],
  ['{type: string, format: date-time}', 32],
  ['{x-kubernetes-int-or-string: true}', maxRequestSize - 2],
  ['{x-kubernetes-int-or-string: true, maxLength: 5}', 20],
  ['{type: string, maxLength: -1}', 0],
])('%s is at most %i long', (schema, length) => {
  expect(celType(schemaOf(schema))).toMatchObject({ maxLength: length });
});

describe('what rules do not see', () => {
  test.each([
    '{x-kubernetes-preserve-unknown-fields: true}',
    '{type: array, items: {x-kubernetes-preserve-unknown-fields: true}}',
    '{type: object, additionalProperties: {}}',
  ])('%s', (schema) => {
    expect(celType(schemaOf(schema))).toBeUndefined();
  });

  test('is left out of objects', () => {
    const type = celType(schemaOf('{type: object, properties: {a: {type: string}, b: {}, "c d": {type: string}}}'));
    expect(type?.kind === 'object' && [...type.fields.keys()]).toEqual(['a']);
  });
});

test('names are escaped, keywords are there plain too', () => {
  const type = celType(schemaOf('{type: object, properties: {a-b: {type: string}, namespace: {type: string}}}'));
  expect(type?.kind === 'object' && [...type.fields.keys()]).toEqual(['a__dash__b', '__namespace__', 'namespace']);
});

test('a whole object shows its type and its names', () => {
  const type = celDeclaration(schemaOf('{type: object, properties: {spec: {type: string}}}'), true)!.type;
  expect(type.kind === 'object' && [...type.fields.keys()]).toEqual(['spec', 'kind', 'apiVersion', 'metadata']);
});

test('how two lists compare is in their type', () => {
  const schema = schemaOf(
    '{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object}}',
  );
  expect(celType(schema)).toMatchObject({ listType: 'map', listKeys: ['k'] });
});
