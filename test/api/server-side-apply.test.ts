import { expect, test } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../src/api/object.ts';
import { StatusError } from '../../src/api/status.ts';
import { ManualClock } from '../../src/base/clock.ts';
import type { CallOptions } from '../../src/client/call.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const deployments = 'apps/v1/deployments';
const web = (spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});
const whole = {
  replicas: 2,
  selector: { matchLabels: { app: 'web' } },
  template: {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
  },
};

type Tree = Record<string, Record<string, unknown> | undefined>;

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: Record<string, unknown[]> } };
}

const apply = (
  api: TestApi,
  resource: string,
  body: { readonly metadata: object; readonly [field: string]: unknown },
  manager: string,
  options: CallOptions = {},
  subresource = '',
) =>
  api.call<Deployment>('patch', resource, {
    name: (body.metadata as { name: string }).name,
    patch: { type: 'apply', body },
    options: { fieldManager: manager, ...options },
    ...(subresource && { subresource }),
  });
const refusal = async (call: Promise<unknown>): Promise<StatusError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StatusError)) throw new Error('nothing was refused');
  return error;
};
const entries = (object: KubeObject): readonly ManagedFieldsEntry[] => object.metadata.managedFields ?? [];
const managers = (object: KubeObject) =>
  entries(object).map(({ manager, operation, subresource = '' }) => `${manager} ${operation} ${subresource}`.trim());
const fieldsOf = (object: KubeObject, manager: string) => entries(object).find((e) => e.manager === manager)?.fieldsV1;

test('an apply creates what is not there, with defaults that nobody owns', async () => {
  await using api = await apiServer();
  const made = await apply(api, deployments, web(whole), 'me');
  expect(made.metadata.uid).toBeDefined();
  expect(made.spec).toMatchObject({ replicas: 2, revisionHistoryLimit: 10 });
  expect(fieldsOf(made, 'me')).toEqual({
    'f:spec': {
      'f:replicas': {},
      'f:selector': {},
      'f:template': {
        'f:metadata': { 'f:labels': { 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
        },
      },
    },
  });
});

test('applying the same again changes nothing: no write, no time, no revision', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  const made = await apply(api, deployments, web(whole), 'me');
  await clock.advance(60_000);
  expect(await apply(api, deployments, web(whole), 'me')).toEqual(made);
  // As kubectl generates it: null where the server has a value, and a quantity in another form.
  const again = await apply(api, deployments, web(whole, { creationTimestamp: null }), 'me');
  expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  const other = await apply(api, deployments, web({ replicas: 2 }), 'other');
  expect(managers(other)).toEqual(['other Apply', 'me Apply']);
});

test('conflicts name field and manager; force takes the field', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web(whole), 'me');
  const error = await refusal(apply(api, deployments, web({ replicas: 3 }), 'other'));
  expect(error.status).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas', message: 'conflict with "me"' }] },
  });
  const forced = await apply(api, deployments, web({ replicas: 3 }), 'other', { force: true });
  expect(forced.spec.replicas).toBe(3);
  expect(fieldsOf(forced, 'other')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  expect(fieldsOf(forced, 'me')?.['f:spec']).not.toHaveProperty('f:replicas');
});

test('an updater is in the way by name and version', async () => {
  await using api = await apiServer();
  await api.call('create', deployments, { object: web(whole), options: { fieldManager: 'kubectl-client-side-apply' } });
  const error = await refusal(apply(api, deployments, web({ replicas: 3 }), 'other'));
  expect(error.message).toBe(
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
  );
});

test('what is no longer applied goes, and defaults come back', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web({ ...whole, revisionHistoryLimit: 3, paused: true }), 'me');
  const after = await apply(api, deployments, web(whole), 'me');
  expect(after.spec).toMatchObject({ revisionHistoryLimit: 10 });
  expect(after.spec).not.toHaveProperty('paused');
  const bare = await refusal(apply(api, deployments, web({ replicas: 1 }), 'me'));
  expect(bare.code).toBe(422);
});

