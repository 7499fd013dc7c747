import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import { servedApis } from '../../src/api/served-apis.ts';
import type { Call, UserInfo } from '../../src/client/call.ts';
import { apiServer, gvr, type TestApi } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const node = (name: string): UserInfo => ({
  name: `system:node:${name}`,
  groups: ['system:nodes', 'system:authenticated'],
});

/** What a node hears when it asks: "" for yes, or why not. */
const asker =
  (api: TestApi, user = node('n1')) =>
  async (verb: Call['verb'], resource: string, call: Partial<Call> = {}): Promise<string> => {
    const asked = { verb, resource: gvr(resource), namespace: 'default', ...call } as Call;
    try {
      const transport = api.server.transport(user);
      if (verb !== 'watch') await transport.call(asked);
      else {
        const abort = new AbortController();
        await transport.watch(asked, { events: () => undefined, end: () => undefined }, abort.signal);
        abort.abort();
      }
      return '';
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      // What is allowed and not there was allowed.
      if (code === 404) return '';
      return (
        /^[^:]*forbidden: .*?(?: in the namespace "[^"]*"| at the cluster scope)(?:: )?(.*)$/s.exec(message)?.[1] ||
        message
      );
    }
  };

const unrelated = "no relationship found between node 'n1' and this object";

async function make(api: TestApi, resource: string, name: string, more: object = {}): Promise<KubeObject> {
  const wide = /^(persistentvolumes|nodes)$|csinodes|slices|attachments/.test(resource);
  return api.call('create', resource, { namespace: wide ? '' : 'default', object: { metadata: { name }, ...more } });
}

const pod = (api: TestApi, name: string, nodeName: string, spec: object = {}, annotations = {}) =>
  api.call('create', 'pods', {
    object: { metadata: { name, annotations }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec } },
  });

test('a node reads the secrets, config maps and claims of its pods, and no others', async () => {
  await using api = await apiServer();
  const ask = asker(api);
  const volumes = (suffix: string) => [
    { name: 's', secret: { secretName: `secret-${suffix}` } },
    { name: 'm', configMap: { name: `map-${suffix}` } },
    { name: 'c', persistentVolumeClaim: { claimName: `claim-${suffix}` } },
  ];
  await pod(api, 'p1', 'n1', { volumes: volumes('n1') });
  await pod(api, 'p2', 'n2', { volumes: volumes('n2') });
  for (const [resource, kind] of [
    ['secrets', 'secret'],
    ['configmaps', 'map'],
    ['persistentvolumeclaims', 'claim'],
  ] as const) {
    expect([resource, await ask('get', resource, { name: `${kind}-n1` })]).toEqual([resource, '']);
    expect([resource, await ask('get', resource, { name: `${kind}-n2` })]).toEqual([resource, unrelated]);
    expect([resource, await ask('get', resource, { name: `${kind}-n1`, namespace: 'kube-system' })]).toEqual([
      resource,
      unrelated,
    ]);
  }
  expect(await ask('list', 'secrets')).toBe('No Object name found');
  expect(await ask('list', 'secrets', { namespace: '' })).toBe('can only read namespaced object of this type');
  const one = (name: string) => ({ options: { fieldSelector: `metadata.name=${name}` } });
  expect(await ask('watch', 'secrets', one('secret-n1'))).toBe('');
  expect(await ask('list', 'secrets', one('secret-n2'))).toBe(unrelated);
  expect(await ask('delete', 'secrets', { name: 'secret-n1' })).toBe('can only read resources of this type');
  expect(await ask('list', 'persistentvolumeclaims')).toBe('can only get individual resources of this type');
  const status = { subresource: 'status', patch: { type: 'merge', body: {} } as const };
  expect(await ask('patch', 'persistentvolumeclaims', { name: 'claim-n1', ...status })).toBe('');
  expect(await ask('patch', 'persistentvolumeclaims', { name: 'claim-n2', ...status })).toBe(unrelated);
  await api.call('delete', 'pods', { name: 'p1', options: { gracePeriodSeconds: 0 } });
  expect(await ask('get', 'secrets', { name: 'secret-n1' })).toBe(unrelated);
});

test('mirror pods give their node nothing', async () => {
  await using api = await apiServer();
  const volumes = [{ name: 'm', configMap: { name: 'map' } }];
  await pod(api, 'm', 'n1', { volumes }, { 'kubernetes.io/config.mirror': 'x' });
  expect(await asker(api)('get', 'configmaps', { name: 'map' })).toBe(unrelated);
});

