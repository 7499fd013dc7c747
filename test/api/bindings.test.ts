import { expect, test } from 'vitest';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const pod = (api: TestApi, name: string, more: object = {}) =>
  api.call('create', 'pods', {
    object: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } },
  });

const bind = (api: TestApi, name: string, binding: object = {}, options: { dryRun?: boolean } = {}) =>
  api.call('create', 'pods', {
    name,
    subresource: 'binding',
    options,
    object: { metadata: { name }, target: { kind: 'Node', name: 'n' }, ...binding } as never,
  });

test('a binding puts a pod on a node, once', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  expect(await bind(api, 'a', {}, { dryRun: true })).toMatchObject({ status: 'Success' });
  const labelled = { metadata: { name: 'a', annotations: { from: 'me' }, labels: { zone: 'z' } } };
  expect(await bind(api, 'a', labelled)).toMatchObject({ status: 'Success' });
  expect(await api.call('get', 'pods', { name: 'a' })).toMatchObject({
    metadata: { annotations: { from: 'me' }, labels: { zone: 'z' } },
    spec: { nodeName: 'n' },
    status: { conditions: [{ type: 'PodScheduled', status: 'True', observedGeneration: 1 }] },
  });
  await expect(bind(api, 'a')).rejects.toMatchObject({
    code: 409,
    message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n"',
  });
});

test('a pod that has its node is in prospect of none', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  const patch = { type: 'merge' as const, body: { status: { nominatedNodeName: 'other' } } };
  await api.call('patch', 'pods', { name: 'a', subresource: 'status', patch });
  await bind(api, 'a');
  const { status } = (await api.call('get', 'pods', { name: 'a' })) as { status?: object };
  expect(status).not.toHaveProperty('nominatedNodeName');
});

test('a binding keeps away from pods that are held back, and from pods that are not meant', async () => {
  await using api = await apiServer();
  await pod(api, 'gated', { schedulingGates: [{ name: 'wait' }] });
  await expect(bind(api, 'gated')).rejects.toMatchObject({
    message: 'Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates',
  });
  const { metadata } = await pod(api, 'b');
  await expect(bind(api, 'b', { metadata: { name: 'b', uid: 'other' } })).rejects.toMatchObject({
    message: `Operation cannot be fulfilled on pods "b": StorageError: invalid object, Code: 4, Key: /registry/pods/default/b, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${metadata.uid}`,
  });
  await expect(bind(api, 'b', { metadata: {} })).rejects.toMatchObject({ code: 400 });
  await expect(bind(api, 'b', { metadata: { name: 'c' } })).rejects.toMatchObject({
    message: 'name in URL does not match name in Binding object',
  });
});

test('a binding says which node', async () => {
  await using api = await apiServer();
  await pod(api, 'a');
  await expect(bind(api, 'a', { target: { kind: 'Pod' } })).rejects.toMatchObject({
    code: 422,
    message:
      'Binding "a" is invalid: [target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
  });
});

test('a pod takes zone and region of its node as labels, however it comes there', async () => {
  await using api = await apiServer();
  const topology = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' };
  const node = { metadata: { name: 'n', labels: { ...topology, disk: 'ssd' } } };
  await api.call('create', 'nodes', { namespace: '', object: node });
  const labelsOf = async (name: string) => (await api.call('get', 'pods', { name })).metadata.labels;
  await pod(api, 'bound', { nodeSelector: {} });
  await bind(api, 'bound', {
    metadata: { name: 'bound', labels: { 'topology.kubernetes.io/zone': 'other', own: 'x' } },
  });
  expect(await labelsOf('bound')).toEqual({ ...topology, own: 'x' });
  await pod(api, 'old-way');
  expect(await labelsOf('old-way')).toBeUndefined();
  const object = { metadata: { name: 'old-way' }, target: { kind: 'Node', name: 'n' } };
  await api.call('create', 'bindings', { object });
  expect(await labelsOf('old-way')).toEqual(topology);
  await pod(api, 'direct', { nodeName: 'n' });
  expect(await labelsOf('direct')).toEqual(topology);
  await pod(api, 'elsewhere', { nodeName: 'unknown' });
  expect(await labelsOf('elsewhere')).toBeUndefined();
});
