import { expect, test } from 'vitest';
import { apiServer } from '../../kit/api-server.ts';
import {
  conditionOf,
  cronTab,
  cronTabs,
  define,
  definition,
  definitions,
  openSchema,
  untilDefinition,
} from '../../kit/custom-resources.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['cronSpec'],
      properties: {
        cronSpec: { type: 'string', pattern: '^[*0-9]' },
        replicas: { type: 'integer', minimum: 1, default: 1 },
        image: { type: 'string', nullable: true },
      },
    },
    status: { type: 'object', properties: { ready: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

test('a definition serves its kind from the turn in which its creation is answered', async () => {
  await using api = await apiServer();
  const created = await api.call('create', definitions, { namespace: '', object: definition() });
  expect(conditionOf(created, 'Established')?.status).toBe('True');
  const made = await api.call('create', cronTabs, { object: cronTab('a', { spec: { x: 1 } }) });
  expect(made).toMatchObject({ kind: 'CronTab', spec: { x: 1 }, metadata: { generation: 1, namespace: 'default' } });
  const crd = await untilDefinition(
    api,
    'crontabs.stable.example.com',
    (o) => conditionOf(o, 'Established')?.status === 'True',
  );
  expect(conditionOf(crd, 'NamesAccepted')).toMatchObject({ status: 'True', reason: 'NoConflicts' });
  expect((crd['status'] as { conditions: object[] }).conditions).toHaveLength(2);
  expect(conditionOf(crd, 'Established')).toMatchObject({
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  });
  expect(crd['status']).toMatchObject({
    acceptedNames: { plural: 'crontabs', kind: 'CronTab', listKind: 'CronTabList' },
  });
});

test('objects are defaulted, pruned and checked by the schema of their version', async () => {
  await using api = await apiServer();
  await define(api, { schema });
  const made = await api.call('create', cronTabs, {
    object: cronTab('a', { spec: { cronSpec: '* * *', image: null, other: 1 }, extra: true }),
  });
  expect(made['spec']).toEqual({ cronSpec: '* * *', replicas: 1, image: null });
  expect(made['extra']).toBeUndefined();
  await expect(api.call('create', cronTabs, { object: cronTab('b', { spec: { replicas: 0 } }) })).rejects.toMatchObject(
    {
      code: 422,
      message:
        'CronTab.stable.example.com "b" is invalid: [spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1, spec.cronSpec: Required value]',
    },
  );
  await expect(
    api.call('update', cronTabs, { name: 'a', object: { ...made, spec: { cronSpec: 'x' } } }),
  ).rejects.toMatchObject({ code: 422 });
});

test('CEL rules hold for new objects, changes and statuses', async () => {
  await using api = await apiServer();
  const ruled = {
    type: 'object',
    'x-kubernetes-validations': [{ rule: 'self.spec.min <= self.spec.max', message: 'min must not exceed max' }],
    properties: {
      spec: {
        type: 'object',
        properties: {
          min: { type: 'integer' },
          max: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'may only grow' }] },
        },
      },
      status: {
        type: 'object',
        properties: { used: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 10' }] } },
      },
    },
  };
  await define(api, { schema: ruled, version: { subresources: { status: {} } } });
  await expect(
    api.call('create', cronTabs, { object: cronTab('a', { spec: { min: 2, max: 1 } }) }),
  ).rejects.toMatchObject({ code: 422, message: expect.stringContaining('min must not exceed max') });
  await api.call('create', cronTabs, { object: cronTab('a', { spec: { min: 1, max: 5 } }) });
  const patch = (body: object, subresource = '') =>
    api.call('patch', cronTabs, { name: 'a', subresource, patch: { type: 'merge', body } });
  await expect(patch({ spec: { max: 4 } })).rejects.toMatchObject({
    message: 'CronTab.stable.example.com "a" is invalid: spec.max: Invalid value: 4: may only grow',
  });
  await patch({ spec: { max: 6 } });
  await expect(patch({ status: { used: 11 } }, 'status')).rejects.toMatchObject({ code: 422 });
  expect(await patch({ status: { used: 3 } }, 'status')).toMatchObject({ status: { used: 3 } });
});

