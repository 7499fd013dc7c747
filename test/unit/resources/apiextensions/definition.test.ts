import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { customResourceDefinition } from '../../../../src/resources/apiextensions/custom-resource-definition.ts';
import { set } from '../rules-kit.ts';
import { create, definition, refusals, update, withSchema } from './kit.ts';

describe('a new definition', () => {
  test('gets its names, conversion and status', () => {
    const { object, errors } = create(definition({}));
    expect(errors).toEqual([]);
    expect(object['spec']).toMatchObject({
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      conversion: { strategy: 'None' },
    });
    expect(object['status']).toEqual({
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: ['v1'],
    });
  });

  test('forgets a status that it came with', () => {
    const given = definition({});
    given['status'] = { storedVersions: ['v0'], conditions: [{ type: 'Established', status: 'True' }] };
    expect(create(given).object['status']).toMatchObject({ conditions: [], storedVersions: ['v1'] });
  });

  test('tells of formats that nobody checks', () => {
    const object = withSchema('{type: object, properties: {a: {type: string, format: made-up}}}') as KubeObject;
    expect(customResourceDefinition.warnings?.(object, undefined)).toEqual(['unrecognized format "made-up"']);
    expect(customResourceDefinition.warnings?.(object, object)).toEqual([]);
  });
});

const names = (more: object) => ({ names: { plural: 'widgets', kind: 'Widget', ...more } });

test.each<[string, ReturnType<typeof definition>, string[]]>([
  [
    'another name than its plural and group',
    definition({}, {}, { name: 'gadgets.example.com' }),
    ['metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group'],
  ],
  [
    'a group without a dot',
    definition({}, { group: 'example' }, { name: 'widgets.example' }),
    ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
  ],
  [
    'no scope, plural, kind and versions',
    definition({}, { scope: '', names: {}, versions: [] }, { name: '.example.com' }),
    [
      'spec.scope: Required value',
      'spec.versions: Invalid value: []: must have exactly one version marked as storage version',
      'spec.names.plural: Required value',
      'spec.names.singular: Required value',
      'spec.names.kind: Required value',
      'spec.names.listKind: Required value',
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ],
  ],
  [
    'an odd scope',
    definition({}, { scope: 'Galaxy' }),
    ['spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"'],
  ],
  [
    'one kind for object and list',
    definition({}, names({ listKind: 'Widget' })),
    ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
  ],
  [
    'a kind, a short name and a category that are no labels',
    definition(
      {},
      names({ kind: 'Wid_get', singular: 'widget', listKind: 'List', shortNames: ['-'], categories: ['A'] }),
    ),
    [
      expect.stringMatching(
        /^spec\.names\.kind: Invalid value: "Wid_get": may have mixed case, but should otherwise match: a DNS-1035 label must/,
      ),
      expect.stringMatching(/^spec\.names\.shortNames\[0\]: Invalid value: "-": a DNS-1035 label must/),
      expect.stringMatching(/^spec\.names\.categories\[0\]: Invalid value: "A": a DNS-1035 label must/),
    ] as unknown as string[],
  ],
  ['no schema', definition({ schema: undefined }), ['spec.versions[0].schema.openAPIV3Schema: Required value']],
  [
    'preserved unknown fields',
    definition({}, { preserveUnknownFields: true }),
    [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'a warning of a version that is not deprecated',
    definition({ deprecationWarning: 'old' }),
    ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
  ],
  [
    'a warning with a line break',
    definition({ deprecated: true, deprecationWarning: 'ä\n' }),
    [
      'spec.versions[0].deprecationWarning: Invalid value: "ä\\n": must only contain printable UTF-8 characters; non-printable character found at index 2',
    ],
  ],
])('%s', (_, object, expected) => {
  expect(refusals(object)).toEqual(expected);
});

describe('several versions', () => {
  const v = (name: string, storage: boolean, schema = 'string') => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: schema } } } },
  });

  test('have different names and one is stored', () => {
    expect(refusals(definition({}, { versions: [v('v1', true), v('v1', true)] }))).toEqual([
      expect.stringContaining('must contain unique version names'),
      expect.stringContaining('must have exactly one version marked as storage version'),
    ]);
    expect(refusals(definition({}, { versions: [v('v1', true), v('v2', false)] }))).toEqual([]);
  });

  test('that differ are named one by one', () => {
    expect(refusals(definition({}, { versions: [v('v1', true), v('v2', false, 'odd')] }))).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ]);
  });

  test('are all kept in mind that objects were stored in', () => {
    const { object, errors } = update(definition({}, { versions: [v('v1', true), v('v2', false)] }), (object) => {
      set(object, 'spec.versions', [v('v1', false), v('v2', true)]);
    });
    expect(errors).toEqual([]);
    expect(object['status']).toMatchObject({ storedVersions: ['v1', 'v2'] });
  });

  test('may not go while objects may be stored in them', () => {
    const { errors } = update(definition({}, { versions: [v('v1', true)] }), (object) => {
      set(object, 'spec.versions', [v('v2', true)]);
    });
    expect(errors).toEqual([
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ]);
  });
});

