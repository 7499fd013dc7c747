import { expect, test } from 'vitest';
import { admissionServer, configure, creates, everything, patching, type Tree } from '../../kit/admission-webhooks.ts';
import { apiServer } from '../../kit/api-server.ts';

const pod = (more: Tree = {}) => ({
  metadata: { name: 'it', ...more },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const label = (key: string, value = 'yes') => ({ op: 'add', path: `/metadata/labels/${key}`, value });
const labels = { op: 'add', path: '/metadata/labels', value: { by: 'webhook' } };
const sidecar = { op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image: 's' } };

test('what a mutating webhook adds is decoded, defaulted and stored', async () => {
  await using hook = await admissionServer(() => patching(labels, sidecar));
  await using api = await apiServer();
  await configure(api, 'Mutating', 'add', hook);
  const made = await api.call<Tree>('create', 'pods', { object: pod() });
  expect(made['metadata'].labels).toEqual({ by: 'webhook' });
  expect(made['spec'].containers[1]).toMatchObject({
    name: 'sidecar',
    imagePullPolicy: 'Always',
    terminationMessagePath: '/dev/termination-log',
    volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
  });
  expect(await api.call('get', 'pods', { name: 'it' })).toEqual(made);
  expect(hook.asked).toHaveLength(1);
});

test('a webhook is asked in full what the write is', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await configure(api, 'Mutating', 'look', hook);
  const options = { fieldManager: 'me', fieldValidation: 'Strict' } as const;
  await api.call('create', 'pods', { object: pod(), options });
  const { uid, object, ...request } = hook.asked[0]!;
  expect(uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(object).toMatchObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'it', namespace: 'default', managedFields: [{ manager: 'me', operation: 'Update' }] },
    spec: { restartPolicy: 'Always', serviceAccountName: 'default' },
  });
  expect(object['metadata']).not.toHaveProperty('uid');
  expect(request).toEqual({
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    requestKind: { group: '', version: 'v1', kind: 'Pod' },
    requestResource: { group: '', version: 'v1', resource: 'pods' },
    name: 'it',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', ...options },
  });
});

test('a name that is generated comes after the mutating webhooks, and before the validating ones', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  for (const kind of ['Mutating', 'Validating'] as const)
    await configure(api, kind, 'look', hook, { rules: [creates('*')] });
  const made = await api.call<Tree>('create', 'pods', { object: { ...pod(), metadata: { generateName: 'web-' } } });
  const { name } = made['metadata'];
  expect(name).toMatch(/^web-[a-z0-9]{5}$/);
  const [mutating, validating] = hook.asked;
  expect(mutating).not.toHaveProperty('name');
  expect(mutating).not.toHaveProperty('object.metadata.name');
  expect(validating).toMatchObject({ name, object: { metadata: { name, generateName: 'web-' } } });
  const object = { metadata: { generateName: 'team-' } };
  const namespace = await api.call<Tree>('create', 'namespaces', { namespace: '', object });
  expect(hook.asked[2]).not.toHaveProperty('namespace');
  expect(namespace['metadata'].labels).toEqual({ 'kubernetes.io/metadata.name': namespace['metadata'].name });
});

test('who is refused before has the start of the name', async () => {
  await using api = await apiServer();
  const object = { ...pod(), metadata: { generateName: 'web-' } };
  Object.assign(object.spec, { priorityClassName: 'none' });
  await expect(api.call('create', 'pods', { object })).rejects.toThrow(
    'pods "web-" is forbidden: no PriorityClass with name none was found',
  );
});

test('webhooks are asked by the name of their configuration, each about what came before', async () => {
  const seen: Tree[] = [];
  await using hook = await admissionServer(({ object }, path) => {
    seen.push({ path: path.split('?')[0], labels: object['metadata'].labels });
    return patching(seen.length === 1 ? { ...labels, value: { first: 'a' } } : label('second'));
  });
  await using api = await apiServer();
  for (const name of ['b', 'a'])
    await configure(api, 'Mutating', name, hook, {
      clientConfig: { url: `https://127.0.0.1:${hook.server.port}/${name}`, caBundle: hook.server.caBundle },
    });
  const made = await api.call<Tree>('create', 'pods', { object: pod() });
  expect(seen).toEqual([
    { path: '/a', labels: undefined },
    { path: '/b', labels: { first: 'a' } },
  ]);
  expect(made['metadata'].labels).toEqual({ first: 'a', second: 'yes' });
});

