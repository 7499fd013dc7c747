import { expect, test } from 'vitest';
import { admissionServer, configure, patching, type Tree } from '../../kit/admission-webhooks.ts';
import { apiServer } from '../../kit/api-server.ts';
import { define, definitions } from '../../kit/custom-resources.ts';
import { webhookServer } from '../../kit/webhook-server.ts';

const group = 'stable.example.com';
const rule = (apiVersions: string[], resources: string[], operations = ['CREATE', 'UPDATE']): Tree => ({
  rules: [{ operations, apiGroups: [group], apiVersions, resources }],
});
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', minimum: 0 },
        image: { type: 'string' },
        policy: { type: 'string', default: 'Keep' },
        jobs: { type: 'array', items: { type: 'object', properties: { size: { type: 'integer', default: 3 } } } },
      },
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};
const subresources = {
  status: {},
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
};
const version = (name: string, storage: boolean) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema },
  subresources,
});
const crontabs = (v = 'v1') => `${group}/${v}/crontabs`;
const crontab = (spec: Tree = {}, v = 'v1') => ({
  apiVersion: `${group}/${v}`,
  kind: 'CronTab',
  metadata: { name: 'it' },
  spec,
});

test('what a webhook adds to a custom resource is pruned, defaulted and validated by its schema', async () => {
  let operations: object[] = [];
  await using hook = await admissionServer(() => patching(...operations));
  await using api = await apiServer();
  await define(api, { versions: [version('v1', true)] });
  await configure(api, 'Mutating', 'add', hook, rule(['v1'], ['crontabs']));
  operations = [
    { op: 'add', path: '/spec/jobs', value: [{}] },
    { op: 'add', path: '/spec/unheardOf', value: 1 },
  ];
  const made = await api.call<Tree>('create', crontabs(), { object: crontab({ image: 'i' }) });
  expect(made['spec']).toEqual({ image: 'i', policy: 'Keep', jobs: [{ size: 3 }] });
  expect(hook.asked).toMatchObject([
    { kind: { group, version: 'v1', kind: 'CronTab' }, object: { spec: { image: 'i', policy: 'Keep' } } },
  ]);
  operations = [{ op: 'add', path: '/spec/replicas', value: -1 }];
  const patch = { type: 'merge', body: { spec: { image: 'j' } } } as const;
  await expect(api.call('patch', crontabs(), { name: 'it', patch })).rejects.toThrow(
    'CronTab.stable.example.com "it" is invalid: [spec.replicas: Invalid value: -1',
  );
});

test('status and scale of a custom resource', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await define(api, { versions: [version('v1', true)] });
  await configure(api, 'Validating', 'look', hook, rule(['v1'], ['crontabs/*'], ['UPDATE']));
  await api.call('create', crontabs(), { object: crontab({ replicas: 1 }) });
  const patch = (body: object) => ({ name: 'it', patch: { type: 'merge', body } as const });
  await api.call('patch', crontabs(), { ...patch({ status: { replicas: 1 } }), subresource: 'status' });
  await api.call('patch', crontabs(), { ...patch({ spec: { replicas: 2 } }), subresource: 'scale' });
  expect(hook.asked).toMatchObject([
    { subResource: 'status', kind: { kind: 'CronTab' }, object: { status: { replicas: 1 } } },
    {
      subResource: 'scale',
      kind: { group: 'autoscaling', kind: 'Scale' },
      object: { spec: { replicas: 2 } },
      oldObject: { spec: { replicas: 1 } },
    },
  ]);
});

test('a custom resource is converted into the version a webhook asks for, and back', async () => {
  // v1 says "image" where v2 says "picture": only the webhook of the definition knows.
  await using converter = await webhookServer((body: Tree) => {
    const { uid, desiredAPIVersion, objects } = body['request'];
    const convertedObjects = objects.map(({ spec, ...object }: Tree) => {
      const { image, picture = image, ...rest } = spec;
      const next = desiredAPIVersion.endsWith('v2') ? { ...rest, picture } : { ...rest, image: picture };
      return { ...object, apiVersion: desiredAPIVersion, spec: next };
    });
    const response = { uid, result: { status: 'Success' }, convertedObjects };
    return { apiVersion: body['apiVersion'], kind: 'ConversionReview', response };
  });
  const open = {
    type: 'object',
    properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  };
  const openVersion = (name: string, storage: boolean) => ({
    ...version(name, storage),
    schema: { openAPIV3Schema: open },
  });
  await using hook = await admissionServer(({ object }) =>
    patching({ op: 'replace', path: '/spec/picture', value: `${object['spec'].picture}+` }),
  );
  await using api = await apiServer();
  const clientConfig = { url: converter.url, caBundle: converter.caBundle };
  await define(api, {
    versions: [openVersion('v1', true), openVersion('v2', false)],
    conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
  });
  await configure(api, 'Mutating', 'plus', hook, rule(['v2'], ['crontabs']));
  const made = await api.call<Tree>('create', crontabs(), { object: crontab({ image: 'i' }) });
  expect(made).toMatchObject({ apiVersion: `${group}/v1`, spec: { image: 'i+' } });
  const patch = { type: 'merge', body: { spec: { more: true } } } as const;
  expect(await api.call('patch', crontabs(), { name: 'it', patch })).toMatchObject({
    spec: { image: 'i++', more: true },
  });
  expect(hook.asked).toMatchObject([
    { kind: { version: 'v2' }, requestKind: { version: 'v1' }, object: { apiVersion: `${group}/v2` }, oldObject: null },
    { oldObject: { apiVersion: `${group}/v2`, spec: { picture: 'i+' } } },
  ]);
});

test('with matchPolicy Exact other versions pass by', async () => {
  await using hook = await admissionServer(() => ({ allowed: false }));
  await using api = await apiServer();
  await define(api, { versions: [version('v1', true), version('v2', false)] });
  await configure(api, 'Validating', 'exact', hook, { ...rule(['v2'], ['*']), matchPolicy: 'Exact' });
  await api.call('create', crontabs('v1'), { object: crontab() });
  const object = { ...crontab({}, 'v2'), metadata: { name: 'two' } };
  await expect(api.call('create', crontabs('v2'), { object })).rejects.toThrow('denied');
});

test('definitions are asked about', async () => {
  await using hook = await admissionServer(({ name }) => ({ allowed: !name.startsWith('no') }));
  await using api = await apiServer();
  const rules = [
    {
      operations: ['CREATE'],
      apiGroups: ['apiextensions.k8s.io'],
      apiVersions: ['*'],
      resources: ['customresourcedefinitions'],
    },
  ];
  await configure(api, 'Validating', 'look', hook, { rules });
  await expect(define(api, { plural: 'nothings', kind: 'Nothing' })).rejects.toThrow('denied the request');
  await define(api, { plural: 'things', kind: 'Thing' });
  expect((await api.list(definitions, {}, '')).items).toHaveLength(1);
});