test('two appliers share a list by its keys', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web(whole), 'me');
  const sidecar = { template: { spec: { containers: [{ name: 'sidecar', image: 's' }] } } };
  await apply(api, deployments, web(sidecar), 'mesh');
  const names = (object: Deployment) =>
    object.spec.template.spec['containers']!.map((c) => (c as { name: string }).name);
  expect(names(await apply(api, deployments, web(whole), 'me'))).toEqual(['c', 'sidecar']);
  expect(names(await apply(api, deployments, web({ template: {} }), 'mesh'))).toEqual(['c']);
});

test('the status endpoint owns the status, the object’s endpoint the rest', async () => {
  await using api = await apiServer();
  const both = { ...web(whole), status: { observedGeneration: 7 } };
  const made = await apply(api, deployments, both, 'me');
  expect(made['status']).toEqual({});
  expect(fieldsOf(made, 'me')).not.toHaveProperty('f:status');
  const reported = await apply(
    api,
    deployments,
    { ...web({ replicas: 9 }), status: { observedGeneration: 7 } },
    'ctl',
    {},
    'status',
  );
  expect(reported.spec.replicas).toBe(2);
  expect(reported['status']).toEqual({ observedGeneration: 7 });
  expect(managers(reported)).toContain('ctl Apply status');
  expect(fieldsOf(reported, 'ctl')).toEqual({ 'f:status': { 'f:observedGeneration': {} } });
  const missing = await refusal(apply(api, deployments, { ...web(), metadata: { name: 'none' } }, 'ctl', {}, 'status'));
  expect(missing.code).toBe(404);
});

test('a scale moves the replicas to its manager, and an apply finds out', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web(whole), 'me');
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } };
  await api.call('update', deployments, {
    name: 'web',
    subresource: 'scale',
    object: scale,
    options: { fieldManager: 'hpa' },
  });
  const scaled = await api.call<Deployment>('get', deployments, { name: 'web' });
  expect(managers(scaled)).toEqual(['me Apply', 'hpa Update scale']);
  expect(entries(scaled)[1]).toMatchObject({ apiVersion: 'apps/v1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } });
  const error = await refusal(apply(api, deployments, web(whole), 'me'));
  expect(error.message).toBe(
    'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
  );
  const { replicas: _, ...rest } = whole;
  expect((await apply(api, deployments, web(rest), 'me')).spec.replicas).toBe(5);
});

test('a scale is applied', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web(whole), 'me');
  const scale = (replicas: number) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web' },
    spec: { replicas },
  });
  const error = await refusal(apply(api, deployments, scale(4), 'hpa', {}, 'scale'));
  expect(error.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.replicas');
  const answer = await apply(api, deployments, scale(4), 'hpa', { force: true }, 'scale');
  expect(answer).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } });
  const scaled = await api.call<Deployment>('get', deployments, { name: 'web' });
  expect(scaled.spec.replicas).toBe(4);
  expect(managers(scaled)).toEqual(expect.arrayContaining(['me Apply', 'hpa Apply scale']));
  const wrong = await refusal(apply(api, deployments, { ...scale(4), spec: { replicas: -1 } }, 'hpa', {}, 'scale'));
  expect(wrong.message).toBe(
    'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  );
});

