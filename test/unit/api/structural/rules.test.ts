import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ErrorList, FieldPath } from '../../../../src/api/field-errors.ts';
import { compileRuleSet, type RuleRun, validateRules } from '../../../../src/api/structural/rules.ts';
import { schemaOf } from './kit.ts';

interface Ran {
  readonly texts: string[];
  readonly warnings: string[];
  readonly budget: number;
}

/** Runs the rules of a schema over a value. */
function run(schema: string, value: unknown, options: RuleRun = {}): Ran {
  const errors = new ErrorList();
  const rules = compileRuleSet(schemaOf(schema));
  const budget = validateRules(rules, value, errors, FieldPath.of(), options);
  return { texts: errors.errors.map(({ text }) => text), warnings: errors.warnings, budget };
}

const withField = (field: string) => `{type: object, properties: {field: ${field}}}`;

describe('a rule', () => {
  const positive = withField('{type: integer, x-kubernetes-validations: [{rule: "self > 0"}]}');

  test.each<[string, string, unknown, string[]]>([
    ['holds', positive, { field: 1 }, []],
    ['fails', positive, { field: 0 }, ['field: Invalid value: 0: failed rule: self > 0']],
    ['is not run without a value', positive, {}, []],
    ['is not run for a null', positive, { field: null }, []],
    [
      'has a message',
      withField('{type: string, x-kubernetes-validations: [{rule: "self == \'a\'", message: " must be a "}]}'),
      { field: 'b' },
      ['field: Invalid value: "b": must be a'],
    ],
    [
      'at the root shows no value',
      '{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: "self.a > 0"}]}',
      { a: 0 },
      ['<nil>: Invalid value: failed rule: self.a > 0'],
    ],
    [
      'reads the name of the object',
      '{type: object, x-kubernetes-validations: [{rule: "self.metadata.name == self.kind"}]}',
      { kind: 'a', metadata: { name: 'b' } },
      ['<nil>: Invalid value: failed rule: self.metadata.name == self.kind'],
    ],
    [
      'runs for every item',
      withField(
        '{type: array, items: {type: object, properties: {x: {type: string, x-kubernetes-validations: [{rule: "self == \'x\'"}]}}}}',
      ),
      { field: [{ x: 'x' }, { x: 'y' }] },
      [`field[1].x: Invalid value: "y": failed rule: self == 'x'`],
    ],
    [
      'runs for every value of a map',
      withField(
        '{type: object, additionalProperties: {type: integer, x-kubernetes-validations: [{rule: "self > 0"}]}}',
      ),
      { field: { 'a.b': 0 } },
      ['field[a.b]: Invalid value: 0: failed rule: self > 0'],
    ],
    [
      'reports at a field of its own',
      withField(
        '{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: "self.a > 0", fieldPath: ".a"}]}',
      ),
      { field: { a: 0 } },
      ['field.a: Invalid value: failed rule: self.a > 0'],
    ],
    [
      'with an error of its own',
      withField(
        '{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: "1 / self.a > 0"}]}',
      ),
      { field: { a: 0 } },
      ['field: Invalid value: "object": division by zero evaluating rule: 1 / self.a > 0'],
    ],
    [
      'that misses a field',
      withField('{type: object, properties: {a: {type: integer}}, x-kubernetes-validations: [{rule: "self.a > 0"}]}'),
      { field: {} },
      ['field: Invalid value: "object": no such key: a evaluating rule: self.a > 0'],
    ],
    [
      'with an overload that only the value shows to be missing',
      withField('{x-kubernetes-int-or-string: true, x-kubernetes-validations: [{rule: "self > 5"}]}'),
      { field: 'a' },
      [
        `field: Invalid value: "": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self > 5`,
      ],
    ],
  ])('%s', (_, schema, value, expected) => {
    expect(run(schema, value).texts).toEqual(expected);
  });

  test.each<[string, string]>([
    ['FieldValueForbidden', 'field: Forbidden: no'],
    ['FieldValueRequired', 'field: Required value: no'],
    ['FieldValueInvalid', 'field: Invalid value: 0: no'],
    ['FieldValueDuplicate', 'field: Duplicate value: 0'],
  ])('reason %s', (reason, text) => {
    const rule = `{rule: "self > 0", message: "no", reason: ${reason}}`;
    expect(run(withField(`{type: integer, x-kubernetes-validations: [${rule}]}`), { field: 0 }).texts).toEqual([text]);
  });

  test.each<[string, string]>([
    [`"'got ' + string(self)"`, 'got 0'],
    [`"' '"`, 'plain'],
    [`"'a\\\\nb'"`, 'plain'],
    [`"string(1 / self)"`, 'plain'],
  ])('messageExpression %s', (expression, text) => {
    const rule = `{rule: "self > 0", message: "plain", messageExpression: ${expression}}`;
    const { texts } = run(withField(`{type: integer, x-kubernetes-validations: [${rule}]}`), { field: 0 });
    expect(texts).toEqual([`field: Invalid value: 0: ${text}`]);
  });
});

