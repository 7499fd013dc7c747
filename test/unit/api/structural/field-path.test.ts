import { expect, test } from 'vitest';
import { followPath } from '../../../../src/api/structural/field-path.ts';
import { schemaOf } from './kit.ts';

const schema = schemaOf(`
  type: object
  properties:
    "'foo'bar": {type: string}
    white space: {type: string}
    a: {type: object, properties: {"bbb.c": {type: string}, "foo's": {type: string}, bbb: {type: object, properties: {"34": {type: integer}}}}}
    foo: {type: object, additionalProperties: {type: string}}
    list: {type: array, items: {type: object, properties: {a: {type: string}}}}`);

const nowhere = 'does not refer to a valid field';

/** Cases of apiextensions-apiserver `pkg/apiserver/schema/cel/validation_test.go`. */
test.each<[string, string]>([
  ['.a', 'a'],
  [`['\\'foo\\'bar']`, `'foo'bar`],
  ['.white space', 'white space'],
  ["['white space']", 'white space'],
  [".a['bbb.c']", 'a.bbb.c'],
  [`.a['foo\\'s']`, `a.foo's`],
  [".a.foo's", `a.foo's`],
  ['.foo.subAdd', 'foo[subAdd]'],
  [".foo['sub.add']", 'foo[sub.add]'],
  ['.a.bbb.34', 'a.bbb.34'],
  [".a.bbb['34']", 'a.bbb.34'],
  ['.list', 'list'],
])('%s is %s', (path, expected) => {
  expect(followPath(path, schema, { brackets: true }).path).toBe(expected);
});

test.each<[string, string]>([
  ['. a', nowhere],
  ['.a.bb[b', nowhere],
  [".a['bbb.c'", 'unexpected end of JSON path'],
  ['.', 'unexpected end of JSON path'],
  ['.a.foo', nowhere],
  ['.a.bbb[0]', 'expected single quoted string but got 0'],
  ['.list[0]', 'expected single quoted string but got 0'],
  [".list['a']", nowhere],
  ['.list. a', nowhere],
  ['a', 'expected [ or . but got: a'],
  ['.c', nowhere],
  ['.a..b', nowhere],
  ['.toString', nowhere],
  [`.a['\\q']`, 'invalid string literal: invalid escape char \\q'],
  [".a['bbb']]", 'expected [ or . but got: ]'],
])('%s leads nowhere', (path, text) => {
  expect(() => followPath(path, schema, { brackets: true })).toThrow(text);
});

test('brackets may be forbidden', () => {
  expect(() => followPath(".a['bbb']", schema, { brackets: false })).toThrow('array notation is not allowed');
});