test('an update needs a resourceVersion and counts the generation when anything but metadata changes', async () => {
  await using api = await apiServer();
  await define(api);
  const made = await api.call('create', cronTabs, { object: cronTab('a', { spec: { n: 1 }, status: { s: 1 } }) });
  expect(made['status']).toEqual({ s: 1 });
  await expect(
    api.call('update', cronTabs, { name: 'a', object: cronTab('a', { spec: { n: 2 } }) }),
  ).rejects.toMatchObject({
    code: 422,
    message:
      'crontabs.stable.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  });
  const labelled = await api.call('patch', cronTabs, {
    name: 'a',
    patch: { type: 'merge', body: { metadata: { labels: { l: 'x' } } } },
  });
  expect(labelled.metadata.generation).toBe(1);
  const told = await api.call('patch', cronTabs, { name: 'a', patch: { type: 'merge', body: { status: { s: 2 } } } });
  expect(told.metadata.generation).toBe(2);
});

test('with a status endpoint, status is written there only and does not count', async () => {
  await using api = await apiServer();
  await define(api, { schema, version: { subresources: { status: {} } } });
  const made = await api.call('create', cronTabs, {
    object: cronTab('a', { spec: { cronSpec: '*' }, status: { ready: 5 } }),
  });
  expect(made['status']).toBeUndefined();
  const status = await api.call('update', cronTabs, {
    name: 'a',
    subresource: 'status',
    object: { ...made, metadata: { ...made.metadata, labels: { no: 'no' } }, spec: {}, status: { ready: 2, more: 1 } },
  });
  expect(status).toMatchObject({ spec: { cronSpec: '*', replicas: 1 }, status: { ready: 2 } });
  expect(status['status']).toEqual({ ready: 2 });
  expect(status.metadata.labels).toBeUndefined();
  expect(status.metadata.generation).toBe(1);
  const spec = await api.call('patch', cronTabs, {
    name: 'a',
    patch: { type: 'merge', body: { spec: { replicas: 3 }, status: { ready: 9 } } },
  });
  expect(spec['status']).toEqual({ ready: 2 });
  expect(spec.metadata.generation).toBe(2);
  await expect(
    api.call('patch', cronTabs, {
      name: 'a',
      subresource: 'status',
      patch: { type: 'merge', body: { status: { ready: 'x' } } },
    }),
  ).rejects.toMatchObject({
    message:
      'CronTab.stable.example.com "a" is invalid: status.ready: Invalid value: "string": ready in body must be of type integer: "string"',
  });
});

test('a scale shows and sets the replicas at the paths of the definition', async () => {
  await using api = await apiServer();
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.ready',
    labelSelectorPath: '.status.selector',
  };
  await define(api, { schema, version: { subresources: { status: {}, scale } } });
  await api.call('create', cronTabs, { object: cronTab('a', { spec: { cronSpec: '*', replicas: 2 } }) });
  await api.call('patch', cronTabs, {
    name: 'a',
    subresource: 'status',
    patch: { type: 'merge', body: { status: { ready: 1, selector: 'app=a' } } },
  });
  expect(await api.call('get', cronTabs, { name: 'a', subresource: 'scale' })).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 1, selector: 'app=a' },
  });
  await api.call('patch', cronTabs, {
    name: 'a',
    subresource: 'scale',
    patch: { type: 'merge', body: { spec: { replicas: 7 } } },
  });
  expect(await api.call('get', cronTabs, { name: 'a' })).toMatchObject({
    spec: { replicas: 7 },
    metadata: { generation: 2 },
  });
  await expect(
    api.call('patch', cronTabs, {
      name: 'a',
      subresource: 'scale',
      patch: { type: 'merge', body: { spec: { replicas: -1 } } },
    }),
  ).rejects.toMatchObject({ code: 422 });
});

test('a scale of a resource that leaves its replicas open says so', async () => {
  await using api = await apiServer();
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  await define(api, { version: { subresources: { scale } } });
  await api.call('create', cronTabs, { object: cronTab('a') });
  await expect(api.call('get', cronTabs, { name: 'a', subresource: 'scale' })).rejects.toMatchObject({
    code: 500,
    message: 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist',
  });
  await expect(
    api.call('patch', cronTabs, { name: 'a', subresource: 'scale', patch: { type: 'merge', body: {} } }),
  ).rejects.toMatchObject({ code: 400, message: 'the spec replicas field ".spec.replicas" cannot be empty' });
  await api.call('create', cronTabs, { object: cronTab('c', { spec: { replicas: 2 } }) });
  const shown = await api.call('get', cronTabs, { name: 'c', subresource: 'scale' });
  expect([shown['spec'], shown['status']]).toEqual([{ replicas: 2 }, { replicas: 0 }]);
  await expect(
    api.call('create', cronTabs, { object: cronTab('b', { spec: { replicas: 'many' } }) }),
  ).rejects.toMatchObject({
    message:
      'CronTab.stable.example.com "b" is invalid: .spec.replicas: Invalid value: 0: .spec.replicas accessor error: many is of the type string, expected int64',
  });
});

test('lists and watches select by the fields that the version offers', async () => {
  await using api = await apiServer();
  const colored = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { color: { type: 'string' } } } },
  };
  await define(api, { schema: colored, version: { selectableFields: [{ jsonPath: '.spec.color' }] } });
  for (const [name, color] of [
    ['a', 'red'],
    ['b', 'blue'],
    ['c', 'red'],
  ] as const)
    await api.call('create', cronTabs, { object: cronTab(name, { spec: { color } }) });
  const red = await api.list(cronTabs, { fieldSelector: 'spec.color=red' });
  expect(red.items.map((o) => o.metadata.name)).toEqual(['a', 'c']);
  const log = await api.watch(cronTabs, {
    fieldSelector: 'spec.color=blue',
    resourceVersion: red.metadata.resourceVersion!,
  });
  await api.call('patch', cronTabs, { name: 'a', patch: { type: 'merge', body: { spec: { color: 'blue' } } } });
  await api.call('patch', cronTabs, { name: 'a', patch: { type: 'merge', body: { spec: { color: 'red' } } } });
  const events = await log.until(2);
  expect(events.map((e) => `${e.type} ${e.object.metadata.name}`)).toEqual(['ADDED a', 'DELETED a']);
  log.close();
  await expect(api.list(cronTabs, { fieldSelector: 'spec.size=1' })).rejects.toMatchObject({
    code: 400,
    message: 'field label not supported: spec.size',
  });
});