test('a webhook is asked again about what others have changed, if it wants to be', async () => {
  const paths: string[] = [];
  await using hook = await admissionServer((_, path) => {
    paths.push(path.split('?')[0]!);
    return path.startsWith('/b') && paths.length < 4 ? patching(sidecar) : { allowed: true };
  });
  await using api = await apiServer();
  for (const [name, reinvocationPolicy] of [
    ['a', 'IfNeeded'],
    ['aa', 'Never'],
    ['b', 'IfNeeded'],
  ] as const)
    await configure(api, 'Mutating', name, hook, {
      clientConfig: { url: `https://127.0.0.1:${hook.server.port}/${name}`, caBundle: hook.server.caBundle },
      reinvocationPolicy,
    });
  await api.call('create', 'pods', { object: pod() });
  // Within the second round the service account's volume was mounted into the sidecar, which "b" has not seen either.
  expect(paths).toEqual(['/a', '/aa', '/b', '/a', '/b']);
});

test('updates, status and scale are shown with the old object', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  const rules = [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/*'] }];
  await configure(api, 'Mutating', 'look', hook, { rules });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template };
  await api.call('create', 'apps/v1/deployments', { object: { metadata: { name: 'd' }, spec } });
  const patch = (body: object) => ({ name: 'd', patch: { type: 'merge', body } as const });
  await api.call('patch', 'apps/v1/deployments', patch({ spec: { replicas: 2 } }));
  await api.call('patch', 'apps/v1/deployments', { ...patch({ status: { replicas: 2 } }), subresource: 'status' });
  await api.call('patch', 'apps/v1/deployments', { ...patch({ spec: { replicas: 3 } }), subresource: 'scale' });
  expect(hook.asked).toMatchObject([
    { kind: { kind: 'Deployment' }, object: { spec: { replicas: 2 } }, oldObject: { spec: { replicas: 1 } } },
    { subResource: 'status', object: { status: { replicas: 2 } }, options: { kind: 'UpdateOptions' } },
    {
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource: { group: 'apps', resource: 'deployments' },
      subResource: 'scale',
      object: { kind: 'Scale', spec: { replicas: 3 } },
      oldObject: { kind: 'Scale', spec: { replicas: 2 } },
    },
  ]);
});

test('a webhook that scales otherwise is heard', async () => {
  await using hook = await admissionServer(() => patching({ op: 'replace', path: '/spec/replicas', value: 7 }));
  await using api = await apiServer();
  const rules = [{ operations: ['UPDATE'], apiGroups: ['*'], apiVersions: ['v1'], resources: ['*/scale'] }];
  await configure(api, 'Mutating', 'seven', hook, { rules });
  const spec = { replicas: 1, selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: pod().spec } };
  await api.call('create', 'replicationcontrollers', { object: { metadata: { name: 'r' }, spec } });
  const patch = { type: 'merge', body: { spec: { replicas: 3 } } } as const;
  const scaled = await api.call<Tree>('patch', 'replicationcontrollers', { name: 'r', subresource: 'scale', patch });
  expect(scaled['spec'].replicas).toBe(7);
  expect(await api.call('get', 'replicationcontrollers', { name: 'r' })).toMatchObject({ spec: { replicas: 7 } });
});

test('what a webhook adds is shown and patched in the version it asked for', async () => {
  await using hook = await admissionServer(() =>
    patching({ op: 'add', path: '/spec/targetCPUUtilizationPercentage', value: 33 }),
  );
  await using api = await apiServer();
  const rules = [{ ...{ operations: ['CREATE'] }, apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['*'] }];
  await configure(api, 'Mutating', 'v1only', hook, { rules });
  const spec = { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } };
  const path = 'autoscaling/v2/horizontalpodautoscalers';
  const made = await api.call<Tree>('create', path, { object: { metadata: { name: 'h' }, spec } });
  expect(hook.asked).toMatchObject([
    {
      kind: { version: 'v1' },
      requestKind: { version: 'v2' },
      object: { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 3 } },
    },
  ]);
  expect(made['spec'].metrics).toEqual([
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 33 } } },
  ]);
});

