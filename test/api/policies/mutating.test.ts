import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import {
  apply,
  configMap,
  mutatingPolicy,
  patch,
  refusal,
  rule,
  validatingPolicy,
} from '../../kit/admission-policies.ts';
import { admissionServer, configure, patching } from '../../kit/admission-webhooks.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { define } from '../../kit/custom-resources.ts';

const label = (name: string, value: string) =>
  apply(`Object{metadata: Object.metadata{labels: {${JSON.stringify(name)}: ${value}}}}`);

const pod = (api: TestApi, name: string, spec: Record<string, unknown> = {}) =>
  api.call('create', 'pods', {
    object: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
  });

const onPods = [rule('v1/pods', 'CREATE', 'UPDATE')];

test('a configuration is merged into what is created and updated', async () => {
  await using api = await apiServer();
  await mutatingPolicy(api, 'm', { mutations: [label('by', 'request.userInfo.username')] });
  const stored = await configMap(api, 'c', { a: '1' }, { labels: { own: 'x' } });
  expect(stored.metadata.labels).toEqual({ own: 'x', by: 'admin' });
  const body = { metadata: { labels: { by: 'somebody' } } };
  const patched = await api.call('patch', 'configmaps', { name: 'c', patch: { type: 'merge', body } });
  expect(patched.metadata.labels).toEqual({ own: 'x', by: 'admin' });
  // Nobody owns what a policy sets.
  expect(JSON.stringify(stored.metadata.managedFields)).not.toContain('f:by');
});