test('strategic merge patches are refused, merge and JSON patches work', async () => {
  await using api = await apiServer();
  await define(api);
  await api.call('create', cronTabs, { object: cronTab('a') });
  await expect(
    api.call('patch', cronTabs, { name: 'a', patch: { type: 'strategic', body: { spec: {} } } }),
  ).rejects.toMatchObject({ code: 415 });
  const patched = await api.call('patch', cronTabs, {
    name: 'a',
    patch: { type: 'json', body: [{ op: 'add', path: '/spec', value: { n: 1 } }] },
  });
  expect(patched['spec']).toEqual({ n: 1 });
});

test('of two definitions written at once only one gets a name, and a refused one holds none', async () => {
  await using api = await apiServer();
  const rival = (plural: string) => definition({ plural, names: { singular: plural, listKind: `${plural}List` } });
  const wrong = rival('wrongs');
  await expect(
    api.call('create', definitions, { namespace: '', object: { ...wrong, spec: { ...wrong.spec, scope: 'Nowhere' } } }),
  ).rejects.toMatchObject({ code: 422 });
  await api.call('create', definitions, { namespace: '', object: rival('dries'), options: { dryRun: true } });
  const made = await Promise.all(
    ['ones', 'twos'].map((plural) => api.call('create', definitions, { namespace: '', object: rival(plural) })),
  );
  expect(made.map((crd) => conditionOf(crd, 'NamesAccepted')?.reason)).toEqual(['NoConflicts', 'KindConflict']);
});

test('a definition that takes the names of another is told, and gets them when they are free', async () => {
  await using api = await apiServer();
  await define(api);
  const other = definition({
    plural: 'others',
    kind: 'CronTab',
    names: { singular: 'other', listKind: 'OtherList', shortNames: ['crontab'] },
  });
  await api.call('create', definitions, { namespace: '', object: other });
  const refused = await untilDefinition(api, other.metadata.name, (o) => conditionOf(o, 'NamesAccepted') !== undefined);
  expect(conditionOf(refused, 'NamesAccepted')).toMatchObject({
    status: 'False',
    reason: 'KindConflict',
    message: '"CronTab" is already in use',
  });
  expect(conditionOf(refused, 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
  await expect(api.list('stable.example.com/v1/others')).rejects.toMatchObject({ code: 404 });
  await api.call('delete', definitions, { namespace: '', name: 'crontabs.stable.example.com' });
  const accepted = await untilDefinition(
    api,
    other.metadata.name,
    (o) => conditionOf(o, 'Established')?.status === 'True',
  );
  expect(conditionOf(accepted, 'NamesAccepted')).toMatchObject({ status: 'True', reason: 'NoConflicts' });
  expect((await api.list('stable.example.com/v1/others')).items).toEqual([]);
});

test('definitions of the community groups say whether they are approved', async () => {
  await using api = await apiServer();
  const sketch = { group: 'things.k8s.io', plural: 'things', kind: 'Thing' };
  const crd = await define(api, {
    ...sketch,
    annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/kubernetes/pull/1' },
  });
  expect(conditionOf(crd, 'KubernetesAPIApprovalPolicyConformant')).toMatchObject({
    status: 'True',
    reason: 'ApprovedAnnotation',
    message: 'approved in https://github.com/kubernetes/kubernetes/pull/1',
  });
});

test('a version that is no longer served answers 404, others go on', async () => {
  await using api = await apiServer();
  const version = (name: string, storage: boolean, served = true) => ({
    name,
    served,
    storage,
    schema: { openAPIV3Schema: openSchema },
  });
  const crd = await define(api, { versions: [version('v1', true), version('v1beta1', false)] });
  await api.call('create', cronTabs, { object: cronTab('a') });
  expect(await api.call('get', 'stable.example.com/v1beta1/crontabs', { name: 'a' })).toMatchObject({
    apiVersion: 'stable.example.com/v1beta1',
  });
  await api.call('update', definitions, {
    namespace: '',
    name: crd.metadata.name!,
    object: {
      ...crd,
      spec: { ...(crd['spec'] as object), versions: [version('v1', true), version('v1beta1', false, false)] },
    },
  });
  await expect(api.call('get', 'stable.example.com/v1beta1/crontabs', { name: 'a' })).rejects.toMatchObject({
    code: 404,
  });
  expect((await api.call('get', cronTabs, { name: 'a' })).apiVersion).toBe('stable.example.com/v1');
});
