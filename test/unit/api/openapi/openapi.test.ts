import { PbfReader } from 'pbf';
import { expect, test } from 'vitest';
import { groupVersionFacts } from '../../../../src/api/discovery-facts.ts';
import { OpenApi } from '../../../../src/api/openapi/openapi.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; $ref?: string }[];
  readonly 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string };
  readonly 'x-kubernetes-action'?: string;
}
type Schema = Record<string, unknown>;

const openApi = new OpenApi();
const index = JSON.parse(openApi.v3Index().bytes.toString()) as {
  paths: Record<string, { serverRelativeURL: string }>;
};
const v3 = (path: string) =>
  JSON.parse(openApi.v3(path)!.bytes.toString()) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
const v2 = JSON.parse(openApi.v2Json().bytes.toString()) as {
  paths: Record<string, Record<string, Operation>>;
  definitions: Record<string, Schema>;
};

const references = (document: unknown): string[] => [
  ...new Set(
    [...JSON.stringify(document).matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)].map(
      (m) => m[1]!,
    ),
  ),
];
const operations = (paths: Record<string, Record<string, Operation>>) =>
  Object.values(paths).flatMap((item) =>
    Object.entries(item)
      .filter(([k]) => k !== 'parameters')
      .map(([, o]) => o),
  );

test('the index names every group version, each with its document and hash', () => {
  for (const { group, version } of groupVersionFacts)
    expect(Object.keys(index.paths)).toContain(group ? `apis/${group}/${version}` : `api/${version}`);
  for (const path of ['api', 'apis', 'apis/apps', 'version']) expect(Object.keys(index.paths)).toContain(path);
  for (const [path, { serverRelativeURL }] of Object.entries(index.paths))
    expect(serverRelativeURL).toBe(`/openapi/v3/${path}?hash=${openApi.v3(path)!.etag}`);
  expect(openApi.v3('apis/nope/v1')).toBeUndefined();
});

test('every reference has its schema, in every document', () => {
  for (const path of Object.keys(index.paths)) {
    const document = v3(path);
    expect(references(document).filter((name) => !document.components.schemas[name])).toEqual([]);
  }
  expect(references(v2).filter((name) => !v2.definitions[name])).toEqual([]);
});

test('kubectl finds the kind of a resource, and that its patch takes fieldValidation', () => {
  for (const gv of groupVersionFacts) {
    const base = gv.group ? `/apis/${gv.group}/${gv.version}` : `/api/${gv.version}`;
    const { paths, components } = v3(base.slice(1));
    for (const r of gv.resources) {
      const collection = `${base}/${r.namespaced ? 'namespaces/{namespace}/' : ''}${r.resource}`;
      const item =
        paths[`${collection}/{name}`]?.['patch'] ?? paths[collection]?.['post'] ?? paths[collection]?.['get'];
      const gvk = { group: gv.group, kind: r.kind, version: gv.version };
      expect(item?.['x-kubernetes-group-version-kind'], collection).toEqual(gvk);
      expect(
        Object.values(components.schemas).some((s) =>
          JSON.stringify(s['x-kubernetes-group-version-kind'] ?? '').includes(JSON.stringify(gvk)),
        ),
      ).toBe(true);
      if (r.verbs.includes('patch'))
        expect(paths[`${collection}/{name}`]!['patch']!.parameters!.map((p) => p.name)).toContain('fieldValidation');
    }
  }
});

test('operation ids are unique', () => {
  const ids = operations(v2.paths).map((o) => o.operationId);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

test('schemas carry list kinds, merge keys, enums, defaults and special types', () => {
  const { schemas } = v3('api/v1').components;
  const containers = (schemas['io.k8s.api.core.v1.PodSpec']!['properties'] as Record<string, Schema>)['containers'];
  expect(containers).toEqual({
    type: 'array',
    items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }], default: {} },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
  expect(schemas['io.k8s.api.core.v1.ContainerPort']).toMatchObject({
    required: ['containerPort'],
    properties: { protocol: { enum: ['SCTP', 'TCP', 'UDP'], default: 'TCP' } },
  });
  expect(schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  });
  expect(v2.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({
    type: 'string',
    format: 'int-or-string',
  });
  expect(v2.definitions['io.k8s.api.core.v1.ObjectReference']).toMatchObject({ 'x-kubernetes-map-type': 'atomic' });
});

test('the protobuf document holds what the JSON one holds', () => {
  const counts = { definitions: 0, paths: 0, swagger: '' };
  const countNamed = (want: number) => (tag: number, result: { n: number }, pbf: PbfReader) => {
    if (tag === want) result.n++;
    void pbf;
  };
  new PbfReader(openApi.v2Protobuf().bytes).readFields((tag, result, pbf) => {
    if (tag === 1) result.swagger = pbf.readString();
    if (tag === 8) result.paths = pbf.readMessage(countNamed(2), { n: 0 }).n;
    if (tag === 9) result.definitions = pbf.readMessage(countNamed(1), { n: 0 }).n;
  }, counts);
  expect(counts).toEqual({
    swagger: '2.0',
    definitions: Object.keys(v2.definitions).length,
    paths: Object.keys(v2.paths).length,
  });
});

test('descriptions come in by the hook and change the tags', () => {
  const described = new OpenApi({
    descriptions: () => ({
      describe: (type, field) => (type === 'core/v1.Pod' ? (field ? `the ${field}` : 'a pod') : undefined),
      fingerprint: 'x',
    }),
  });
  const pod = JSON.parse(described.v3('api/v1')!.bytes.toString()).components.schemas['io.k8s.api.core.v1.Pod'];
  expect(pod).toMatchObject({ description: 'a pod', properties: { spec: { description: 'the spec' } } });
  expect(described.v3('api/v1')!.etag).not.toBe(openApi.v3('api/v1')!.etag);
});