test('lists with keys are merged by them, and what is new gets its defaults', async () => {
  await using api = await apiServer();
  const sidecar = `Object{spec: Object.spec{initContainers: [
    Object.spec.initContainers{name: 'mesh', image: 'mesh', restartPolicy: 'Always', ports: [
      Object.spec.initContainers.ports{containerPort: 80}]}]}}`;
  const images = `Object{spec: Object.spec{containers: object.spec.containers.map(c,
    Object.spec.containers{name: c.name, imagePullPolicy: 'Always'})}}`;
  await mutatingPolicy(api, 'm', { rules: onPods, mutations: [apply(sidecar), apply(images)] });
  const { spec } = (await pod(api, 'p', { initContainers: [{ name: 'first', image: 'f' }] })) as unknown as {
    spec: Record<string, Record<string, unknown>[]>;
  };
  expect(spec['initContainers']?.map(({ name }) => name)).toEqual(['first', 'mesh']);
  expect(spec['initContainers']?.[1]).toMatchObject({
    image: 'mesh',
    imagePullPolicy: 'Always',
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    terminationMessagePath: '/dev/termination-log',
  });
  expect(spec['containers']).toMatchObject([{ name: 'c', image: 'i', imagePullPolicy: 'Always' }]);
  // The server's own plugins come once more, for what is new.
  const mounts = [...spec['initContainers']!, ...spec['containers']!].map(({ volumeMounts }) => volumeMounts);
  const mount = { name: spec['volumes']![0]!['name'], mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  expect(spec['volumes']).toHaveLength(1);
  expect(mounts).toMatchObject([[mount], [mount], [mount]]);
});

test('a JSON patch is applied; one whose test fails is not', async () => {
  await using api = await apiServer();
  const add = `[
    JSONPatch{op: 'test', path: '/data/kind', value: 'patched'},
    JSONPatch{op: 'add', path: '/data/size', value: string(size(object.data))},
    JSONPatch{op: 'add', path: '/metadata/labels', value: Object.metadata.labels{tier: 'x'}},
    JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a.io/b'), value: 'y'},
    JSONPatch{op: 'remove', path: '/data/kind'}]`;
  await mutatingPolicy(api, 'm', { mutations: [patch(add)] });
  const one = await configMap(api, 'one', { kind: 'patched', b: '' });
  expect([one['data'], one.metadata.labels]).toEqual([
    { b: '', size: '2' },
    { tier: 'x', 'a.io/b': 'y' },
  ]);
  expect((await configMap(api, 'two', { kind: 'plain' }))['data']).toEqual({ kind: 'plain' });
});

test('each mutation sees what those before it have made, each policy too, in the order of names', async () => {
  await using api = await apiServer();
  const append = (text: string) =>
    apply(`Object{data: {'log': (has(object.data.log) ? object.data.log : '') + '${text}'}}`);
  await mutatingPolicy(api, 'b', { mutations: [append('3')] });
  await mutatingPolicy(api, 'a', { mutations: [append('1'), append('2')] });
  expect((await configMap(api, 'c', { x: '' }))['data']).toEqual({ x: '', log: '123' });
});

test('validating policies see what mutating ones have made', async () => {
  await using api = await apiServer();
  await mutatingPolicy(api, 'm', { mutations: [apply("Object{data: {'made': 'yes'}}")] });
  await validatingPolicy(api, 'v', { validations: [{ expression: "object.data.made == 'yes'" }] });
  expect((await configMap(api, 'c', {}))['data']).toEqual({ made: 'yes' });
});

test.each([
  [
    "Object{data: Object.other{a: '1'}}",
    `type mismatch: unexpected type name "Object.other", expected "Object.data", which matches field name path from root Object type`,
  ],
  [
    "Object{spec: Object.spec{nope: 'x'}}",
    'error applying patch: failed to convert patch object to typed object: errors:\n  .spec: field not declared in schema',
  ],
  [
    "Object{data: {'a': 1}}",
    'error applying patch: failed to convert patch object to typed object: .data.a: expected string',
  ],
  ["Object{data: {'a': object.data.nope}}", 'resulted in error: no such key: nope'],
])('%s refuses the write', async (expression, message) => {
  await using api = await apiServer();
  await mutatingPolicy(api, 'm', { mutations: [apply(expression)] });
  const status = await refusal(configMap(api, 'c', { a: '' }));
  expect(status).toMatchObject({ code: 403, reason: 'Invalid', details: { name: 'c', kind: 'configmaps' } });
  expect(status.message).toMatch(/^policy 'm' with binding 'm' denied request: /);
  expect(status.message?.replace('errors:\n  ', '')).toContain(message.replace('errors:\n  ', ''));
});

test('what would replace the whole of a list or struct is refused', async () => {
  await using api = await apiServer();
  const expression = "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}";
  await mutatingPolicy(api, 'm', { rules: onPods, mutations: [apply(expression)] });
  expect((await refusal(pod(api, 'p'))).message).toBe(
    "policy 'm' with binding 'm' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args",
  );
});

test('a patch that does not fit refuses; a field nobody knows is an error of the server', async () => {
  await using api = await apiServer();
  await mutatingPolicy(api, 'm', {
    matchConditions: [{ name: 'n', expression: "object.metadata.name == 'unfit'" }],
    mutations: [patch("[JSONPatch{op: 'remove', path: '/data/nope'}]")],
  });
  await mutatingPolicy(api, 'n', {
    matchConditions: [{ name: 'n', expression: "object.metadata.name == 'unknown'" }],
    mutations: [patch("[JSONPatch{op: 'add', path: '/nope', value: 1}]")],
  });
  expect((await refusal(configMap(api, 'unfit', { a: '' }))).message).toBe(
    "policy 'm' with binding 'm' denied request: JSON Patch: Unable to remove nonexistent key: nope: missing value",
  );
  expect(await refusal(configMap(api, 'unknown'))).toMatchObject({
    code: 500,
    message: expect.stringContaining('strict decoding error: unknown field "nope"'),
  });
});

test('failures that are ignored leave the object as it is; all others are told together', async () => {
  await using api = await apiServer();
  const wrong = apply("Object{data: {'a': string(object.data.nope)}}");
  await mutatingPolicy(api, 'ignored', { failurePolicy: 'Ignore', mutations: [wrong, label('later', "'yes'")] });
  expect((await configMap(api, 'c', { a: '' })).metadata.labels).toEqual({ later: 'yes' });
  await mutatingPolicy(api, 'one', { mutations: [wrong] });
  await mutatingPolicy(api, 'two', { mutations: [wrong] });
  const { details } = await refusal(configMap(api, 'd', { a: '' }));
  expect(details?.causes?.map(({ message }) => message?.slice(0, 12))).toEqual(["policy 'one'", "policy 'two'"]);
});

test('params, variables and conditions work as they do for validating policies', async () => {
  await using api = await apiServer();
  await configMap(api, 'names', { team: 'blue' }, { namespace: 'kube-system' });
  await mutatingPolicy(
    api,
    'm',
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConditions: [{ name: 'not-system', expression: "request.namespace != 'kube-system'" }],
      variables: [{ name: 'team', expression: "params.data['team'] + '-' + namespaceObject.metadata.name" }],
      mutations: [label('team', 'variables.team')],
    },
    { paramRef: { name: 'names', namespace: 'kube-system', parameterNotFoundAction: 'Deny' } },
  );
  expect((await configMap(api, 'c')).metadata.labels).toEqual({ team: 'blue-default' });
  expect((await configMap(api, 'c', {}, { namespace: 'kube-system' })).metadata.labels).toBeUndefined();
});