test('volumes belong to the nodes of their claims, and so do the secrets to mount them by', async () => {
  await using api = await apiServer();
  const ask = asker(api);
  const claim = (volumeName: string) => ({
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } }, volumeName },
  });
  const volume = (secret: string, name = 'c1') => ({
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1' },
      claimRef: { namespace: 'default', name },
      cephfs: { monitors: ['m'], secretRef: { name: secret } },
    },
  });
  await make(api, 'persistentvolumes', 'v1', volume('mount'));
  await make(api, 'persistentvolumes', 'v2', volume('other', 'c2'));
  await make(api, 'persistentvolumeclaims', 'c1', claim('v1'));
  const read = async () => [
    await ask('get', 'persistentvolumes', { name: 'v1', namespace: '' }),
    await ask('get', 'secrets', { name: 'mount' }),
  ];
  expect(await read()).toEqual([unrelated, unrelated]);
  await pod(api, 'p', 'n1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c1' } }] });
  expect(await read()).toEqual(['', '']);
  expect(await ask('get', 'persistentvolumes', { name: 'v2', namespace: '' })).toBe(unrelated);
  // A claim that names the volume of another gets nothing by it.
  await make(api, 'persistentvolumeclaims', 'thief', claim('v2'));
  await pod(api, 'q', 'n1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'thief' } }] });
  expect(await ask('get', 'secrets', { name: 'other' })).toBe(unrelated);
});

test('a node sees itself and its own pods, and lists those only', async () => {
  await using api = await apiServer();
  const ask = asker(api);
  for (const name of ['n1', 'n2']) await make(api, 'nodes', name);
  await pod(api, 'p1', 'n1');
  await pod(api, 'p2', 'n2');
  const wide = { namespace: '' };
  expect(await ask('get', 'nodes', { ...wide, name: 'n1' })).toBe('');
  expect(await ask('get', 'nodes', { ...wide, name: 'n2' })).toBe(
    "node 'n1' cannot read 'n2', only its own Node object",
  );
  expect(await ask('list', 'nodes', wide)).toBe("node 'n1' cannot read all nodes, only its own Node object");
  expect(await ask('delete', 'nodes', { ...wide, name: 'n1' })).toContain('cannot delete resource "nodes"');
  expect(await ask('get', 'pods', { name: 'p1' })).toBe('');
  expect(await ask('get', 'pods', { name: 'p2' })).toBe(unrelated);
  const selected = (fieldSelector: string) => ({ ...wide, options: { fieldSelector } });
  expect(await ask('list', 'pods', selected('spec.nodeName=n1'))).toBe('');
  expect(await ask('watch', 'pods', selected('status.phase!=Failed,spec.nodeName=n1'))).toBe('');
  const unselected = 'can only list/watch pods with spec.nodeName field selector';
  for (const selector of ['', 'spec.nodeName=n2', 'spec.nodeName!=n1'])
    expect(await ask('list', 'pods', selected(selector))).toBe(unselected);
  expect(await ask('patch', 'pods', { name: 'p1', patch: { type: 'merge', body: {} } })).toContain(
    'cannot patch resource "pods"',
  );
});

test('a node has leases, drivers, devices and tokens of its own', async () => {
  await using api = await apiServer();
  const ask = asker(api);
  const lease = (verb: Call['verb'], namespace: string, name: string) =>
    ask(verb, 'coordination.k8s.io/v1/leases', { namespace, name });
  expect(await lease('get', 'kube-node-lease', 'n1')).toBe('');
  expect(await lease('get', 'kube-node-lease', 'n2')).toBe(
    'can only access node lease with the same name as the requesting node',
  );
  expect(await lease('get', 'default', 'n1')).toBe('can only access leases in the "kube-node-lease" system namespace');
  expect(await ask('list', 'coordination.k8s.io/v1/leases', { namespace: 'kube-node-lease' })).toBe(
    'can only get, create, update, patch, or delete a node lease',
  );
  const csi = (name: string) => ask('get', 'storage.k8s.io/v1/csinodes', { namespace: '', name });
  expect([await csi('n1'), await csi('n2')]).toEqual([
    '',
    'can only access CSINode with the same name as the requesting node',
  ]);
  const slices = 'resource.k8s.io/v1/resourceslices';
  const pool = { name: 'p', resourceSliceCount: 1, generation: 1 };
  for (const nodeName of ['n1', 'n2'])
    await make(api, slices, `s-${nodeName}`, { spec: { driver: 'd.io', pool, nodeName, devices: [] } });
  expect(await ask('get', slices, { namespace: '', name: 's-n1' })).toBe('');
  expect(await ask('get', slices, { namespace: '', name: 's-n2' })).toBe(unrelated);
  expect(await ask('list', slices, { namespace: '', options: { fieldSelector: 'spec.nodeName=n1' } })).toBe('');
  expect(await ask('list', slices, { namespace: '' })).toBe(
    'can only list/watch/deletecollection resourceslices with nodeName field selector',
  );
  await pod(api, 'p', 'n1', { resourceClaims: [{ name: 'r', resourceClaimName: 'mine' }] });
  const claim = (name: string) => ask('get', 'resource.k8s.io/v1/resourceclaims', { name });
  expect([await claim('mine'), await claim('other')]).toEqual(['', unrelated]);
  const account = (name: string) => ask('get', 'serviceaccounts', { name });
  expect([await account('default'), await account('other')]).toEqual(['', unrelated]);
  expect(await ask('list', 'serviceaccounts')).toBe('can only create tokens for individual service accounts');
});