describe('transition rules', () => {
  const fixed = withField('{type: string, x-kubernetes-validations: [{rule: "self == oldSelf", message: "is fixed"}]}');

  test('run where there is an old value', () => {
    expect(run(fixed, { field: 'a' }).texts).toEqual([]);
    expect(run(fixed, { field: 'a' }, { old: {} }).texts).toEqual([]);
    expect(run(fixed, { field: 'a' }, { old: { field: 'a' } }).texts).toEqual([]);
    expect(run(fixed, { field: 'b' }, { old: { field: 'a' } }).texts).toEqual(['field: Invalid value: "b": is fixed']);
  });

  test('run always when the old value is optional', () => {
    const rule =
      '{rule: "oldSelf.hasValue() && self == oldSelf.value()", optionalOldSelf: true, message: "was not it"}';
    const schema = withField(`{type: string, x-kubernetes-validations: [${rule}]}`);
    expect(run(schema, { field: 'a' }).texts).toEqual(['field: Invalid value: "a": was not it']);
    expect(run(schema, { field: 'a' }, { old: { field: 'a' } }).texts).toEqual([]);
    expect(run(schema, { field: 'a' }, { old: { field: 'b' } }).texts).toHaveLength(1);
  });

  test('find the old item of a map list by its keys', () => {
    const item =
      '{type: object, properties: {k: {type: string}, v: {type: integer, x-kubernetes-validations: [{rule: "self >= oldSelf"}]}}}';
    const schema = withField(
      `{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: ${item}}`,
    );
    const old = {
      field: [
        { k: 'a', v: 5 },
        { k: 'b', v: 1 },
      ],
    };
    const moved = {
      field: [
        { k: 'b', v: 1 },
        { k: 'a', v: 4 },
        { k: 'c', v: 0 },
      ],
    };
    expect(run(schema, moved, { old }).texts).toEqual(['field[1].v: Invalid value: 4: failed rule: self >= oldSelf']);
  });
});

describe('ratcheting', () => {
  const schema = `
    type: object
    properties:
      a: {type: integer, x-kubernetes-validations: [{rule: "self > 0"}]}
      l: {type: array, items: {type: integer, x-kubernetes-validations: [{rule: "self > 0"}]}}
      kind: {type: string, x-kubernetes-validations: [{rule: "self == 'A'"}]}`;

  test('a failure of what is unchanged only warns', () => {
    const { texts, warnings } = run(schema, { a: 0, l: [] }, { old: { a: 0 } });
    expect(texts).toEqual([]);
    expect(warnings).toEqual(['a: Invalid value: 0: failed rule: self > 0']);
  });

  test('a failure of what changed does not', () => {
    expect(run(schema, { a: -1 }, { old: { a: 0 } }).texts).toHaveLength(1);
  });

  test('items of an atomic list go with the list', () => {
    expect(run(schema, { l: [0], a: 1 }, { old: { l: [0] } }).texts).toEqual([]);
    expect(run(schema, { l: [0, 1] }, { old: { l: [0] } }).texts).toHaveLength(1);
  });

  test('the kind is never unchanged', () => {
    expect(run(schema, { kind: 'B', a: 1 }, { old: { kind: 'B' } }).texts).toHaveLength(1);
  });
});

describe('budgets', () => {
  const walk = (limit: number) => `
    type: object
    properties:
      l:
        type: array
        items: {type: integer}
        x-kubernetes-validations: [{rule: "self.all(x, self.all(y, x == y || ${limit} > 0))"}]
      z: {type: integer, x-kubernetes-validations: [{rule: "self > 0"}]}`;
  const list = (length: number) => Array.from({ length }, (_, i) => i);

  test('a rule that costs too much stops all', () => {
    const { texts, budget } = run(walk(1), { l: list(2000), z: 0 });
    expect(texts).toEqual([
      `l: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.all(y, x == y || 1 > 0))`,
    ]);
    expect(budget).toBeLessThan(0);
  });

  test('rules that cost too much together stop', () => {
    const { texts, budget } = run(walk(1), { l: list(50), z: 0 }, { budget: 100 });
    expect(texts).toEqual([
      'l: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
    expect(budget).toBeLessThan(0);
  });

  test('what is left can be spent on', () => {
    const { budget } = run(walk(1), { l: list(5) }, { budget: 10_000 });
    expect(budget).toBeLessThan(10_000);
    expect(budget).toBeGreaterThan(0);
  });
});

test('rules are not run over what they could stumble over', () => {
  const errors = new ErrorList();
  errors.required(FieldPath.of('a'));
  const rules = compileRuleSet(schemaOf('{type: object, x-kubernetes-validations: [{rule: "false"}]}'));
  validateRules(rules, {}, errors, FieldPath.of());
  expect(errors.errors.map(({ text }) => text)).toEqual([
    'a: Required value',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
});

test('a schema without rules has none to run', () => {
  expect(compileRuleSet(schemaOf('{type: object, properties: {a: {type: string}}}'))).toBeUndefined();
});

test('rules of an embedded object read its name', () => {
  const schema = withField(
    '{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true, x-kubernetes-validations: [{rule: "self.metadata.name == \'a\'"}]}',
  );
  expect(run(schema, parse('{field: {metadata: {name: a}}}')).texts).toEqual([]);
  expect(run(schema, parse('{field: {metadata: {name: b}}}')).texts).toHaveLength(1);
});

test('fields that are called as keywords are', () => {
  const schema =
    '{type: object, properties: {namespace: {type: string}, if: {type: string}}, x-kubernetes-validations: [{rule: "self.namespace == self.__namespace__ && has(self.if)"}]}';
  expect(run(schema, { namespace: 'a', if: 'b' }).texts).toEqual([]);
});
