import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import type { UserInfo } from '../../src/client/call.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { apiServer, gvr, type TestApi } from '../kit/api-server.ts';
import { pkcs10 } from '../kit/pkcs10.ts';

/** A node that may do everything but for what NodeRestriction refuses. */
const node = (name: string): UserInfo => ({
  name: `system:node:${name}`,
  groups: ['system:nodes', 'system:masters', 'system:authenticated'],
});

type Call = Parameters<TestApi['call']>[2];

/** A server with the nodes n1 and n2, and calls as n1. */
async function withNodes(user = node('n1')) {
  const api = await apiServer();
  const n1 = <T = KubeObject>(verb: 'create' | 'update' | 'patch' | 'delete', resource: string, call: Call = {}) =>
    api.server
      .transport(user)
      .call({ verb, resource: gvr(resource), namespace: 'default', ...call } as never) as Promise<T>;
  for (const name of ['n1', 'n2'])
    await api.call('create', 'nodes', { namespace: '', object: { metadata: { name, labels: { plain: 'x' } } } });
  return { api, n1, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const merge = (body: object) => ({ patch: { type: 'merge' as const, body } });
const refused = (message: string) => ({ code: 403, message: expect.stringContaining(message) });
const pod = (name: string, nodeName: string, spec = {}, metadata = {}) => ({
  metadata: { name, ...metadata },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec },
});

test('a node writes itself, but no other, no taints, no owners and no label that draws work to it', async () => {
  await using server = await withNodes();
  const { api, n1 } = server;
  const labelled = (name: string, key: string) =>
    n1('patch', 'nodes', { namespace: '', name, ...merge({ metadata: { labels: { [key]: 'x' } } }) });
  await labelled('n1', 'mine');
  await labelled('n1', 'topology.kubernetes.io/zone');
  await expect(labelled('n2', 'mine')).rejects.toMatchObject(
    refused('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"'),
  );
  for (const key of ['node-restriction.kubernetes.io/x', 'node-role.kubernetes.io/control-plane', 'x.k8s.io/y'])
    await expect(labelled('n1', key)).rejects.toMatchObject(refused(`is not allowed to modify labels: ${key}`));
  const patch = (body: object) => n1('patch', 'nodes', { namespace: '', name: 'n1', ...merge(body) });
  await expect(patch({ spec: { taints: [] } })).rejects.toMatchObject(
    refused('node "n1" is not allowed to modify taints'),
  );
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' }];
  await expect(patch({ metadata: { ownerReferences } })).rejects.toMatchObject(
    refused('node "n1" is not allowed to modify ownerReferences'),
  );
  await n1('patch', 'nodes', {
    namespace: '',
    name: 'n1',
    subresource: 'status',
    ...merge({ status: { phase: 'Running' } }),
  });
  await api.call('delete', 'nodes', { namespace: '', name: 'n1' });
  const make = (labels: object) =>
    n1('create', 'nodes', { namespace: '', object: { metadata: { name: 'n1', labels } } });
  await expect(make({ 'kubernetes.io/role': 'x', 'a.k8s.io/b': 'x' })).rejects.toMatchObject(
    refused('node "n1" is not allowed to set the following labels: a.k8s.io/b, kubernetes.io/role'),
  );
  await make({ 'kubernetes.io/hostname': 'n1' });
  // The name that is generated is another.
  await expect(
    n1('create', 'nodes', { namespace: '', object: { metadata: { generateName: 'n1' } } }),
  ).rejects.toMatchObject(refused('node "n1" is not allowed to modify node ""'));
});

test('a node makes its own mirror pods only, and none that reach for objects', async () => {
  await using server = await withNodes();
  const { api, n1 } = server;
  const { uid } = (await api.call('get', 'nodes', { namespace: '', name: 'n1' })).metadata;
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: uid!, controller: true };
  const mirror = (spec = {}, owners: object[] = [owner], nodeName = 'n1') => ({
    object: pod('m', nodeName, spec, {
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: owners,
    }),
  });
  const plain = pod('m', 'n1');
  await expect(n1('create', 'pods', { object: plain })).rejects.toMatchObject(
    refused('pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods'),
  );
  const only = 'node "n1" can only create pods with';
  const wrong: [ReturnType<typeof mirror>, string][] = [
    [mirror({}, [owner], 'n2'), `${only} spec.nodeName set to itself`],
    [mirror({}, []), `${only} an owner reference set to itself`],
    [mirror({}, [owner, owner]), `${only} a single owner reference set to itself`],
    [mirror({}, [{ ...owner, name: 'n2' }]), `${only} an owner reference set to itself`],
    [mirror({}, [{ ...owner, controller: false }]), `${only} a controller owner reference set to itself`],
    [
      mirror({}, [{ ...owner, blockOwnerDeletion: true }]),
      'node "n1" must not set blockOwnerDeletion on an owner reference',
    ],
    [mirror({}, [{ ...owner, uid: 'u' }]), `node n1 UID mismatch: expected u got ${uid}`],
  ];
  const references: [object, string][] = [
    [{ serviceAccountName: 'default' }, 'serviceaccounts'],
    [{ imagePullSecrets: [{ name: 's' }] }, 'secrets'],
    [{ volumes: [{ name: 'v', secret: { secretName: 's' } }] }, 'secrets'],
    [{ containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'm' } }] }] }, 'configmaps'],
    [{ resourceClaims: [{ name: 'r', resourceClaimName: 'x' }] }, 'resourceclaims'],
    [{ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }, 'persistentvolumeclaims'],
    [
      { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
      'serviceaccounts (via projected volumes)',
    ],
  ];
  for (const [spec, what] of references)
    wrong.push([mirror(spec), `node "n1" can not create pods that reference ${what}`]);
  for (const [call, why] of wrong) await expect(n1('create', 'pods', call)).rejects.toMatchObject(refused(why));
  await n1('create', 'pods', mirror({ volumes: [{ name: 'v', hostPath: { path: '/x' } }] }));
});

