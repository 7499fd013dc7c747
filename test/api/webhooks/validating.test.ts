import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { admissionServer, configuration, configure, everything, type Tree } from '../../kit/admission-webhooks.ts';
import { apiServer } from '../../kit/api-server.ts';

const pod = (labels: Tree = {}) => ({
  metadata: { name: 'it', labels },
  spec: { containers: [{ name: 'c', image: 'i' }] },
});
const at = (port: number, path: string, caBundle: string) => ({ url: `https://127.0.0.1:${port}${path}`, caBundle });

test.each<[string, Tree | undefined, Partial<Tree>]>([
  ['with its message', { message: 'not today' }, { message: ': not today', code: 400 }],
  [
    'with its code, reason and details',
    { message: 'no', code: 418, reason: 'Teapot', details: { causes: [{ field: 'spec' }] } },
    { message: ': no', code: 418, reason: 'Teapot', details: { causes: [{ field: 'spec' }] } },
  ],
  ['with its reason alone', { reason: 'Forbidden', code: 403 }, { message: ': Forbidden', code: 403 }],
  ['without a word', undefined, { message: ' without explanation', code: 400 }],
  ['with a code that means success', { code: 200 }, { message: ' without explanation', code: 400 }],
  ['with a code that HTTP cannot say', { code: 70_000 }, { message: ' without explanation', code: 999 }],
])('a write is refused %s', async (_, status, expected) => {
  await using hook = await admissionServer(() => ({ allowed: false, status }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'no', hook);
  const refused = api.call('create', 'pods', { object: pod() });
  await expect(refused).rejects.toMatchObject({
    status: {
      kind: 'Status',
      status: 'Failure',
      ...expected,
      message: `admission webhook "no.example.com" denied the request${expected['message']}`,
    },
  });
  await expect(api.call('get', 'pods', { name: 'it' })).rejects.toThrow('not found');
});

test('validating webhooks are asked at the same time, about the final object', async () => {
  const both = Promise.withResolvers<void>();
  let under = 0;
  await using hook = await admissionServer(async () => {
    if (++under === 2) both.resolve();
    await both.promise;
    return { allowed: true };
  });
  await using api = await apiServer();
  for (const name of ['a', 'b']) await configure(api, 'Validating', name, hook);
  await api.call('create', 'pods', { object: pod() });
  expect(hook.asked).toHaveLength(2);
  const metadata = { uid: expect.any(String), creationTimestamp: expect.any(String) };
  for (const { object } of hook.asked) expect(object).toMatchObject({ metadata });
});

test('the first of the list is heard, whichever came first', async () => {
  const second = Promise.withResolvers<void>();
  await using hook = await admissionServer(async (_, path) => {
    if (path.startsWith('/b')) second.resolve();
    else await second.promise;
    return { allowed: false, status: { message: path.slice(1, 2) } };
  });
  await using api = await apiServer();
  for (const name of ['a', 'b'])
    await configure(api, 'Validating', name, hook, {
      clientConfig: at(hook.server.port, `/${name}`, hook.server.caBundle),
    });
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow('"a.example.com" denied the request: a');
});

test.each<[string, Tree, string]>([
  ['another uid', { uid: 'x', allowed: true }, 'received invalid webhook response: expected response.uid="'],
  [
    'a patch',
    { allowed: true, patch: 'W10=', patchType: 'JSONPatch' },
    'received invalid webhook response: validating webhook may not return response.patch',
  ],
  [
    'the type of a patch',
    { allowed: true, patchType: 'JSONPatch' },
    'received invalid webhook response: validating webhook may not return response.patchType',
  ],
  ['a word for a truth value', { allowed: 'yes' }, 'failed to call webhook: json: cannot unmarshal string into Go'],
  ['no review', { instead: { hello: 'world' } }, 'received invalid webhook response: webhook response was absent'],
  [
    'a review without a name',
    { instead: { response: { allowed: true } } },
    'received invalid webhook response: expected response.uid="',
  ],
  [
    'a review of another version',
    { instead: { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', response: { allowed: true } } },
    'received invalid webhook response: webhook response was absent',
  ],
  [
    'something else',
    { instead: { apiVersion: 'v1', kind: 'Toast' } },
    'failed to call webhook: no kind "Toast" is registered for version "v1" in scheme',
  ],
  ['a list', { instead: [1] }, "failed to call webhook: couldn't get version/kind"],
  ['no JSON', { instead: { code: 200, text: '<html>' } }, "failed to call webhook: couldn't get version/kind"],
  [
    'an error',
    { instead: { code: 404, text: 'not here' } },
    'failed to call webhook: the server could not find the requested resource',
  ],
  [
    'an error that says more',
    { instead: { code: 500, text: 'oops' } },
    'failed to call webhook: an error on the server ("oops") has prevented the request from succeeding',
  ],
  [
    'a redirection',
    { instead: { code: 302, headers: { location: 'https://example.com' }, text: '' } },
    'failed to call webhook: the server responded with the status code 302',
  ],
])('a webhook that answers %s fails by its policy', async (_, response, text) => {
  await using hook = await admissionServer(() => response);
  await using api = await apiServer();
  await configure(api, 'Validating', 'odd', hook);
  const refused = api.call('create', 'pods', { object: pod() });
  await expect(refused).rejects.toMatchObject({ status: { code: 500, reason: 'InternalError' } });
  await expect(refused).rejects.toThrow(`Internal error occurred: failed calling webhook "odd.example.com": ${text}`);
  await configure(api, 'Validating', 'odder', hook, { failurePolicy: 'Ignore' });
  await api.call('delete', 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    name: 'odd',
    namespace: '',
  });
  await api.call('create', 'pods', { object: pod() });
});

test('a server that is down', async () => {
  const hook = await admissionServer(() => ({ allowed: true }));
  const { port } = hook.server;
  await hook[Symbol.asyncDispose]();
  await using api = await apiServer();
  await configure(api, 'Validating', 'down', hook);
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow(
    `Internal error occurred: failed calling webhook "down.example.com": failed to call webhook: Post "https://127.0.0.1:${port}/hook?timeout=10s": dial tcp 127.0.0.1:${port}: connect: connection refused`,
  );
});

test('a certificate nobody vouches for', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'mitm', hook, { clientConfig: { url: hook.server.url } });
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow(
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  );
});

