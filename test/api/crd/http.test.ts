import { expect, test } from 'vitest';
import { cronTab, define, definitions, openSchema, untilDefinition } from '../../kit/custom-resources.ts';
import { httpsApi } from '../../kit/https-api.ts';

const base = '/apis/stable.example.com/v1/namespaces/default/crontabs';
const shaped = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } },
};
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number; readonly type: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

test('tables show the columns of the definition, found by JSONPath', async () => {
  await using https = await httpsApi();
  const columns = [
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Dotted', type: 'string', jsonPath: ".metadata.annotations['example\\.com/a']", priority: 1 },
    { name: 'First', type: 'string', jsonPath: '.spec.list[0]' },
    { name: 'On', type: 'boolean', jsonPath: '.spec.on', description: 'whether it is on' },
    { name: 'Load', type: 'number', jsonPath: '.spec.load' },
    { name: 'Seen', type: 'date', jsonPath: '.status.seen' },
    { name: 'Whole', type: 'string', jsonPath: '.spec.map' },
  ];
  await define(https.api, { version: { additionalPrinterColumns: columns } });
  await https.post(base, {
    ...cronTab('full', {
      spec: { replicas: 3.0, list: ['x', 'y'], on: true, load: 1.5, map: { a: [1] } },
      status: {
        conditions: [
          { type: 'Other', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
        seen: '2020-01-01T00:00:00Z',
      },
    }),
    metadata: { name: 'full', annotations: { 'example.com/a': 'dot' } },
  });
  await https.post(base, cronTab('none'));
  await https.post(
    base,
    cronTab('odd', { spec: { replicas: 'many', on: 'yes', load: 'x' }, status: { seen: 'never' } }),
  );
  const answer = (await https.ask(base, { headers: table })).json as unknown as Table;
  expect(answer.columnDefinitions.map((c) => [c.name, c.type, c.priority])).toEqual([
    ['Name', 'string', 0],
    ...columns.map((c) => [c.name, c.type, c.priority ?? 0]),
  ]);
  const [full, none, odd] = answer.rows.map((row) => row.cells);
  expect(full).toEqual(['full', 3, 'True', 'dot', 'x', true, 1.5, expect.stringMatching(/y/), '{"a":[1]}']);
  expect(none).toEqual(['none', null, null, null, null, null, null, null, null]);
  expect(odd).toEqual(['odd', null, null, null, null, null, null, '<invalid>', null]);
});

test('without columns of its own a kind shows its age', async () => {
  await using https = await httpsApi();
  await define(https.api);
  await https.post(base, cronTab('a'));
  const answer = (await https.ask(`${base}/a`, { headers: table })).json as unknown as Table;
  expect(answer.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Age']);
  expect(answer.rows[0]!.cells).toEqual(['a', expect.stringMatching(/^\d+s$/)]);
});

test('unknown fields are refused, told or dropped, as the client asks', async () => {
  await using https = await httpsApi();
  await define(https.api, { schema: shaped });
  const object = cronTab('a', { spec: { replicas: 1, other: { x: 1 } }, more: 1 });
  const strict = await https.post(`${base}?fieldValidation=Strict`, object);
  expect(strict.code).toBe(400);
  expect(strict.json.message).toBe(
    'CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "more", unknown field "spec.other"',
  );
  const warned = await https.post(`${base}?fieldValidation=Warn`, object);
  expect(warned.code).toBe(201);
  expect(warned.headers['warning']).toBe('299 - "unknown field \\"more\\"", 299 - "unknown field \\"spec.other\\""');
  const ignored = await https.post(`${base}?fieldValidation=Ignore`, { ...object, metadata: { name: 'b' } });
  expect([ignored.code, ignored.headers['warning']]).toEqual([201, undefined]);
  expect(ignored.json['spec']).toEqual({ replicas: 1 });
});

test('deprecated versions and odd finalizers are warned of', async () => {
  await using https = await httpsApi();
  const version = (name: string, more: object) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: openSchema },
    ...more,
  });
  await define(https.api, {
    versions: [
      version('v1', {}),
      version('v1beta1', { deprecated: true }),
      version('v1alpha1', { deprecated: true, deprecationWarning: 'go away' }),
    ],
  });
  const warning = async (path: string) => (await https.ask(path)).headers['warning'];
  expect(await warning(base)).toBeUndefined();
  expect(await warning(base.replace('v1', 'v1beta1'))).toBe(
    '299 - "stable.example.com/v1beta1 CronTab is deprecated; use stable.example.com/v1 CronTab"',
  );
  expect(await warning(base.replace('v1', 'v1alpha1'))).toBe('299 - "go away"');
  const made = await https.post(base, { ...cronTab('a'), metadata: { name: 'a', finalizers: ['hold.example.com'] } });
  expect(made.headers['warning']).toMatch(/prefer a domain-qualified finalizer name including a path/);
});

test('discovery follows the definitions, in both forms and in the order of the versions', async () => {
  await using https = await httpsApi();
  const before = await https.ask('/apis');
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: openSchema },
    subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
  });
  await define(https.api, {
    versions: ['v1alpha1', 'v1beta1', 'v1', 'v2beta1', 'foo1'].map(version),
    names: { shortNames: ['ct'], categories: ['all'] },
  });
  const after = await https.ask('/apis', { headers: { 'if-none-match': before.headers.etag as string } });
  expect(after.code).toBe(200);
  const groups = (after.json as unknown as { groups: { name: string; versions: { version: string }[] }[] }).groups;
  const group = groups.find(({ name }) => name === 'stable.example.com')!;
  expect(group).toMatchObject({ preferredVersion: { version: 'v1' } });
  expect(group.versions.map((v) => v.version)).toEqual(['v1', 'v2beta1', 'v1beta1', 'v1alpha1', 'foo1']);
  const resources = (await https.ask('/apis/stable.example.com/v1')).json as unknown as { resources: object[] };
  expect(resources.resources).toMatchObject([
    {
      name: 'crontabs',
      singularName: 'crontab',
      kind: 'CronTab',
      shortNames: ['ct'],
      categories: ['all'],
      namespaced: true,
    },
    { name: 'crontabs/status', kind: 'CronTab', verbs: ['get', 'patch', 'update'] },
    { name: 'crontabs/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' },
  ]);
  const aggregated = await https.ask('/apis', {
    headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
  });
  expect(aggregated.text).toContain('"responseKind":{"group":"stable.example.com","version":"v1","kind":"CronTab"}');
  await https.api.call('delete', definitions, { namespace: '', name: 'crontabs.stable.example.com' });
  await untilDefinition(https.api, 'crontabs.stable.example.com', () => false);
  expect((await https.ask('/apis/stable.example.com')).code).toBe(404);
  expect((await https.ask('/apis')).text).toBe(before.text);
});