test('a node speaks of its own pods only, and of their status', async () => {
  await using server = await withNodes();
  const { api, n1 } = server;
  for (const [name, nodeName] of [
    ['mine', 'n1'],
    ['theirs', 'n2'],
  ] as const)
    await api.call('create', 'pods', { object: pod(name, nodeName, {}, { labels: { a: 'b' } }) });
  const status = (name: string, body: object) => n1('patch', 'pods', { name, subresource: 'status', ...merge(body) });
  await status('mine', { status: { phase: 'Running' } });
  await expect(status('theirs', { status: { phase: 'Running' } })).rejects.toMatchObject(
    refused('node "n1" can only update pod status for pods with spec.nodeName set to itself'),
  );
  await expect(status('mine', { metadata: { labels: { a: 'c' } } })).rejects.toMatchObject(
    refused('node "n1" cannot update labels through pod status'),
  );
  await expect(
    status('mine', { status: { resourceClaimStatuses: [{ name: 'r', resourceClaimName: 'x' }] } }),
  ).rejects.toMatchObject(refused('node "n1" cannot update resource claim statues'));
  await expect(
    n1('patch', 'pods', { name: 'mine', ...merge({ metadata: { labels: { a: 'c' } } }) }),
  ).rejects.toMatchObject(refused('unexpected operation "UPDATE", node "n1" can only create and delete mirror pods'));
  const evict = (name: string) =>
    n1('create', 'pods', {
      name,
      subresource: 'eviction',
      object: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name },
        deleteOptions: { gracePeriodSeconds: 0 },
      },
    });
  await expect(evict('theirs')).rejects.toMatchObject(
    refused('node n1 can only evict pods with spec.nodeName set to itself'),
  );
  await expect(n1('delete', 'pods', { name: 'theirs' })).rejects.toMatchObject(
    refused('node "n1" can only delete pods with spec.nodeName set to itself'),
  );
  await evict('mine');
});