test('a bundle without a certificate', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  const caBundle = Buffer.from('not a certificate').toString('base64');
  await configure(api, 'Validating', 'junk', hook, { clientConfig: { url: hook.server.url, caBundle } });
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow(
    'failed calling webhook "junk.example.com": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
  );
});

test('a Service that is not there', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  const service = { namespace: 'kube-system', name: 'hook', path: '/validate', port: 8443 };
  await configure(api, 'Validating', 'gone', hook, { clientConfig: { service }, timeoutSeconds: 5 });
  await expect(api.call('create', 'pods', { object: pod() })).rejects.toThrow(
    'failed to call webhook: Post "https://hook.kube-system.svc:8443/validate?timeout=5s": service "hook" not found',
  );
});

test('a webhook behind a Service is reached through the nodes, by the name its certificate is for', async () => {
  const paths: string[] = [];
  await using hook = await admissionServer(
    (_, path) => {
      paths.push(path);
      return { allowed: true };
    },
    ['hook.kube-system.svc'],
  );
  const dialled: unknown[] = [];
  const dial = async (target: unknown) => {
    dialled.push(target);
    return connect({ host: '127.0.0.1', port: hook.server.port });
  };
  await using api = await apiServer({ server: { nodes: () => ({ dial }) as never } });
  const namespace = 'kube-system';
  const ports = [{ name: 'https', port: 8443, targetPort: 9443 }];
  await api.call('create', 'services', { namespace, object: { metadata: { name: 'hook' }, spec: { ports } } });
  const slice = {
    metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: 9443 }],
    endpoints: [{ addresses: ['10.0.0.1'], nodeName: 'n', targetRef: { kind: 'Pod', name: 'p', uid: 'u' } }],
  };
  await api.call('create', 'discovery.k8s.io/v1/endpointslices', { namespace, object: slice });
  const service = { namespace, name: 'hook', path: '/validate', port: 8443 };
  await configure(api, 'Validating', 'inside', hook, { clientConfig: { service, caBundle: hook.server.caBundle } });
  await api.call('create', 'pods', { object: pod() });
  expect(paths).toEqual(['/validate?timeout=10s']);
  expect(dialled).toEqual([{ to: 'pod', node: 'n', uid: 'u', address: '10.0.0.1', port: 9443 }]);
});

test('more servers than connections are kept of, all asked at once', async () => {
  await using hook = await admissionServer((_, path) => ({ allowed: true, path }));
  await using api = await apiServer();
  // Each names another authority besides the one that counts.
  const padded = (i: number) =>
    Buffer.from(`${Buffer.from(hook.server.caBundle, 'base64')}\n# ${i}\n`).toString('base64');
  const webhooks = Array.from({ length: 100 }, (_, i) => ({
    ...configuration('Validating', `n${i}`, hook.server)['webhooks'][0],
    clientConfig: { url: hook.server.url, caBundle: padded(i) },
  }));
  const object = { ...configuration('Validating', 'many', hook.server), webhooks };
  await api.call('create', 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    namespace: '',
    object,
  });
  for (const name of ['a', 'b']) await api.call('create', 'pods', { object: { ...pod(), metadata: { name } } });
  expect(hook.asked).toHaveLength(200);
});