describe('a change', () => {
  const establish = (object: object) =>
    set(object as never, 'status.conditions', [{ type: 'Established', status: 'True' }]);
  const rename = (object: object) => {
    set(object as never, 'spec.names.kind', 'Gadget');
    set(object as never, 'spec.scope', 'Cluster');
  };

  test('of the kind and the scope is refused once objects may exist', () => {
    expect(update(definition({}), rename).errors).toEqual([]);
    expect(update(definition({}), rename, establish).errors).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Gadget": field is immutable',
    ]);
  });

  test('of group and plural is always refused', () => {
    const { errors } = update(definition({}), (object) => {
      set(object, 'spec.group', 'other.example.com');
      set(object, 'spec.names.plural', 'gadgets');
    });
    expect(errors).toEqual([
      'spec.group: Invalid value: "other.example.com": field is immutable',
      'spec.names.plural: Invalid value: "gadgets": field is immutable',
    ]);
  });

  test('keeps the status', () => {
    const { object } = update(definition({}), (object) => set(object, 'status', {}), establish);
    expect(object['status']).toMatchObject({ conditions: [{ type: 'Established' }], storedVersions: ['v1'] });
  });
});

describe('a group of the community', () => {
  const annotated = (value?: string) =>
    definition(
      {},
      { group: 'things.k8s.io' },
      {
        name: 'widgets.things.k8s.io',
        ...(value !== undefined && { annotations: { 'api-approved.kubernetes.io': value } }),
      },
    );
  const at = 'metadata.annotations[api-approved.kubernetes.io]';

  test.each<[string | undefined, string[]]>([
    ['https://github.com/kubernetes/enhancements/pull/1', []],
    ['unapproved, an experiment', []],
    [
      undefined,
      [
        `${at}: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111`,
      ],
    ],
    [
      'yes',
      [
        `${at}: Invalid value: "yes": protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
      ],
    ],
  ])('wants a word of who approved: %j', (value, expected) => {
    expect(refusals(annotated(value))).toEqual(expected);
  });

  test('is not asked again while nothing changes', () => {
    expect(update(annotated(), (object) => set(object, 'spec.names.shortNames', ['w'])).errors).toEqual([]);
    const { errors } = update(annotated('unapproved'), (object) => set(object, 'metadata.annotations', {}));
    expect(errors).toHaveLength(1);
  });
});

describe('columns and subresources', () => {
  test.each<[string, object, string[]]>([
    ['a column', { name: 'A', type: 'string', jsonPath: '.spec.a' }, []],
    [
      'an empty column',
      { name: '', type: '', jsonPath: '' },
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Required value',
      ],
    ],
    [
      'an odd column',
      { name: 'A', type: 'odd', format: 'odd', jsonPath: 'spec' },
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "odd": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].format: Invalid value: "odd": must be one of byte,date,date-time,double,float,int32,int64,password',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      ],
    ],
  ])('%s', (_, column, expected) => {
    expect(refusals(definition({ additionalPrinterColumns: [column] }))).toEqual(expected);
  });

  test.each<[string, object, string[]]>([
    ['a scale', { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.status.s' }, []],
    [
      'an empty scale',
      { specReplicasPath: '', statusReplicasPath: '' },
      [
        'spec.subresources.scale.specReplicasPath: Required value',
        'spec.subresources.scale.statusReplicasPath: Required value',
      ],
    ],
    [
      'a scale elsewhere',
      { specReplicasPath: '.status.n', statusReplicasPath: 'n', labelSelectorPath: '.metadata.s' },
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec',
        'spec.subresources.scale.statusReplicasPath: Invalid value: "n": must be a simple json path starting with .',
        'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.s": should be a json path under either .spec or .status',
      ],
    ],
  ])('%s', (_, scale, expected) => {
    expect(refusals(definition({ subresources: { scale } }))).toEqual(expected);
  });

  test('with a status the root may say only what is not lost', () => {
    const root = (schema: string) => refusals(withSchema(schema, { subresources: { status: {} } }));
    expect(root('{type: object, required: [spec], properties: {spec: {type: object}}}')).toEqual([]);
    expect(root('{type: object, maxProperties: 5}')).toEqual([
      expect.stringMatching(
        /^spec\.validation\.openAPIV3Schema: Invalid value: \{.*\}: only \[Description Type Format .* XPreserveUnknownFields XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/,
      ),
    ]);
  });
});

describe('selectable fields', () => {
  const schema =
    '{type: object, properties: {spec: {type: object, properties: {a: {type: string}, l: {type: array, items: {type: string}}}}}}';
  const fields = (...paths: string[]) =>
    withSchema(schema, { selectableFields: paths.map((jsonPath) => ({ jsonPath })) });
  const at = (i: number) => `spec.selectableFields[${i}].jsonPath`;

  test.each<[string[], string[]]>([
    [['.spec.a'], []],
    [[''], [`${at(0)}: Required value`]],
    [['.spec.b'], [`${at(0)}: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field`]],
    [['spec.a'], [`${at(0)}: Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec`]],
    [[".spec['a']"], [`${at(0)}: Invalid value: ".spec['a']": is an invalid path: array notation is not allowed`]],
    [
      ['.spec.l'],
      [
        `${at(0)}: Invalid value: ".spec.l": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.`,
      ],
    ],
    [['.spec.a', '.spec.a'], [`${at(1)}: Duplicate value: ".spec.a"`]],
  ])('%j', (paths, expected) => {
    expect(refusals(fields(...paths))).toEqual(expected);
  });

  test('are eight at most', () => {
    const names = Array.from({ length: 9 }, (_, i) => `f${i}`);
    const properties = names.map((name) => `${name}: {type: string}`).join(', ');
    const many = withSchema(`{type: object, properties: {${properties}}}`, {
      selectableFields: names.map((name) => ({ jsonPath: `.${name}` })),
    });
    expect(refusals(many)).toEqual(['spec.selectableFields: Too many: 9: must have at most 8 items']);
  });
});

describe('conversion', () => {
  const convert = (conversion: object) => refusals(definition({}, { conversion }));
  const webhook = (clientConfig: object, versions = ['v1']) =>
    convert({ strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: versions } });
  const client = 'spec.conversion.webhookClientConfig';

  test.each<[string, string[], string[]]>([
    ['a service', webhook({ service: { namespace: 'a', name: 'b', path: '/c' } }), []],
    ['a URL', webhook({ url: 'https://a.example/b' }), []],
    ['neither', webhook({}), [`${client}: Required value: exactly one of url or service is required`]],
    [
      'an odd URL',
      webhook({ url: 'http://u@a/?b#c' }),
      [
        `${client}.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        `${client}.url: Invalid value: "u": user information is not permitted in the URL`,
        `${client}.url: Invalid value: "c": fragments are not permitted in the URL`,
        `${client}.url: Invalid value: "b": query parameters are not permitted in the URL`,
      ],
    ],
    [
      'an odd service',
      webhook({ service: { namespace: '', name: '', path: '/a//B', port: 0 } }),
      [
        `${client}.service.name: Required value`,
        `${client}.service.namespace: Required value`,
        `${client}.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`,
        `${client}.service.path: Invalid value: "/a//B": segment[1] may not be empty`,
        expect.stringMatching(/service\.path: Invalid value: "\/a\/\/B": segment\[2\]: a lowercase RFC 1123 subdomain/),
      ] as unknown as string[],
    ],
    [
      'review versions',
      webhook({ url: 'https://a' }, ['v9', 'v9']),
      [
        'spec.conversion.conversionReviewVersions[1]: Invalid value: "v9": duplicate version',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v9","v9"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      'no client',
      convert({ strategy: 'Webhook' }),
      [
        `${client}: Required value: required when strategy is set to Webhook`,
        'spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'an odd strategy',
      convert({ strategy: 'Magic' }),
      ['spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"'],
    ],
    [
      'a client without need',
      convert({ strategy: 'None', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } }),
      [
        `${client}: Forbidden: should not be set when strategy is not set to Webhook`,
        'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
      ],
    ],
  ])('%s', (_, refused, expected) => {
    expect(refused).toEqual(expected);
  });

  test('wants a CA that can be read once the definition is established', () => {
    const conversion = {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] },
    };
    const change = (object: object) => set(object as never, 'spec.conversion.webhook.clientConfig.caBundle', 'Cg==');
    expect(update(definition({}, { conversion }), change).errors).toEqual([]);
    const established = update(definition({}, { conversion }), change, (object) =>
      set(object, 'status.conditions', [{ type: 'Established', status: 'True' }]),
    );
    expect(established.errors).toEqual([
      expect.stringContaining(`${client}.caBundle: Invalid value: "Cg==": unable to load root certificates`),
    ]);
  });
});