test.each([deployments, 'apps/v1/statefulsets', 'apps/v1/replicasets', 'replicationcontrollers'])(
  'replicas of %s go from manager to manager',
  async (resource) => {
    await using api = await apiServer();
    const core = resource === 'replicationcontrollers';
    const kind = { 'apps/v1/statefulsets': 'StatefulSet', 'apps/v1/replicasets': 'ReplicaSet' }[resource];
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const body = {
      ...web({ replicas: 1, selector: core ? labels : { matchLabels: labels }, template }),
      ...(kind && { kind }),
      ...(core && { apiVersion: 'v1', kind: 'ReplicationController' }),
    };
    const scale = (replicas: number) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas },
    });
    const owners = async () => {
      const object = await api.call<Deployment>('get', resource, { name: 'web' });
      const owning = entries(object).filter((e) => (e.fieldsV1 as Tree)['f:spec']?.['f:replicas']);
      return [object.spec.replicas, ...owning.map(({ manager }) => manager)];
    };
    const patch = (body: object) =>
      api.call('patch', resource, {
        name: 'web',
        subresource: 'scale',
        patch: { type: 'merge', body },
        options: { fieldManager: 'scale_test' },
      });
    const applied = (options: CallOptions = {}) => apply(api, resource, structuredClone(body), 'apply_test', options);
    await applied();
    expect(await owners()).toEqual([1, 'apply_test']);
    await patch({ status: { replicas: 42 } });
    expect(await owners()).toEqual([1, 'apply_test']);
    await patch({ spec: { replicas: 5 } });
    expect(await owners()).toEqual([5, 'scale_test']);
    expect((await refusal(applied())).reason).toBe('Conflict');
    await applied({ force: true });
    expect(await owners()).toEqual([1, 'apply_test']);
    const conflict = await refusal(apply(api, resource, scale(17), 'apply_scale', {}, 'scale'));
    expect(conflict.message).toContain('conflict with "apply_test"');
    await apply(api, resource, scale(17), 'apply_scale', { force: true }, 'scale');
    expect(await owners()).toEqual([17, 'apply_scale']);
    const options = { fieldManager: 'replace_test' };
    await api.call('update', resource, { name: 'web', subresource: 'scale', object: scale(7), options });
    expect(await owners()).toEqual([7, 'replace_test']);
    await apply(api, resource, scale(7), 'co_owning_test', {}, 'scale');
    expect((await owners()).toSorted()).toEqual([7, 'co_owning_test', 'replace_test']);
    await patch({ spec: { replicas: 5 } });
    expect(await owners()).toEqual([5, 'scale_test']);
  },
);

test('an autoscaler is told apart by the version it was written in', async () => {
  await using api = await apiServer();
  const target = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } };
  const v1 = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' } };
  const cpu = (averageUtilization: number) => [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
  ];
  const spec = { ...target, minReplicas: 1, maxReplicas: 3 };
  const hpas = 'autoscaling/v1/horizontalpodautoscalers';
  await apply(api, hpas, { ...v1, spec: { ...spec, targetCPUUtilizationPercentage: 50 } } as never, 'one');
  const v2 = { ...v1, apiVersion: 'autoscaling/v2', spec: { maxReplicas: 4, metrics: cpu(60) } };
  const error = await refusal(apply(api, 'autoscaling/v2/horizontalpodautoscalers', v2 as never, 'two'));
  expect(error.message).toBe(
    [
      'Apply failed with 2 conflicts: conflicts with "one":',
      '- .spec.maxReplicas',
      '- .spec.targetCPUUtilizationPercentage',
    ].join('\n'),
  );
});

test.each([[[]], [[{}]]])('managed fields are forgotten by %j, in an update and in a patch', async (reset) => {
  await using api = await apiServer();
  const made = await apply(api, deployments, web(whole), 'me');
  const metadata = { ...made.metadata, managedFields: reset };
  const updated = await api.call('update', deployments, { name: 'web', object: { ...made, metadata } });
  // The update itself changed nothing that it could own.
  expect(managers(updated)).toEqual([]);
  const again = await apply(api, deployments, web(whole), 'me');
  expect(managers(again).sort()).toEqual(['before-first-apply Update', 'me Apply']);
  const body = { metadata: { managedFields: reset, labels: { a: 'b' } } };
  const patched = await api.call('patch', deployments, { name: 'web', patch: { type: 'merge', body } });
  expect(fieldsOf(patched, 'me')).toBeUndefined();
});