test('a node has leases, drivers, devices and certificates of its own name', async () => {
  await using server = await withNodes();
  const { api, n1 } = server;
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: 'kube-node-lease' } } });
  const lease = (namespace: string, name: string) =>
    n1('create', 'coordination.k8s.io/v1/leases', { namespace, object: { metadata: { name }, spec: {} } });
  await lease('kube-node-lease', 'n1');
  await expect(lease('kube-node-lease', 'n2')).rejects.toMatchObject(
    refused('can only access node lease with the same name as the requesting node'),
  );
  const generated = { metadata: { generateName: 'n1' } };
  await expect(
    n1('create', 'coordination.k8s.io/v1/leases', {
      namespace: 'kube-node-lease',
      object: { ...generated, spec: {} },
    }),
  ).rejects.toMatchObject(refused('can only access node lease with the same name as the requesting node'));
  await expect(
    n1('create', 'storage.k8s.io/v1/csinodes', { namespace: '', object: { ...generated, spec: { drivers: [] } } }),
  ).rejects.toMatchObject(refused('can only access CSINode with the same name as the requesting node'));
  await expect(lease('default', 'n1')).rejects.toMatchObject(
    refused('can only access leases in the "kube-node-lease" system namespace'),
  );
  const drivers = (name: string) =>
    n1('create', 'storage.k8s.io/v1/csinodes', {
      namespace: '',
      object: { metadata: { name }, spec: { drivers: [] } },
    });
  await drivers('n1');
  await expect(drivers('n2')).rejects.toMatchObject(
    refused('can only access CSINode with the same name as the requesting node'),
  );
  const pool = { name: 'p', resourceSliceCount: 1, generation: 1 };
  const slice = (name: string, nodeName: string) => ({
    namespace: '',
    object: { metadata: { name }, spec: { driver: 'd.io', pool, nodeName, devices: [] } },
  });
  const slices = 'resource.k8s.io/v1/resourceslices';
  await n1('create', slices, slice('s1', 'n1'));
  await expect(n1('create', slices, slice('s2', 'n2'))).rejects.toMatchObject(
    refused('can only create ResourceSlice with the same NodeName as the requesting node'),
  );
  await api.call('create', slices, slice('s2', 'n2'));
  await expect(n1('delete', slices, { namespace: '', name: 's2' })).rejects.toMatchObject(
    refused('can only delete ResourceSlice with the same NodeName as the requesting node'),
  );
  const certificate = (name: string, subject: string, signer = 'kubelet-serving') =>
    n1('create', 'certificates.k8s.io/v1/certificatesigningrequests', {
      namespace: '',
      object: {
        metadata: { name },
        spec: {
          request: Buffer.from(pkcs10(subject)).toString('base64'),
          signerName: `kubernetes.io/${signer}`,
          usages: ['digital signature', 'server auth'],
        },
      },
    });
  await certificate('c1', '/O=system:nodes/CN=system:node:n1');
  await certificate('c2', '/CN=anybody', 'kube-apiserver-client');
  await expect(certificate('c3', '/O=system:nodes/CN=system:node:n2')).rejects.toMatchObject(
    refused('can only create a node CSR with CN=system:node:n1'),
  );
});

