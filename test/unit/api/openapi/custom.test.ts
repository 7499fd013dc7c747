import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { OpenApi } from '../../../../src/api/openapi/openapi.ts';
import type { CustomResourceDefinition } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { type DefinitionSketch, definition } from '../../../kit/custom-resources.ts';

type Schema = Record<string, unknown>;
interface Item {
  readonly [method: string]: {
    readonly operationId?: string;
    readonly consumes?: string[];
    readonly [key: string]: unknown;
  };
}

const crd = (sketch: DefinitionSketch) => definition(sketch) as unknown as CustomResourceDefinition;
const publish = (...sketches: DefinitionSketch[]) => {
  const openApi = new OpenApi();
  for (const sketch of sketches) openApi.publish(crd(sketch));
  return openApi;
};
const v3 = (openApi: OpenApi, path = 'apis/stable.example.com/v1') => {
  const document = openApi.v3(path);
  return (
    document &&
    (JSON.parse(document.bytes.toString()) as {
      paths: Record<string, Item>;
      components: { schemas: Record<string, Schema> };
    })
  );
};
const v2 = (openApi: OpenApi) =>
  JSON.parse(openApi.v2Json().bytes.toString()) as {
    paths: Record<string, Item>;
    definitions: Record<string, Schema>;
    parameters: Schema;
  };
const model = 'com.example.stable.v1.CronTab';

const schema = {
  type: 'object',
  description: 'a cron table',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['maybe', 'replicas'],
      properties: {
        replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
        port: { 'x-kubernetes-int-or-string': true },
        maybe: { type: 'object', nullable: true, properties: { a: { type: 'string' } } },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
        list: {
          type: 'array',
          items: { type: 'object', properties: { k: { type: 'string' } } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
        },
        either: { type: 'string', anyOf: [{ pattern: '^a' }, { pattern: '^b' }] },
        map: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 3 },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.replicas > 0' }],
    },
  },
};

test('a kind has its schema, its list and the paths of its subresources', () => {
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const openApi = publish({
    schema,
    version: { subresources: { status: {}, scale }, selectableFields: [{ jsonPath: '.spec.color' }] },
  });
  const { paths, components } = v3(openApi)!;
  const base = '/apis/stable.example.com/v1';
  const one = `${base}/namespaces/{namespace}/crontabs/{name}`;
  expect(Object.keys(paths).sort()).toEqual(
    [`${base}/crontabs`, `${base}/namespaces/{namespace}/crontabs`, one, `${one}/scale`, `${one}/status`].sort(),
  );
  expect(paths[one]!['patch']).toMatchObject({
    operationId: 'patchStableExampleComV1NamespacedCronTab',
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group: 'stable.example.com', version: 'v1', kind: 'CronTab' },
  });
  expect(JSON.stringify(paths[one]!['patch'])).not.toContain('strategic');
  expect(components.schemas[model]).toMatchObject({
    description: 'a cron table',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
    },
    'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'CronTab' }],
    'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }],
  });
  expect(components.schemas[`${model}List`]).toMatchObject({
    required: ['items'],
    properties: { items: { items: { $ref: `#/components/schemas/${model}` } } },
  });
  const spec = (components.schemas[model]!['properties'] as Record<string, Schema>)['spec']!;
  expect(spec).toMatchObject({ 'x-kubernetes-validations': [{ rule: 'self.replicas > 0' }] });
  expect(spec['properties']).toMatchObject({
    replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
    port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    maybe: { nullable: true, properties: { a: { type: 'string' } } },
    list: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
    either: { anyOf: [{ pattern: '^a' }, { pattern: '^b' }] },
    template: { required: ['kind', 'apiVersion'], properties: { kind: { type: 'string' } } },
  });
  const references = JSON.stringify({ paths, components }).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  expect([...references].map((m) => m[1]!).filter((name) => !components.schemas[name])).toEqual([]);
});