test('dry run shows the result and keeps nothing', async () => {
  await using api = await apiServer();
  const shown = await apply(api, deployments, web(whole), 'me', { dryRun: true });
  expect(managers(shown)).toEqual(['me Apply']);
  expect((await refusal(api.call('get', deployments, { name: 'web' }))).code).toBe(404);
});

test.each([
  [
    'no field manager',
    {},
    { fieldManager: '' },
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ],
  [
    'a long field manager',
    {},
    { fieldManager: 'x'.repeat(129) },
    422,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
  ],
  [
    'a field nobody knows',
    { spec: { nope: 1 } },
    {},
    400,
    'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.nope: field not declared in schema',
  ],
  ['another kind', { kind: 'Pod' }, {}, 400, 'invalid object type: apps/v1, Kind=Pod'],
  ['another version', { apiVersion: 'v1' }, {}, 400, 'invalid object type: /v1, Kind=Deployment'],
  ['managed fields', { metadata: { name: 'web', managedFields: [{}] } }, {}, 400, 'metadata.managedFields must be nil'],
  [
    'another name',
    { metadata: { name: 'other' } },
    {},
    400,
    'the name of the object (other) does not match the name on the URL (web)',
  ],
  [
    'another namespace',
    { metadata: { name: 'web', namespace: 'x' } },
    {},
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'the uid of something that is not there',
    { metadata: { name: 'web', uid: 'u' } },
    {},
    409,
    'Operation cannot be fulfilled on deployments.apps "web": uid mismatch: the provided object specified uid u, and no existing object was found',
  ],
  [
    'a quantity that is none',
    { spec: { template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu: 'x' } } }] } } } },
    {},
    400,
    undefined,
  ],
])('refuses %s', async (_, change, options, code, message) => {
  await using api = await apiServer();
  const body = { ...web(whole), ...change };
  const error = await refusal(
    api.call('patch', deployments, {
      name: 'web',
      patch: { type: 'apply', body },
      options: { fieldManager: 'me', ...options },
    }),
  );
  expect(error.code).toBe(code);
  if (message) expect(error.message).toBe(message);
});

test('force is for apply, and field managers are checked for every write', async () => {
  await using api = await apiServer();
  await apply(api, deployments, web(whole), 'me');
  const forced = await refusal(
    api.call('patch', deployments, { name: 'web', patch: { type: 'merge', body: {} }, options: { force: true } }),
  );
  expect(forced.message).toBe(
    'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  );
  const long = await refusal(
    api.call('create', 'configmaps', { object: { metadata: { name: 'a' } }, options: { fieldManager: 'a\u0007' } }),
  );
  expect(long.message).toContain('CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value:');
});

test('a stale revision in the configuration is a conflict, a foreign uid a wrong value', async () => {
  await using api = await apiServer();
  const made = await apply(api, deployments, web(whole), 'me');
  const stale = await refusal(apply(api, deployments, web(whole, { resourceVersion: '1' }), 'me'));
  expect([stale.code, stale.message]).toEqual([
    409,
    'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
  ]);
  expect((await refusal(apply(api, deployments, web(whole, { uid: 'u' }), 'me'))).message).toBe(
    'Deployment.apps "web" is invalid: metadata.uid: Invalid value: "u": field is immutable',
  );
  const { resourceVersion } = made.metadata;
  expect((await apply(api, deployments, web({ ...whole, replicas: 3 }, { resourceVersion }), 'me')).spec.replicas).toBe(
    3,
  );
});

test('appliers at once all get through', async () => {
  await using api = await apiServer();
  const map = (key: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { [key]: '1' } });
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
  await Promise.all(keys.map((key) => apply(api, 'configmaps', map(key), key)));
  const made = await api.call('get', 'configmaps', { name: 'm' });
  expect(Object.keys(made['data'] as object).sort()).toEqual(keys.sort());
  expect(entries(made)).toHaveLength(20);
});