test('policies that may be run again see what others have made since', async () => {
  await using api = await apiServer();
  const count = (reinvocationPolicy: string) => ({
    reinvocationPolicy,
    mutations: [apply("Object{data: {'seen': string(size(object.data))}}")],
  });
  await mutatingPolicy(api, 'a', count('IfNeeded'));
  await mutatingPolicy(api, 'b', { mutations: [apply("Object{data: {'more': 'x', 'most': 'y'}}")] });
  expect((await configMap(api, 'c', { x: '' }))['data']).toMatchObject({ seen: '4' });
  await api.call('patch', 'admissionregistration.k8s.io/v1/mutatingadmissionpolicies', {
    namespace: '',
    name: 'a',
    patch: { type: 'merge', body: { spec: { reinvocationPolicy: 'Never' } } },
  });
  expect((await configMap(api, 'd', { x: '' }))['data']).toMatchObject({ seen: '1' });
});

test('custom resources are mutated by their schema, pruned and defaulted', async () => {
  await using api = await apiServer();
  const items = { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer', default: 80 } } };
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          listeners: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { ...items, required: ['name'] },
          },
        },
      },
    },
  };
  await define(api, { schema });
  const rules = [rule('stable.example.com/v1/crontabs', 'CREATE')];
  await mutatingPolicy(api, 'm', {
    rules,
    mutations: [
      apply("Object{spec: Object.spec{listeners: [Object.spec.listeners{name: 'b'}]}}"),
      patch("[JSONPatch{op: 'add', path: '/spec/unknown', value: 1}]"),
    ],
  });
  const object = {
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'c' },
    spec: { listeners: [{ name: 'a', port: 1 }] },
  };
  const made = await api.call<KubeObject>('create', 'stable.example.com/v1/crontabs', { object });
  expect(made['spec']).toEqual({
    listeners: [
      { name: 'a', port: 1 },
      { name: 'b', port: 80 },
    ],
  });
});

test('a policy sees a write in the version its rules name', async () => {
  await using api = await apiServer();
  const rules = [rule('apps/v1beta1/deployments', 'CREATE')];
  const mutations = [
    apply(
      "Object{spec: Object.spec{rollbackTo: Object.spec.rollbackTo{revision: 1}, paused: object.apiVersion == 'apps/v1beta1'}}",
    ),
  ];
  await mutatingPolicy(api, 'm', { rules, mutations });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const made = await api.call('create', 'apps/v1/deployments', {
    object: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
  });
  expect(made).toMatchObject({ apiVersion: 'apps/v1', spec: { paused: true, replicas: 1 } });
});

test('subresources are mutated as what they are', async () => {
  await using api = await apiServer();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await api.call('create', 'apps/v1/deployments', {
    object: { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } },
  });
  await mutatingPolicy(api, 'm', {
    rules: [rule('apps/v1/deployments:scale', 'UPDATE')],
    mutations: [apply('Object{spec: Object.spec{replicas: object.spec.replicas > 3 ? 3 : object.spec.replicas}}')],
  });
  const scaled = await api.call('patch', 'apps/v1/deployments', {
    name: 'd',
    subresource: 'scale',
    patch: { type: 'merge', body: { spec: { replicas: 9 } } },
  });
  expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
});

test('a policy that may be run again sees what a webhook has added, and the webhook what the policy has', async () => {
  await using hook = await admissionServer(() =>
    patching({ op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 's' } }),
  );
  await using api = await apiServer();
  await configure(api, 'Mutating', 'sidecar', hook);
  const images = `Object{spec: Object.spec{containers: object.spec.containers.map(c,
    Object.spec.containers{name: c.name, image: c.image.startsWith('mirror/') ? c.image : 'mirror/' + c.image})}}`;
  await mutatingPolicy(api, 'mirror', { rules: onPods, reinvocationPolicy: 'IfNeeded', mutations: [apply(images)] });
  const { spec } = (await pod(api, 'p')) as unknown as { spec: { containers: { image: string }[] } };
  expect(spec.containers.map(({ image }) => image)).toEqual(['mirror/i', 'mirror/s']);
  expect(hook.asked.map(({ object }) => object.spec.containers[0].image)).toEqual(['mirror/i']);
});

test('a policy may see custom resources in another version than the one that is asked for or stored', async () => {
  await using api = await apiServer();
  const schema = (field: string) => ({
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { [field]: { type: 'string' } } } },
    },
  });
  const version = (name: string, field: string, storage = false) => ({
    name,
    served: true,
    storage,
    schema: schema(field),
  });
  await define(api, { versions: [version('v1', 'a', true), version('v2', 'a'), version('v3', 'a')] });
  await mutatingPolicy(api, 'm', {
    rules: [rule('stable.example.com/v3/crontabs', 'CREATE')],
    mutations: [apply("Object{spec: Object.spec{a: object.apiVersion + ' for ' + request.requestResource.version}}")],
  });
  const object = { apiVersion: 'stable.example.com/v2', kind: 'CronTab', metadata: { name: 'c' }, spec: {} };
  expect(await api.call('create', 'stable.example.com/v2/crontabs', { object })).toMatchObject({
    apiVersion: 'stable.example.com/v2',
    spec: { a: 'stable.example.com/v3 for v2' },
  });
});