test('who applies does not own what a webhook adds', async () => {
  await using hook = await admissionServer(() => patching(labels));
  await using api = await apiServer();
  await configure(api, 'Mutating', 'add', hook, {
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
  });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it' }, data: { a: 'b' } };
  const options = { fieldManager: 'applier' };
  const call = { name: 'it', patch: { type: 'apply', body } as const, options };
  const made = await api.call<Tree>('patch', 'configmaps', call);
  expect(made['metadata'].labels).toEqual({ by: 'webhook' });
  expect(made['metadata'].managedFields).toMatchObject([
    { manager: 'applier', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
  ]);
  expect(made['metadata'].managedFields[0].fieldsV1).not.toHaveProperty('f:metadata');
  expect(hook.asked).toMatchObject([
    { operation: 'CREATE', options: { kind: 'CreateOptions', fieldManager: 'applier' } },
  ]);
  // Applied again it changes nothing, and nothing is written.
  const again = await api.call<Tree>('patch', 'configmaps', {
    ...call,
    patch: { type: 'apply', body: structuredClone(body) },
  });
  expect(again['metadata'].resourceVersion).toBe(made['metadata'].resourceVersion);
  expect(hook.asked[1]).toMatchObject({ operation: 'UPDATE', options: { kind: 'UpdateOptions' } });
});

test.each<[string, Tree, string]>([
  [
    'a patch that does not fit',
    patching({ op: 'remove', path: '/metadata/labels/none' }),
    'Internal error occurred: remove operation does not apply: doc is missing path: /metadata/labels/none: missing value',
  ],
  [
    'a value of the wrong type',
    patching({ op: 'replace', path: '/spec/containers', value: 7 }),
    'Internal error occurred: Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type []v1.Container',
  ],
  [
    'another namespace',
    patching({ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }),
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'what the kind does not allow',
    patching({ op: 'replace', path: '/spec/containers/0/name', value: 'No' }),
    'Pod "it" is invalid',
  ],
  [
    'a patch that is none',
    { allowed: true, patchType: 'JSONPatch', patch: Buffer.from('{').toString('base64') },
    'failed calling webhook "bad.example.com": received undecodable patch in webhook response: ',
  ],
  [
    'a patch of another type',
    { ...patching(labels), patchType: 'Merge' },
    'failed calling webhook "bad.example.com": unsupported patch type "Merge"',
  ],
  [
    'a patch without its type',
    { ...patching(labels), patchType: undefined },
    'received invalid webhook response: webhook returned response.patch but not response.patchType',
  ],
  [
    'a type without a patch',
    { allowed: true, patchType: 'JSONPatch' },
    'received invalid webhook response: webhook returned response.patchType but not response.patch',
  ],
])('%s is refused', async (_, response, text) => {
  await using hook = await admissionServer(() => response);
  await using api = await apiServer();
  await configure(api, 'Mutating', 'bad', hook);
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow(text);
});

test('unknown fields of a patch are dropped', async () => {
  await using hook = await admissionServer(() => patching(labels, { op: 'add', path: '/spec/unheardOf', value: 1 }));
  await using api = await apiServer();
  await configure(api, 'Mutating', 'odd', hook);
  const made = await api.call<Tree>('create', 'pods', { object: pod() });
  expect(made['metadata'].labels).toEqual({ by: 'webhook' });
  expect(made['spec']).not.toHaveProperty('unheardOf');
});

test('what only the server may change stays when a webhook leaves it out, and is refused when it makes it up', async () => {
  let operations: object[] = ['uid', 'creationTimestamp', 'resourceVersion', 'generation'].map((field) => ({
    op: 'remove',
    path: `/metadata/${field}`,
  }));
  await using hook = await admissionServer(() => patching(...operations));
  await using api = await apiServer();
  const rules = [{ operations: ['UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
  const made = await api.call<Tree>('create', 'pods', { object: pod() });
  await configure(api, 'Mutating', 'strip', hook, { rules });
  const patch = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  const { uid, creationTimestamp, generation } = made['metadata'];
  const patched = await api.call<Tree>('patch', 'pods', { name: 'it', patch });
  expect(patched['metadata']).toMatchObject({ uid, creationTimestamp, generation, labels: { a: 'b' } });
  operations = [{ op: 'replace', path: '/metadata/uid', value: 'another' }];
  await expect(api.call('patch', 'pods', { name: 'it', patch })).rejects.toThrow(
    'metadata.uid: Invalid value: "another"',
  );
  operations = [{ op: 'replace', path: '/metadata/name', value: 'another' }];
  await expect(api.call('patch', 'pods', { name: 'it', patch })).rejects.toThrow(
    'metadata.name: Invalid value: "another"',
  );
});

test('a binding and an eviction are what webhooks make of them, and checked after that', async () => {
  let operations: object[] = [];
  await using hook = await admissionServer(() => patching(...operations));
  await using api = await apiServer();
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/*'] }];
  await api.call('create', 'pods', { object: pod() });
  await configure(api, 'Mutating', 'bend', hook, { rules });
  const bind = () =>
    api.call('create', 'pods', {
      name: 'it',
      subresource: 'binding',
      object: { metadata: { name: 'it' }, target: { kind: 'Node', name: 'n' } },
    });
  operations = [{ op: 'remove', path: '/target/name' }];
  await expect(bind()).rejects.toThrow('target.name: Required value');
  operations = [{ op: 'replace', path: '/target/name', value: 'other' }];
  await bind();
  expect(await api.call('get', 'pods', { name: 'it' })).toMatchObject({ spec: { nodeName: 'other' } });
  operations = [{ op: 'add', path: '/deleteOptions', value: { dryRun: ['All'] } }];
  const object = { metadata: { name: 'it' } };
  await api.call('create', 'pods', { name: 'it', subresource: 'eviction', object });
  expect(await api.call<Tree>('get', 'pods', { name: 'it' })).not.toHaveProperty('metadata.deletionTimestamp');
});

test('a deletion has nothing to change', async () => {
  await using hook = await admissionServer(() => patching(labels));
  await using api = await apiServer();
  await api.call('create', 'configmaps', { object: { metadata: { name: 'it' } } });
  const rules = [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
  await configure(api, 'Mutating', 'late', hook, { rules });
  await expect(api.call('delete', 'configmaps', { name: 'it' })).rejects.toThrow(
    'admission webhook "late.example.com" attempted to modify the object, which is not supported for this operation',
  );
  expect(hook.asked).toMatchObject([{ object: null, oldObject: { metadata: { name: 'it' } } }]);
});

test('an update that has to be tried again begins with what was asked for, not with what a webhook made of it', async () => {
  await using api = await apiServer();
  await using hook = await admissionServer(async ({ object }) => {
    if (hook.asked.length > 1 && object['data'].by === 'another') return { allowed: true };
    if (hook.asked.length === 1)
      await api.call('patch', 'configmaps', {
        name: 'it',
        patch: { type: 'merge', body: { data: { by: 'another' } } },
      });
    return patching({ op: 'add', path: '/data/seen', value: `${object['data'].seen ?? ''}x` });
  });
  const rules = [{ ...everything, operations: ['UPDATE'] }];
  await configure(api, 'Mutating', 'marks', hook, { rules });
  await api.call('create', 'configmaps', { object: { metadata: { name: 'it' } } });
  const object = { metadata: { name: 'it' }, data: { by: 'us' } };
  const { data } = await api.call<Tree>('update', 'configmaps', { name: 'it', object });
  expect(data).toEqual({ by: 'us', seen: 'x' });
  expect(hook.asked.map((asked) => asked.object['data'])).toEqual([{ by: 'us' }, { by: 'another' }, { by: 'us' }]);
});

test('so does the update of a Scale', async () => {
  await using api = await apiServer();
  await using hook = await admissionServer(async ({ object }) => {
    if (hook.asked.length === 1)
      await api.call('patch', 'apps/v1/deployments', {
        name: 'it',
        patch: { type: 'merge', body: { metadata: { labels: { by: 'another' } } } },
      });
    return patching({ op: 'replace', path: '/spec/replicas', value: object['spec'].replicas + 1 });
  });
  const rules = [{ ...everything, operations: ['UPDATE'], resources: ['deployments/scale'] }];
  await configure(api, 'Mutating', 'counts', hook, { rules });
  const spec = { selector: { matchLabels: { a: 'b' } }, template: { ...pod(), metadata: { labels: { a: 'b' } } } };
  await api.call('create', 'apps/v1/deployments', { object: { metadata: { name: 'it' }, spec } });
  const object = { metadata: { name: 'it' }, spec: { replicas: 3 } };
  const scale = await api.call<Tree>('update', 'apps/v1/deployments', { name: 'it', subresource: 'scale', object });
  expect(hook.asked.map((asked) => asked.object['spec'].replicas)).toEqual([3, 3]);
  expect(scale['spec'].replicas).toBe(4);
});

test('a configuration that has to be applied again owns no more than it says', async () => {
  await using api = await apiServer();
  await using hook = await admissionServer(async () => {
    if (hook.asked.length === 1)
      await api.call('patch', 'apps/v1/deployments', {
        name: 'it',
        patch: { type: 'merge', body: { metadata: { labels: { by: 'another' } } } },
      });
    return { allowed: true };
  });
  const template = { ...pod(), metadata: { labels: { a: 'b' } } };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  await api.call('create', 'apps/v1/deployments', { object: { metadata: { name: 'it' }, spec } });
  await configure(api, 'Mutating', 'looks', hook, { rules: [{ ...everything, operations: ['UPDATE'] }] });
  const volumes = [{ name: 'v', secret: { secretName: 's' } }];
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'it' },
    spec: { template: { spec: { volumes } } },
  };
  const { metadata } = await api.call<Tree>('patch', 'apps/v1/deployments', {
    name: 'it',
    options: { fieldManager: 'me' },
    patch: { type: 'apply', body },
  });
  expect(hook.asked).toHaveLength(3);
  const { fieldsV1 } = metadata.managedFields.find(({ operation }: Tree) => operation === 'Apply');
  const owned = { '.': {}, 'f:name': {}, 'f:secret': { 'f:secretName': {} } };
  expect(fieldsV1['f:spec']['f:template']['f:spec']).toEqual({ 'f:volumes': { 'k:{"name":"v"}': owned } });
});
