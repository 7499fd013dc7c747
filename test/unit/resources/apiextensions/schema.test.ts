import { describe, expect, test } from 'vitest';
import { set } from '../rules-kit.ts';
import { refusals, schemaPath, update, withSchema } from './kit.ts';

/** Findings, the path of the schema left away. */
const found = (schema: string): string[] =>
  refusals(withSchema(schema)).map((text) => text.replaceAll(`${schemaPath}.`, '').replaceAll(schemaPath, 'root'));

const field = (schema: string) => found(`{type: object, properties: {a: ${schema}}}`);
const at = 'properties[a]';

describe('structural schemas', () => {
  test.each<[string, string[]]>([
    ['{type: object, properties: {a: {type: string}}}', []],
    ['{properties: {a: {type: string}}}', ['type: Required value: must not be empty at the root']],
    ['{type: string}', ['type: Invalid value: "string": must be object at the root']],
    ['{type: object, additionalProperties: true}', ['additionalProperties: Forbidden: must not be used at the root']],
    ['{type: object, nullable: true}', ['nullable: Forbidden: nullable cannot be true at the root']],
    ['{type: object, properties: {metadata: {type: object, properties: {name: {type: string, maxLength: 5}}}}}', []],
    [
      '{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}',
      [
        'properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      '{type: object, properties: {kind: {type: integer}, metadata: {type: string}}}',
      [
        'properties[kind].type: Invalid value: "integer": must be string',
        'properties[metadata].type: Invalid value: "string": must be object',
      ],
    ],
  ])('root %s', (schema, expected) => {
    expect(found(schema)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['{}', [`${at}.type: Required value: must not be empty for specified object fields`]],
    ['{type: array}', [`${at}.items: Required value: must be specified`]],
    ['{type: array, items: {}}', [`${at}.items.type: Required value: must not be empty for specified array items`]],
    ['{x-kubernetes-int-or-string: true}', []],
    ['{x-kubernetes-preserve-unknown-fields: true}', []],
    [
      '{x-kubernetes-int-or-string: true, x-kubernetes-preserve-unknown-fields: true}',
      [
        `${at}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`,
      ],
    ],
    ['{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}', []],
    ['{x-kubernetes-int-or-string: true, allOf: [{anyOf: [{type: integer}, {type: string}]}, {pattern: a}]}', []],
    ['{type: string, anyOf: [{type: string}]}', [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`]],
    [
      '{type: object, properties: {b: {type: string}}, not: {properties: {b: {default: x, description: d, nullable: true}}}}',
      [
        `${at}.not.properties[b].default: Forbidden: must be undefined to be structural`,
        `${at}.not.properties[b].description: Forbidden: must be empty to be structural`,
        `${at}.not.properties[b].nullable: Forbidden: must be false to be structural`,
      ],
    ],
    [
      '{type: string, pattern: "("}',
      [
        `${at}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      '{type: string, x-kubernetes-embedded-resource: true}',
      [
        `${at}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
        `${at}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`,
      ],
    ],
  ])('field %s', (schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });

  test('what a branch talks about is specified outside of it', () => {
    const branch = '{required: [b], properties: {a: {maximum: 5}, b: {maximum: 5}}}';
    expect(found(`{type: object, properties: {a: {type: integer}}, anyOf: [${branch}]}`)).toEqual([
      `properties[b]: Required value: because it is defined in ${schemaPath}.anyOf[0].properties[b]`.replace(
        `${schemaPath}.`,
        '',
      ),
    ]);
  });
});

describe('what a schema may not say', () => {
  test.each<[string, string[]]>([
    [
      '{type: odd}',
      [
        `${at}.type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    ],
    ['{type: object, $ref: "#/x"}', [`${at}.$ref: Forbidden: $ref is not supported`]],
    [
      '{type: object, patternProperties: {a: {type: string}}}',
      [`${at}.patternProperties: Forbidden: patternProperties is not supported`],
    ],
    [
      '{type: array, uniqueItems: true, items: {type: string}}',
      [
        `${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      '{type: array, items: [{type: string}]}',
      [`${at}.items: Forbidden: items must be a schema object and not an array`],
    ],
    [
      '{type: object, properties: {b: {type: string}}, additionalProperties: {type: string}}',
      [`${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      '{type: object, x-kubernetes-preserve-unknown-fields: false}',
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
  ])('%s', (schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });
});

describe('lists and maps', () => {
  const map = (more: string, item: string) =>
    `{type: array, x-kubernetes-list-type: map, ${more} items: {type: object, ${item}}}`;
  test.each<[string, string[]]>([
    [map('x-kubernetes-list-map-keys: [k],', 'required: [k], properties: {k: {type: string}}'), []],
    [map('x-kubernetes-list-map-keys: [k],', 'properties: {k: {type: string, default: a}}'), []],
    [
      map('x-kubernetes-list-map-keys: [k],', 'properties: {k: {type: string}}'),
      [
        `${at}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      map('', 'properties: {k: {type: string}}'),
      [`${at}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      map(
        'x-kubernetes-list-map-keys: [k, k, x],',
        'nullable: true, required: [k], properties: {k: {type: object, nullable: true}}',
      ),
      [
        `${at}.items.properties[k].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${at}.items.properties[k].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${at}.x-kubernetes-list-map-keys: Invalid value: ["k","k","x"]: must not contain duplicate entries`,
        `${at}.x-kubernetes-list-map-keys: Invalid value: ["k","k","x"]: entries must all be names of item properties`,
        `${at}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map`,
        `${at}.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
        `${at}.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
      ],
    ],
    [
      '{type: object, x-kubernetes-list-type: set}',
      [`${at}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified`],
    ],
    [
      '{type: array, x-kubernetes-list-type: odd, items: {type: string}}',
      [`${at}.x-kubernetes-list-type: Unsupported value: "odd": supported values: "atomic", "set", "map"`],
    ],
    [
      '{type: array, x-kubernetes-list-type: set, items: {type: object}}',
      [
        `${at}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
      ],
    ],
    ['{type: array, x-kubernetes-list-type: set, items: {type: object, x-kubernetes-map-type: atomic}}', []],
    [
      '{type: object, x-kubernetes-map-type: odd}',
      [`${at}.x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular"`],
    ],
    [
      '{type: array, x-kubernetes-list-map-keys: [k], items: {type: object}}',
      [`${at}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
  ])('%s', (schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });
});

describe('defaults', () => {
  const d = `${at}.default`;
  test.each<[string, string[]]>([
    ['{type: string, default: x}', []],
    ['{type: object, default: {}, properties: {b: {type: integer, default: 5}}}', []],
    ['{type: integer, default: x}', [`${d}: Invalid value: "string":  in body must be of type integer: "string"`]],
    ['{type: integer, maximum: 4, default: 5}', [`${d}: Invalid value: 5:  in body should be less than or equal to 4`]],
    [
      '{type: object, default: {c: 1}, properties: {b: {type: integer}}}',
      [`${d}: Invalid value: {"c":1}: must not have unknown fields`],
    ],
    [
      '{type: object, default: {b: x}, properties: {b: {type: integer}}}',
      [`${d}.b: Invalid value: "string": b in body must be of type integer: "string"`],
    ],
    [
      '{type: integer, default: 0, x-kubernetes-validations: [{rule: "self > 0"}]}',
      [`${d}: Invalid value: 0: failed rule: self > 0`],
    ],
    [
      '{type: integer, default: 0, x-kubernetes-validations: [{rule: "oldSelf.hasValue()", optionalOldSelf: true}]}',
      [`${d}: Invalid value: 0: failed rule: oldSelf.hasValue()`],
    ],
    [
      '{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true, default: {kind: 5}}',
      [`${d}.kind: Invalid value: 5: must be a string`],
    ],
    [
      '{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true, default: {}}',
      [`${d}.apiVersion: Required value`, `${d}.kind: Required value`],
    ],
    [
      '{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true, properties: {metadata: {type: object, properties: {name: {type: string, default: a/b}}}}}',
      [
        `${at}.properties[metadata].properties[name].default: Invalid value: "a/b": must result in valid metadata: metadata.name: Invalid value: "a/b": may not contain '/'`,
      ],
    ],
  ])('%s', (schema, expected) => {
    expect(field(schema)).toEqual(expected);
  });

  test('metadata of the object itself has none', () => {
    const schema =
      '{type: object, properties: {metadata: {type: object, properties: {name: {type: string, default: x}}}}}';
    expect(found(schema)).toEqual([
      'properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
    ]);
  });
});

describe('CEL rules', () => {
  const rule = (text: string, type = 'type: integer') => field(`{${type}, x-kubernetes-validations: [${text}]}`);
  const r = `${at}.x-kubernetes-validations[0]`;

  test.each<[string, string[]]>([
    ['{rule: "self > 0"}', []],
    ['{rule: " "}', [`${r}.rule: Required value: rule is not specified`]],
    ['{rule: "self > 0", message: " "}', [`${r}.message: Invalid value: " ": must be non-empty if specified`]],
    ['{rule: "self > 0", message: "a\\nb"}', [`${r}.message: Invalid value: "a\\nb": must not contain line breaks`]],
    ['{rule: "self\\n > 0"}', [`${r}.message: Required value: message must be specified if rule contains line breaks`]],
    [
      '{rule: "self > 0", messageExpression: " "}',
      [`${r}.messageExpression: Required value: messageExpression must be non-empty if specified`],
    ],
    [
      '{rule: "self > 0", reason: Odd}',
      [
        `${r}.reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      ],
    ],
    ['{rule: "self > 0", fieldPath: ".b"}', [`${r}.fieldPath: Invalid value: ".b": must be a valid path`]],
    [
      '{rule: "self > \'a\'"}',
      [
        `${r}.rule: Invalid value: {"Rule":"self > 'a'","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:6: found no matching overload for '_>_' applied to '(int, string)'\n | self > 'a'\n | .....^`,
      ],
    ],
    [
      '{rule: "self"}',
      [
        `${r}.rule: Invalid value: {"Rule":"self","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool`,
      ],
    ],
    [
      '{rule: "self > 0", messageExpression: "self"}',
      [
        `${r}.messageExpression: Invalid value: {"Rule":"self > 0","Message":"","MessageExpression":"self","Reason":null,"FieldPath":"","OptionalOldSelf":null}: messageExpression must evaluate to a string`,
      ],
    ],
    [
      '{rule: "self > 0", optionalOldSelf: true}',
      [`${r}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
    ],
  ])('%s', (text, expected) => {
    expect(rule(text)).toEqual(expected);
  });

  test('compare with the old value only where it can be found', () => {
    const items =
      '{type: object, required: [k], properties: {k: {type: string}, v: {type: integer, x-kubernetes-validations: [{rule: "self > oldSelf"}]}}}';
    expect(
      field(
        `{type: array, maxItems: 5, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: ${items}}`,
      ),
    ).toEqual([]);
    expect(field(`{type: array, maxItems: 5, items: ${items}}`)).toEqual([
      `${at}.items.properties[v].x-kubernetes-validations[0].rule: Invalid value: "self > oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${schemaPath}.${at}`.replace(
        `${schemaPath}.`,
        '',
      ),
    ]);
  });

  test('are not compiled over a broken schema', () => {
    expect(rule('{rule: "nonsense("}', 'type: integer, uniqueItems: true')).toHaveLength(1);
  });
});

describe('an old definition that breaks a rule', () => {
  const touch = (object: object) => set(object as never, 'spec.names.shortNames', ['w']);
  const root = 'spec.versions.0.schema.openAPIV3Schema.properties';

  test.each<[string, object]>([
    ['an odd type', { type: 'odd' }],
    ['a set of maps', { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }],
    ['unpruned defaults', { type: 'object', default: { x: 1 }, properties: { y: { type: 'string' } } }],
    [
      'keys of a map list without default',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' } } },
      },
    ],
  ])('%s may be changed elsewhere', (_, schema) => {
    const fresh = withSchema('{type: object, properties: {}}');
    const before = withSchema('{type: object, properties: {}}');
    expect(update(before, touch, (object) => set(object, root, { a: schema })).errors).toEqual([]);
    set(fresh, root, { a: schema });
    expect(refusals(fresh)).not.toEqual([]);
  });
});

describe('costs', () => {
  const f = `${at}.x-kubernetes-validations[0]`;
  const advice =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  const each = (items: string, more = '') =>
    field(
      `{type: array, ${more} items: ${items}, x-kubernetes-validations: [{rule: "self.all(x, self.all(y, x == y))"}]}`,
    );

  test('of a rule are limited', () => {
    expect(each('{type: string, maxLength: 10}', 'maxItems: 10,')).toEqual([]);
    expect(each('{type: string}')).toEqual([
      `${f}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
      `${f}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `root: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ]);
  });

  test('of a message are limited', () => {
    const sum = (n: number) => Array.from({ length: n }, (_, i) => `self[${i}]`).join(' + ');
    const message = (n: number) =>
      field(
        `{type: array, items: {type: string}, x-kubernetes-validations: [{rule: "true", messageExpression: "${sum(n)}"}]}`,
      );
    expect(message(5)).toEqual([]);
    expect(message(8)).toEqual([
      `${f}.messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of 1.101006x ${advice}`,
    ]);
  });

  test('that were accepted stay accepted while the schema does not change', () => {
    const costly = {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(x, x.startsWith(self[0]))' }],
    };
    const properties = 'spec.versions.0.schema.openAPIV3Schema.properties';
    const fresh = () => withSchema('{type: object, properties: {}}');
    const old = (object: object) => set(object as never, properties, { a: costly });
    const touch = (object: object) => set(object as never, 'spec.names.shortNames', ['w']);
    const refused = (errors: readonly string[]) => errors.some((text) => text.includes('estimated rule cost exceeds'));
    expect(refused(update(fresh(), touch, old).errors)).toBe(false);
    const change = (object: object) => set(object as never, `${properties}.b`, { type: 'string' });
    expect(refused(update(fresh(), change, old).errors)).toBe(true);
  });
});