test('a webhook that knows only v1beta1 is asked in it, and its word taken as it is', async () => {
  await using hook = await admissionServer(() => ({ uid: 'whatever', allowed: true, patchType: 'odd' }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'old', hook, { admissionReviewVersions: ['v1beta1'] });
  await api.call('create', 'pods', { object: pod() });
  expect(hook.server.asked).toMatchObject([{ apiVersion: 'admission.k8s.io/v1beta1' }]);
});

test('with what may have effects nothing is tried out', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'quiet', hook, { sideEffects: 'NoneOnDryRun' });
  await api.call('create', 'pods', { object: pod(), options: { dryRun: true } });
  expect(hook.asked).toMatchObject([{ dryRun: true, options: { dryRun: ['All'] } }]);
  await expect(api.call('get', 'pods', { name: 'it' })).rejects.toThrow('not found');
});

test('webhook configurations are nobody’s business, and so cannot lock anybody out', async () => {
  await using hook = await admissionServer(() => ({ allowed: false }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'all', hook, { rules: [everything] });
  await configure(api, 'Mutating', 'all', hook, { rules: [everything] });
  await expect(api.call('create', 'configmaps', { object: { metadata: { name: 'a' } } })).rejects.toThrow('denied');
  hook.asked.length = 0;
  for (const kind of ['mutating', 'validating']) {
    const resource = `admissionregistration.k8s.io/v1/${kind}webhookconfigurations`;
    await api.call('delete', resource, { name: 'all', namespace: '' });
  }
  expect(hook.asked).toEqual([]);
  await api.call('create', 'configmaps', { object: { metadata: { name: 'a' } } });
});

test('warnings reach who wrote', async () => {
  await using hook = await admissionServer(() => ({ allowed: true, warnings: ['think again', ''] }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'warn', hook);
  await api.call('create', 'pods', { object: pod() });
  expect(hook.asked).toHaveLength(1);
});

test.each<[string, Tree[], boolean | string]>([
  ['hold', [{ name: 'a', expression: 'object.metadata.name == "it" && request.operation == "CREATE"' }], true],
  ['do not hold', [{ name: 'a', expression: 'oldObject != null' }], false],
  [
    'hold only for some',
    [
      { name: 'a', expression: 'request.userInfo.username == "admin"' },
      { name: 'b', expression: 'authorizer.group("").resource("pods").namespace("default").check("create").allowed()' },
      {
        name: 'c',
        expression: '!authorizer.serviceAccount("a", "b").group("").resource("pods").check("get").allowed()',
      },
      { name: 'd', expression: 'authorizer.requestResource.check("delete").allowed()' },
    ],
    true,
  ],
  [
    'cannot be told',
    [{ name: 'a', expression: 'object.spec.none == 1' }],
    `pods "it" is forbidden: expression 'object.spec.none == 1' resulted in error: no such key: none`,
  ],
  [
    'cannot be told, but do not hold',
    [
      { name: 'a', expression: 'object.spec.none == 1' },
      { name: 'b', expression: 'false' },
    ],
    false,
  ],
])('a webhook is asked where its conditions %s', async (_, matchConditions, expected) => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'if', hook, { matchConditions });
  const written = api.call('create', 'pods', { object: pod() });
  if (typeof expected === 'string') {
    await expect(written).rejects.toThrow(expected);
    await expect(written).rejects.toMatchObject({ status: { code: 403 } });
  } else {
    await written;
    expect(hook.asked).toHaveLength(expected ? 1 : 0);
  }
});

test('a condition that cannot be told means no where failures are ignored', async () => {
  await using hook = await admissionServer(() => ({ allowed: false }));
  await using api = await apiServer();
  const matchConditions = [{ name: 'a', expression: 'object.spec.none == 1' }];
  await configure(api, 'Validating', 'if', hook, { matchConditions, failurePolicy: 'Ignore' });
  await api.call('create', 'pods', { object: pod() });
  expect(hook.asked).toEqual([]);
});

test('only namespaces and objects that are selected are asked about', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await configure(api, 'Validating', 'some', hook, {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
    objectSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] },
  });
  await api.call('create', 'pods', { object: pod({ skip: 'me' }) });
  await api.call('create', 'pods', { object: { ...pod(), metadata: { name: 'two' } } });
  await api.call('create', 'serviceaccounts', { namespace: 'kube-system', object: { metadata: { name: 'default' } } });
  await api.call('create', 'pods', { namespace: 'kube-system', object: pod() });
  expect(hook.asked.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['default/two']);
});