test('who may patch but not create, applies to what is there only', async () => {
  await using api = await apiServer();
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'update', 'get'] }];
  await api.call('create', 'rbac.authorization.k8s.io/v1/roles', { object: { metadata: { name: 'r' }, rules } });
  await api.call('create', 'rbac.authorization.k8s.io/v1/rolebindings', {
    object: {
      metadata: { name: 'b' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
    },
  });
  const eve = api.server.transport({ name: 'eve', groups: [] });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } };
  const ask = () =>
    eve.call({
      verb: 'patch',
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      namespace: 'default',
      name: 'm',
      patch: { type: 'apply', body },
      options: { fieldManager: 'eve' },
    });
  expect((await refusal(ask())).message).toBe(
    'configmaps "m" is forbidden: User "eve" cannot create resource "configmaps" in API group "" in the namespace "default"',
  );
  await api.call('create', 'configmaps', { object: { metadata: { name: 'm' } } });
  expect(await ask()).toMatchObject({ data: { a: '1' } });
});

test('over HTTP: YAML and JSON, 201 and 200, keys set twice, CBOR', async () => {
  await using server = await httpsApi();
  const path = '/api/v1/namespaces/default/configmaps/m';
  const send = (body: string, query = 'fieldManager=me', type = 'application/apply-patch+yaml') =>
    server.ask(`${path}?${query}`, { method: 'PATCH', body, headers: { 'content-type': type } });
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: "1"\n';
  expect((await send(yaml)).code).toBe(201);
  expect((await send(yaml)).code).toBe(200);
  const json = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { b: '2' } };
  expect((await send(JSON.stringify(json))).json).toMatchObject({ data: { b: '2' } });
  const twice = `${yaml}  a: "2"\n`;
  const warned = await send(twice);
  expect(warned.headers['warning']).toBe('299 - "line 7: key \\"a\\" already set in map"');
  const strict = await send(twice, 'fieldManager=me&fieldValidation=Strict');
  expect([strict.code, strict.json.message]).toEqual([
    400,
    'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map',
  ]);
  const cbor = await send('x', 'fieldManager=me', 'application/apply-patch+cbor');
  expect([cbor.code, cbor.json.message]).toEqual([
    415,
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
  ]);
  expect((await send('- a')).json.message).toBe(
    'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
  );
  expect((await send('a: [')).code).toBe(400);
  expect((await send('')).json.message).toBe('invalid object type: /, Kind=');
  expect((await send('{"__proto__": {}}')).code).toBe(400);
  expect(
    (await send(`{"apiVersion":"v1","kind":"ConfigMap","data":${'{"a":'.repeat(600)}1${'}'.repeat(600)}}`)).code,
  ).toBe(400);
  const unknown = await server.ask(`${path}?force=false`, {
    method: 'PATCH',
    body: '{}',
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(unknown.code).toBe(422);
});

test('paths are stored in the order upstream writes them, and keys of a list twice are owned as one', async () => {
  await using api = await apiServer();
  const container = {
    name: 'c',
    image: 'i',
    env: [
      { name: 'P', value: '1' },
      { name: 'A', value: '1' },
      { name: 'P', value: '2' },
    ],
  };
  const made = await api.call('create', 'apps/v1/daemonsets', {
    object: {
      metadata: { name: 'd' },
      spec: { ...whole, replicas: undefined, template: { ...whole.template, spec: { containers: [container] } } },
    } as never,
    options: { fieldManager: 'me' },
  });
  expect(JSON.stringify(fieldsOf(made, 'me'))).toBe(
    '{"f:metadata":{"f:annotations":{".":{},"f:deprecated.daemonset.template.generation":{}}},' +
      '"f:spec":{"f:revisionHistoryLimit":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},' +
      '"f:spec":{"f:containers":{"k:{\\"name\\":\\"c\\"}":{".":{},"f:env":{".":{},"k:{\\"name\\":\\"A\\"}":' +
      '{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"P\\"}":{}},"f:image":{},"f:imagePullPolicy":{},"f:name":{},' +
      '"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},' +
      '"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}},' +
      '"f:updateStrategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}}}}',
  );
});
