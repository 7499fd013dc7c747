import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FieldPath } from '../../../../src/api/field-errors.ts';
import { parseJson } from '../../../../src/api/json.ts';
import { complaints, fieldOf, schemaOf, updateComplaints } from './kit.ts';

/** Cases and texts are those of apiextensions-apiserver `pkg/apiserver/validation/validation_test.go`, and more. */

const wrong = (type: string, given: string) =>
  `field: Invalid value: "${given}": field in body must be of type ${type}: "${given}"`;
const anyOf = '<nil>: Invalid value: "": "field" must validate at least one schema (anyOf)';
const noneOfAll = '<nil>: Invalid value: "": "field" must validate all the schemas (allOf). None validated';
const notWhole = '<nil>: Invalid value: "": Checked value must be of type integer (default format) in field';

describe('types', () => {
  test.each<[string, unknown, string[]]>([
    ['{type: object}', {}, []],
    ['{type: object}', 'foo', [wrong('object', 'string')]],
    ['{type: object}', 42, [wrong('object', 'integer')]],
    ['{type: object}', true, [wrong('object', 'boolean')]],
    ['{type: object}', 1.2, [wrong('object', 'number')]],
    ['{type: object}', [], [wrong('object', 'array')]],
    ['{type: object}', null, [wrong('object', 'null')]],
    ['{type: object, nullable: true}', null, []],
    ['{nullable: true}', [], []],
    ['{}', null, []],
    ['{type: number}', 3, []],
    ['{type: integer}', 3, []],
    ['{type: integer}', 3.5, [wrong('integer', 'number'), notWhole]],
    ['{type: integer}', 1e300, [wrong('integer', 'number'), notWhole]],
    ['{type: string, nullable: true, enum: [a]}', null, ['field: Unsupported value: null: supported values: "a"']],
    ['{x-kubernetes-int-or-string: true}', 42, []],
    ['{x-kubernetes-int-or-string: true}', 'foo', []],
    ['{x-kubernetes-int-or-string: true}', null, [wrong('integer,string', 'null')]],
    ['{x-kubernetes-int-or-string: true}', 1.2, [wrong('integer,string', 'number')]],
    ['{x-kubernetes-int-or-string: true, nullable: true}', null, []],
  ])('%s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });

  const either = '{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}';
  const nested = '{x-kubernetes-int-or-string: true, allOf: [{anyOf: [{type: integer}, {type: string}]}]}';
  test.each<[string, unknown, string[]]>([
    [either, 'x', []],
    [either, true, [wrong('integer,string', 'boolean'), anyOf, wrong('integer', 'boolean')]],
    [either, 1.2, [wrong('integer,string', 'number'), anyOf, wrong('integer', 'number'), notWhole]],
    [nested, {}, [wrong('integer,string', 'object'), anyOf, wrong('integer', 'object'), noneOfAll]],
  ])('int or string by branches: %s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });
});

describe('numbers', () => {
  const inBody = (value: string, text: string) => `field: Invalid value: ${value}: field in body should be ${text}`;
  const range = (format: string) => `<nil>: Invalid value: "": Checked value must be of type ${format} in field`;
  test.each<[string, string, string[]]>([
    ['{type: integer, minimum: 1}', '0', [inBody('0', 'greater than or equal to 1')]],
    ['{type: integer, minimum: 1, exclusiveMinimum: true}', '1', [inBody('1', 'greater than 1')]],
    ['{type: integer, maximum: 10}', '11', [inBody('11', 'less than or equal to 10')]],
    ['{type: number, maximum: 0.5, exclusiveMaximum: true}', '0.5', [inBody('0.5', 'less than 0.5')]],
    ['{type: number, maximum: 0.00001}', '0.5', [inBody('0.5', 'less than or equal to 1e-05')]],
    ['{type: integer, multipleOf: 3}', '9', []],
    ['{type: integer, multipleOf: 3}', '10', [inBody('10', 'a multiple of 3')]],
    ['{type: number, multipleOf: 0.1}', '0.3', []],
    ['{type: number, multipleOf: 0.5}', '0.7', [inBody('0.7', 'a multiple of 0.5')]],
    ['{type: integer, format: int32}', '2147483647', []],
    ['{type: integer, format: int32}', '2147483648', [range('integer with format int32')]],
    ['{type: integer, format: int32}', '-2147483649', [range('integer with format int32')]],
    ['{type: integer, format: int64}', '9223372036854775807', []],
    ['{type: number, format: float}', '1e39', [range('number with format float')]],
    [
      '{type: integer, format: int64}',
      '1e30',
      [
        'field: Invalid value: "float64": field in body must be of type int64: "float64"',
        range('integer with format int64'),
      ],
    ],
    [
      '{type: integer, maximum: 9007199254740993}',
      '9007199254740993',
      [inBody('9007199254740993', 'less than or equal to 9007199254740992')],
    ],
    ['{type: integer, enum: [1, 2]}', '2.0', []],
    ['{type: integer, enum: [1, 2]}', '3', ['field: Unsupported value: 3: supported values: "1", "2"']],
  ])('%s takes %s', (schema, json, expected) => {
    const { value } = parseJson(Buffer.from(`{"field":${json}}`));
    expect(complaints(fieldOf(schema), value)).toEqual(expected);
  });
});

describe('texts', () => {
  const inBody = (value: string, text: string) => `field: Invalid value: "${value}": field in body should ${text}`;
  test.each<[string, string, string[]]>([
    ['{type: string, maxLength: 2}', 'abc', ['field: Too long: may not be more than 2 bytes']],
    ['{type: string, maxLength: 2}', '🙂🙂', []],
    ['{type: string, minLength: 1}', '', [inBody('', 'be at least 1 chars long')]],
    ['{type: string, pattern: "^a$"}', 'a', []],
    ['{type: string, pattern: "^a$"}', 'b', [inBody('b', "match '^a$'")]],
    [
      '{type: string, pattern: "+"}',
      'foo',
      [
        inBody(
          'foo',
          "match '+, but pattern is invalid: error parsing regexp: missing argument to repetition operator: `+`'",
        ),
      ],
    ],
    ['{type: string, enum: [a, b]}', 'c', ['field: Unsupported value: "c": supported values: "a", "b"']],
    ['{type: string, format: date}', '2024-02-30', [wrongFormat('date', '2024-02-30')]],
    ['{type: string, format: k8s-short-name}', 'a-', [wrongFormat('k8s-short-name', 'a-')]],
    ['{type: string, format: made-up}', 'anything', []],
  ])('%s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });

  test('a pattern that would make a backtracking engine hang is no trouble', () => {
    const schema = fieldOf('{type: string, pattern: "^(a+)+$"}');
    expect(complaints(schema, { field: `${'a'.repeat(50_000)}!` })).toHaveLength(1);
  });
});

function wrongFormat(format: string, value: string) {
  return `field: Invalid value: "${value}": field in body must be of type ${format}: "${value}"`;
}

describe('objects and lists', () => {
  test.each<[string, unknown, string[]]>([
    ['{type: object, required: [a, b]}', { a: 1 }, ['field.b: Required value']],
    ['{type: object, required: [toString]}', {}, ['field.toString: Required value']],
    ['{type: object, maxProperties: 2}', { a: 1, b: 2, c: 3 }, ['field: Too many: 3: must have at most 2 items']],
    [
      '{type: object, minProperties: 1}',
      {},
      ['field: Invalid value: 0: field in body should have at least 1 properties'],
    ],
    [
      '{type: object, additionalProperties: false}',
      { a: 1 },
      ['field: Invalid value: "a": field.a in body is a forbidden property'],
    ],
    ['{type: object, additionalProperties: true}', { a: 1 }, []],
    [
      '{type: object, additionalProperties: {type: string}}',
      { a: 1 },
      ['field.a: Invalid value: "integer": field.a in body must be of type string: "integer"'],
    ],
    ['{type: array, maxItems: 1}', [1, 2], ['field: Too many: 2: must have at most 1 item']],
    ['{type: array, minItems: 1}', [], ['field: Invalid value: 0: field in body should have at least 1 items']],
    [
      '{type: array, items: {type: object, properties: {x: {type: string}}}}',
      [{}, { x: 5 }],
      ['field[1].x: Invalid value: "integer": field[1].x in body must be of type string: "integer"'],
    ],
  ])('%s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });

  test('paths below a status begin with it, texts do not', () => {
    const schema = schemaOf('{type: object, properties: {replicas: {type: integer}}}');
    expect(complaints(schema, { replicas: 'x' }, FieldPath.of('status'))).toEqual([
      'status.replicas: Invalid value: "string": replicas in body must be of type integer: "string"',
    ]);
  });
});

describe('branches', () => {
  const one = '{type: object, oneOf: [{required: [a]}, {required: [b]}]}';
  test.each<[string, unknown, string[]]>([
    [one, { a: 1 }, []],
    [
      one,
      {},
      [
        '<nil>: Invalid value: "": "field" must validate one and only one schema (oneOf). Found none valid',
        'field.a: Required value',
      ],
    ],
    [
      one,
      { a: 1, b: 2 },
      ['<nil>: Invalid value: "": "field" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      '{type: object, not: {required: [a]}}',
      { a: 1 },
      ['<nil>: Invalid value: "": "field" must not validate the schema (not)'],
    ],
    [
      '{type: object, allOf: [{required: [a]}, {required: [b]}]}',
      { a: 1 },
      ['field.b: Required value', '<nil>: Invalid value: "": "field" must validate all the schemas (allOf)'],
    ],
    // The branch with most that is right speaks.
    [
      '{type: object, anyOf: [{required: [x]}, {properties: {a: {type: string}, b: {enum: [1]}}}]}',
      { a: 'ok', b: 2 },
      [
        '<nil>: Invalid value: "": "field" must validate at least one schema (anyOf)',
        'field.b: Unsupported value: 2: supported values: "1"',
      ],
    ],
  ])('%s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });
});

describe('sets and map lists', () => {
  const map = '{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object}}';
  test.each<[string, unknown, string[]]>([
    [
      '{type: array, x-kubernetes-list-type: set, items: {type: string}}',
      ['a', 'b', 'a', 'a'],
      ['field[2]: Duplicate value: "a"'],
    ],
    [
      '{type: array, x-kubernetes-list-type: set, items: {type: object, x-kubernetes-map-type: atomic}}',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      ['field[1]: Duplicate value: {"b":2,"a":1}'],
    ],
    [map, [{ k: 1 }, { k: 2 }], []],
    [
      map,
      [
        { k: 1, v: 1 },
        { k: 1, v: 2 },
      ],
      ['field[1]: Duplicate value: {"k":1}'],
    ],
    [map, [{}, {}], ['field[1]: Duplicate value: {}']],
  ])('%s takes %j', (schema, value, expected) => {
    expect(complaints(fieldOf(schema), { field: value })).toEqual(expected);
  });

  test('repeated items may be changed further', () => {
    const schema = fieldOf('{type: array, x-kubernetes-list-type: set, items: {type: string}}');
    expect(updateComplaints(schema, { field: ['b', 'b'] }, { field: ['a', 'a'] })).toEqual([]);
    expect(updateComplaints(schema, { field: ['b', 'b'] }, { field: ['a'] })).toHaveLength(1);
  });
});

describe('embedded objects', () => {
  const schema = fieldOf(
    '{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}',
  );
  test.each<[string, string[]]>([
    ['{apiVersion: v1, kind: Pod}', []],
    ['{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {b: c}}}', []],
    ['{}', ['field.apiVersion: Required value', 'field.kind: Required value']],
    [
      '{apiVersion: "", kind: ""}',
      ['field.apiVersion: Invalid value: "": must not be empty', 'field.kind: Invalid value: "": must not be empty'],
    ],
    [
      '{apiVersion: a/b/c, kind: Pod}',
      ['field.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ],
    [
      '{apiVersion: v1, kind: Pod, metadata: {name: a/b}}',
      [`field.metadata.name: Invalid value: "a/b": may not contain '/'`],
    ],
  ])('%s', (yaml, expected) => {
    expect(complaints(schema, { field: parse(yaml) })).toEqual(expected);
  });
});

describe('ratcheting', () => {
  const schema = schemaOf(`
    type: object
    properties:
      kind: {type: string, maxLength: 1}
      a: {type: string, maxLength: 1}
      b: {type: object, required: [x], properties: {y: {type: integer, maximum: 1}}}
      atomic: {type: array, items: {type: integer, maximum: 1}}
      map:
        type: array
        x-kubernetes-list-type: map
        x-kubernetes-list-map-keys: [k]
        items: {type: object, properties: {k: {type: string}, v: {type: integer, maximum: 1}}}
      open: {type: object, required: [x], x-kubernetes-preserve-unknown-fields: true}`);
  test.each<[string, string, string, number]>([
    ['an unchanged field', '{a: xx}', '{a: xx}', 0],
    ['a changed field', '{a: xy}', '{a: xx}', 1],
    ['a new field', '{a: xy}', '{}', 1],
    ['an unchanged field of an object with another error', '{b: {y: 5, z: 1}}', '{b: {y: 5}}', 1],
    ['an atomic list unchanged', '{atomic: [5]}', '{atomic: [5]}', 0],
    ['an atomic list of which a part is unchanged', '{atomic: [5, 0]}', '{atomic: [5]}', 1],
    ['an item of a map list that moved', '{map: [{k: b}, {k: a, v: 5}]}', '{map: [{k: a, v: 5}]}', 0],
    ['a new item of a map list', '{map: [{k: b, v: 5}]}', '{map: [{k: a, v: 5}]}', 1],
    ['the kind', '{kind: xx}', '{kind: xx}', 1],
    ['fields that no schema knows', '{open: {y: 1}}', '{open: {y: 1}}', 1],
  ])('%s', (_, now, old, count) => {
    const root = now === '{kind: xx}' ? { rest: 1 } : {};
    expect(updateComplaints(schema, { ...parse(now), ...root }, parse(old))).toHaveLength(count);
  });
});