test('every object of a collection that is deleted is asked about', async () => {
  await using hook = await admissionServer(({ name }) => ({ allowed: name !== 'b', status: { message: 'keep it' } }));
  await using api = await apiServer();
  for (const name of ['a', 'b']) await api.call('create', 'configmaps', { object: { metadata: { name } } });
  const rules = [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
  await configure(api, 'Validating', 'keep', hook, { rules });
  await expect(api.call('deletecollection', 'configmaps')).rejects.toThrow('denied the request: keep it');
  expect((await api.list('configmaps')).items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  expect(hook.asked).toMatchObject([
    { name: 'a', object: null, oldObject: { metadata: { name: 'a' } }, options: { kind: 'DeleteOptions' } },
    { name: 'b' },
  ]);
});

test('bindings and evictions are shown as what they are', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  await api.call('create', 'pods', { object: pod() });
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/*'] }];
  await configure(api, 'Validating', 'look', hook, { rules });
  const body = { metadata: { name: 'it' } };
  const target = { kind: 'Node', name: 'n' };
  await api.call('create', 'pods', { name: 'it', subresource: 'binding', object: { ...body, target } });
  await api.call('create', 'pods', { name: 'it', subresource: 'eviction', object: body });
  expect(hook.asked).toMatchObject([
    { kind: { group: '', kind: 'Binding' }, subResource: 'binding', name: 'it', object: { target }, oldObject: null },
    {
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      subResource: 'eviction',
      object: { kind: 'Eviction' },
    },
  ]);
});

test('an eviction is asked about as one, not as a deletion; a binding that comes by itself is none of a pod', async () => {
  await using hook = await admissionServer(() => ({ allowed: true }));
  await using api = await apiServer();
  for (const name of ['a', 'b']) await api.call('create', 'pods', { object: { ...pod(), metadata: { name } } });
  const rules = [{ operations: ['DELETE', 'CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['*/*'] }];
  await configure(api, 'Validating', 'look', hook, { rules });
  await api.call('create', 'pods', { name: 'a', subresource: 'eviction', object: { metadata: { name: 'a' } } });
  const target = { kind: 'Node', name: 'n' };
  await api.call('create', 'bindings', { object: { metadata: { name: 'b' }, target } });
  expect(
    hook.asked.map(({ operation, resource, subResource, name }) => [operation, resource.resource, subResource, name]),
  ).toEqual([
    ['CREATE', 'pods', 'eviction', 'a'],
    ['CREATE', 'bindings', undefined, 'b'],
  ]);
});

test('questions of access are asked about, too', async () => {
  await using hook = await admissionServer(() => ({ allowed: false, status: { message: 'no questions' } }));
  await using api = await apiServer();
  const rules = [{ operations: ['CREATE'], apiGroups: ['authorization.k8s.io'], apiVersions: ['*'], resources: ['*'] }];
  await configure(api, 'Validating', 'ask', hook, { rules });
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } };
  const asked = api.call('create', 'authorization.k8s.io/v1/selfsubjectaccessreviews', {
    namespace: '',
    object: { spec },
  });
  await expect(asked).rejects.toThrow('denied the request: no questions');
  expect(hook.asked).toMatchObject([{ kind: { kind: 'SelfSubjectAccessReview' }, object: { spec } }]);
});

test('what takes the place of an object while its deletion is being admitted is admitted itself', async () => {
  await using api = await apiServer();
  await using hook = await admissionServer(async ({ oldObject }) => {
    const { labels } = oldObject['metadata'];
    if (labels.keep) return { allowed: false, status: { message: 'it is to be kept' } };
    await api.call('patch', 'configmaps', {
      name: 'it',
      patch: { type: 'merge', body: { metadata: { labels: { keep: 'yes' } } } },
    });
    return { allowed: true };
  });
  const rules = [{ ...everything, operations: ['DELETE'] }];
  await configure(api, 'Validating', 'keeps', hook, { rules });
  await api.call('create', 'configmaps', { object: { metadata: { name: 'it', labels: { some: 'x' } } } });
  await expect(api.call('delete', 'configmaps', { name: 'it' })).rejects.toThrow('it is to be kept');
  expect(hook.asked.map(({ oldObject }) => oldObject['metadata'].labels)).toEqual([
    { some: 'x' },
    { some: 'x', keep: 'yes' },
  ]);
});