test('v2 leaves out what it cannot say, so that kubectl does not refuse what the server takes', () => {
  const { paths, definitions } = v2(publish({ schema }));
  const spec = (definitions[model]!['properties'] as Record<string, Schema>)['spec']!;
  expect(spec['required']).toEqual(['replicas']);
  expect(spec['properties']).toMatchObject({
    port: { 'x-kubernetes-int-or-string': true },
    maybe: {},
    any: { 'x-kubernetes-preserve-unknown-fields': true },
    either: { type: 'string' },
    map: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 3 },
  });
  for (const field of ['maybe', 'any']) {
    const property = (spec['properties'] as Record<string, Schema>)[field]!;
    expect([property['type'], property['properties'], property['nullable']]).toEqual([undefined, undefined, undefined]);
  }
  expect((spec['properties'] as Record<string, Schema>)['either']!['anyOf']).toBeUndefined();
  expect((spec['properties'] as Record<string, Schema>)['template']!['properties']).toBeUndefined();
  expect(paths['/apis/stable.example.com/v1/namespaces/{namespace}/crontabs']!['post']!.consumes).toEqual([
    'application/json',
    'application/yaml',
  ]);
  const open = v2(publish({})).definitions[model];
  expect(open).toEqual({
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'CronTab' }],
  });
});

test('definitions come and go; only documents they are in are made anew', () => {
  const openApi = publish({ schema });
  const other = { plural: 'shirts', kind: 'Shirt', group: 'other.example.com' };
  openApi.publish(crd(other));
  const before = {
    one: openApi.v3('apis/stable.example.com/v1'),
    core: openApi.v3('api/v1'),
    index: openApi.v3Index(),
  };
  openApi.publish(crd({ ...other, schema: { type: 'object' } }));
  expect(openApi.v3('apis/stable.example.com/v1')).toBe(before.one);
  expect(openApi.v3('api/v1')).toBe(before.core);
  expect(openApi.v3Index().etag).not.toBe(before.index.etag);
  expect(openApi.v3Index().bytes.toString()).toContain(`apis/stable.example.com/v1?hash=${before.one!.etag}`);
  const same = openApi.v3Index();
  openApi.publish({ ...crd({ ...other, schema: { type: 'object' } }), status: { storedVersions: ['v1'] } });
  expect(openApi.v3Index()).toBe(same);
  const merged = openApi.v2Json().etag;
  openApi.withdraw('shirts.other.example.com');
  expect(openApi.v3('apis/other.example.com/v1')).toBeUndefined();
  expect(openApi.v3Index().bytes.toString()).not.toContain('other.example.com');
  expect(openApi.v2Json().etag).not.toBe(merged);
  expect(v2(openApi).definitions['com.example.other.v1.Shirt']).toBeUndefined();
});

test('two kinds of one group version share a document', () => {
  const openApi = publish({ schema }, { plural: 'shirts', kind: 'Shirt' });
  const { components } = v3(openApi)!;
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining([model, 'com.example.stable.v1.Shirt', 'com.example.stable.v1.ShirtList']),
  );
});

test('the protobuf document holds the custom kinds too', () => {
  const openApi = publish({ schema });
  const names: string[] = [];
  const readNamed = (tag: number, list: string[], pbf: PbfReader) => {
    if (tag === 1)
      pbf.readMessage((inner, into: string[], reader) => void (inner === 1 && into.push(reader.readString())), list);
  };
  new PbfReader(openApi.v2Protobuf().bytes).readFields((tag, list: string[], pbf) => {
    if (tag === 9) pbf.readMessage(readNamed, list);
  }, names);
  expect(names.sort()).toEqual(Object.keys(v2(openApi).definitions).sort());
});

test('parameters of v2 that are referred to are there', () => {
  const document = v2(publish({ schema }));
  const referred = JSON.stringify(document.paths).matchAll(/"\$ref":"#\/parameters\/([^"]+)"/g);
  expect([...referred].map((m) => m[1]!).filter((name) => !document.parameters[name])).toEqual([]);
});