test('a node tells how claims grow, and nothing else of them', async () => {
  await using server = await withNodes();
  const { api, n1 } = server;
  await api.call('create', 'persistentvolumeclaims', {
    object: {
      metadata: { name: 'v' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
    },
  });
  const status = (body: object) =>
    n1('patch', 'persistentvolumeclaims', { name: 'v', subresource: 'status', ...merge(body) });
  await status({ status: { capacity: { storage: '1' } } });
  await expect(status({ status: { phase: 'Bound' } })).rejects.toMatchObject(
    refused('node "n1" is not allowed to update fields other than status.quantity and status.conditions'),
  );
  await expect(
    n1('patch', 'persistentvolumeclaims', { name: 'v', ...merge({ metadata: { labels: { a: 'b' } } }) }),
  ).rejects.toMatchObject(refused('may only update PVC status'));
});

test('users that are no nodes are left alone, and so is everybody where the plugin is off', async () => {
  const other = { name: 'system:node:n1', groups: ['system:masters', 'system:authenticated'] };
  await using server = await withNodes(other);
  await server.n1('patch', 'nodes', { namespace: '', name: 'n2', ...merge({ metadata: { labels: { a: 'b' } } }) });
  await using off = await apiServer({ server: { admission: { disable: ['NodeRestriction'] } } });
  const made = off.server.transport(node('n1')).call({
    verb: 'create',
    resource: gvr('nodes'),
    object: { metadata: { name: 'n2', labels: { 'x.k8s.io/y': 'z' } } },
  });
  expect(((await made) as KubeObject).metadata.name).toBe('n2');
  await using on = await withNodes(node(''));
  await expect(on.n1('delete', 'nodes', { namespace: '', name: 'n1' })).rejects.toMatchObject(
    refused('could not determine node from user "system:node:"'),
  );
});

test('a node asks for tokens for its pods, and for audiences that they have use for', async () => {
  const server = { serviceAccounts: { key: generateKey(), issuer: 'https://issuer' } };
  await using api = await apiServer({ server });
  const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  const rules: object[] = [{ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }];
  const role = 'rbac.authorization.k8s.io/v1/clusterroles';
  await api.call('create', role, { namespace: '', object: { metadata: { name: 'r' }, rules: [...rules] } });
  await api.call('create', 'rbac.authorization.k8s.io/v1/clusterrolebindings', {
    namespace: '',
    object: {
      metadata: { name: 'r' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'Group', name: 'system:nodes', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  await api.call('create', 'storage.k8s.io/v1/csidrivers', {
    namespace: '',
    object: { metadata: { name: 'd.io' }, spec: { tokenRequests: [{ audience: 'driver' }] } },
  });
  const volumes = [
    { name: 'own', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }] } },
    { name: 'driver', csi: { driver: 'd.io' } },
  ];
  const mine = await api.call('create', 'pods', { object: pod('mine', 'n1', { volumes }) });
  const theirs = await api.call('create', 'pods', { object: pod('theirs', 'n2') });
  const ask = (bound: object | undefined, ...audiences: string[]) =>
    api.server.transport(user).call({
      verb: 'create',
      resource: gvr('serviceaccounts'),
      namespace: 'default',
      name: 'default',
      subresource: 'token',
      object: { metadata: {}, spec: { audiences, ...(bound && { boundObjectRef: bound }) } },
    });
  const to = ({ metadata: { name, uid } }: KubeObject) => ({ apiVersion: 'v1', kind: 'Pod', name, uid });
  for (const audiences of [[], ['vault'], ['driver']]) await ask(to(mine), ...audiences);
  const wrong: [object | undefined, string[], string][] = [
    [undefined, [], 'node requested token not bound to a pod'],
    [{ ...to(mine), uid: '' }, [], 'node requested token with a pod binding without a uid'],
    [{ ...to(mine), uid: 'u' }, [], 'the UID in the bound object reference (u) does not match the UID in record'],
    [to(theirs), [], 'node requested token bound to a pod scheduled on a different node'],
    [to(mine), ['vault', 'driver'], 'node may only request 0 or 1 audiences'],
    [
      to(mine),
      ['other'],
      'audience "other" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
    ],
  ];
  for (const [bound, audiences, why] of wrong)
    await expect(ask(bound, ...audiences)).rejects.toMatchObject(
      refused(`serviceaccounts "default" is forbidden: ${why}`),
    );
  await expect(ask({ ...to(mine), name: 'none' })).rejects.toMatchObject({
    code: 404,
    message: 'pods "none" not found',
  });
  const more = { apiGroups: [''], resources: ['other'], verbs: ['request-serviceaccounts-token-audience'] };
  await api.call('patch', role, { namespace: '', name: 'r', ...merge({ rules: [...rules, more] }) });
  await ask(to(mine), 'other');
});