test('requests for certificates of pods are the nodes’ own, where they are served', async () => {
  const apis = servedApis({ runtimeConfig: { 'certificates.k8s.io/v1beta1': true } });
  await using api = await apiServer({ server: { apis } });
  const ask = asker(api);
  const resource = 'certificates.k8s.io/v1beta1/podcertificaterequests';
  expect(await ask('get', resource, { name: 'r' })).toBe(unrelated);
  expect(await ask('list', resource, { options: { fieldSelector: 'spec.nodeName=n1' } })).toBe('');
  expect(await ask('list', resource)).toBe(
    'can only list/watch podcertificaterequests with spec.nodeName field selector',
  );
  expect(await ask('patch', resource, { name: 'r', subresource: 'status', patch: { type: 'merge', body: {} } })).toBe(
    'nodes may not access the status subresource of PodCertificateRequests',
  );
});

test('everything else nodes have by their role; who is no node, or none that is known, has nothing by it', async () => {
  await using api = await apiServer();
  const ask = asker(api);
  expect(await ask('list', 'services', { namespace: '' })).toBe('');
  expect(await ask('list', 'node.k8s.io/v1/runtimeclasses', { namespace: '' })).toBe('');
  expect(await ask('list', 'apps/v1/deployments')).toContain('cannot list resource "deployments"');
  const stranger = asker(api, { name: 'system:node:n1', groups: ['system:authenticated'] });
  expect(await stranger('list', 'services', { namespace: '' })).toContain('cannot list resource "services"');
  const nobody = asker(api, { name: 'system:node:', groups: ['system:nodes'] });
  expect(await nobody('list', 'services', { namespace: '' })).toBe('unknown node for user "system:node:"');
});

test('nodes are told so over HTTPS, and reviews say the same', async () => {
  await using server = await httpsApi();
  const { api } = server;
  await pod(api, 'p1', 'n1', { volumes: [{ name: 's', secret: { secretName: 's1' } }] });
  const as = await server.client('system:node:n1', 'system:nodes');
  const pods = '/api/v1/pods?fieldSelector=spec.nodeName%3D';
  expect((await server.ask(`${pods}n1`, { as })).code).toBe(200);
  expect((await server.ask(`${pods}n2`, { as })).json.message).toContain('with spec.nodeName field selector');
  const named = '/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3D';
  expect([(await server.ask(`${named}s1`, { as })).code, (await server.ask(`${named}s2`, { as })).code]).toEqual([
    200, 403,
  ]);
  const review = async (resourceAttributes: object) => {
    const spec = { user: 'system:node:n1', groups: ['system:nodes'], resourceAttributes };
    const { json } = await server.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec });
    return json as unknown as { status: object };
  };
  const secret = { verb: 'get', resource: 'secrets', namespace: 'default' };
  expect((await review({ ...secret, name: 's1' })).status).toMatchObject({ allowed: true });
  expect((await review({ ...secret, name: 's2' })).status).toMatchObject({ allowed: false, reason: unrelated });
  const requirements = [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }];
  const list = { verb: 'list', resource: 'pods' };
  expect((await review({ ...list, fieldSelector: { requirements } })).status).toMatchObject({ allowed: true });
  expect((await review(list)).status).toMatchObject({ allowed: false });
  const known = await server.client('system:node:n1', 'system:nodes', 'system:masters');
  const rules = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
  const { json } = await server.post(rules, { spec: { namespace: 'default' } }, { as: known });
  expect(json).toMatchObject({
    status: { incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' },
  });
});
