import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { admissionServer, configure, patching } from '../../kit/admission-webhooks.ts';
import { httpsApi } from '../../kit/https-api.ts';

const connects = [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['*/*'] }];
const pods = '/api/v1/namespaces/default/pods';

test.each([
  [
    `${pods}/it/exec?command=sh&command=-c&stdin=true&stdout=1&tty=false&container=c`,
    { kind: { kind: 'PodExecOptions' }, subResource: 'exec', name: 'it', namespace: 'default' },
    { kind: 'PodExecOptions', apiVersion: 'v1', stdin: true, stdout: true, container: 'c', command: ['sh', '-c'] },
  ],
  [
    `${pods}/it/attach?stderr=true`,
    { kind: { kind: 'PodAttachOptions' }, subResource: 'attach' },
    { kind: 'PodAttachOptions', apiVersion: 'v1', stderr: true },
  ],
  [
    `${pods}/it/portforward?ports=80&ports=x&ports=443`,
    { kind: { kind: 'PodPortForwardOptions' }, subResource: 'portforward' },
    { kind: 'PodPortForwardOptions', apiVersion: 'v1', ports: [80, 443] },
  ],
  [
    `${pods}/http:it:80/proxy/a/b/?c=d`,
    { kind: { kind: 'PodProxyOptions' }, subResource: 'proxy', name: 'http:it:80' },
    { kind: 'PodProxyOptions', apiVersion: 'v1', path: '/a/b/' },
  ],
  [
    '/api/v1/nodes/n/proxy/stats',
    { kind: { kind: 'NodeProxyOptions' }, resource: { resource: 'nodes' }, name: 'n' },
    { kind: 'NodeProxyOptions', apiVersion: 'v1', path: '/stats' },
  ],
  [
    '/api/v1/namespaces/default/services/s/proxy',
    { kind: { kind: 'ServiceProxyOptions' } },
    { kind: 'ServiceProxyOptions', apiVersion: 'v1' },
  ],
])('%s is a connection that is asked about', async (path, request, object) => {
  await using hook = await admissionServer(() => ({ allowed: false, status: { code: 403, message: 'stay out' } }));
  await using https = await httpsApi();
  await configure(https.api, 'Validating', 'out', hook, { rules: connects });
  const answer = await https.ask(path);
  expect(answer).toMatchObject({
    code: 403,
    json: { message: 'admission webhook "out.example.com" denied the request: stay out' },
  });
  expect(hook.asked).toMatchObject([{ ...request, operation: 'CONNECT', oldObject: null, options: null }]);
  expect(hook.asked[0]!.object).toEqual(object);
});

test('logs are read, not connected to', async () => {
  await using hook = await admissionServer(() => ({ allowed: false }));
  await using https = await httpsApi();
  await configure(https.api, 'Validating', 'out', hook, { rules: connects });
  expect((await https.ask(`${pods}/it/log`)).json.message).toBe('pods "it" not found');
  expect(hook.asked).toEqual([]);
});

test('a webhook may choose the container', async () => {
  await using hook = await admissionServer(() => patching({ op: 'replace', path: '/container', value: 'other' }));
  await using https = await httpsApi();
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  await https.api.call('create', 'pods', { object: { metadata: { name: 'it' }, spec } });
  await configure(https.api, 'Mutating', 'choose', hook, { rules: connects });
  const answer = await https.ask(`${pods}/it/exec?command=sh&container=c`);
  expect(answer.json.message).toBe('container other is not valid for pod it');
});

test('a connection that webhooks let through runs what they have made of it', async () => {
  const nodes = {
    exec: async (_target: object, { command }: { readonly command: readonly string[] }) => {
      const stdout = new PassThrough();
      stdout.end(`ran ${command.join(' ')}`);
      return { stdout, exit: Promise.resolve(0), resize: () => {}, kill: () => {} };
    },
  };
  await using hook = await admissionServer(({ object }) =>
    patching({ op: 'add', path: '/command/-', value: `of ${object['command'].length}` }),
  );
  await using https = await httpsApi({ nodes: () => nodes as never });
  const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
  await https.api.call('create', 'pods', { object: { metadata: { name: 'it' }, spec } });
  const status = { phase: 'Running' };
  await https.api.call('patch', 'pods', {
    name: 'it',
    subresource: 'status',
    patch: { type: 'merge', body: { status } },
  });
  await configure(https.api, 'Mutating', 'bend', hook, { rules: connects });
  const url = `wss://127.0.0.1:${https.port}${pods}/it/exec?command=echo&command=hi&stdout=true`;
  const socket = new WebSocket(url, 'v5.channel.k8s.io', { ca: https.ca, ...https.admin });
  let output = '';
  socket.on('message', (data: Buffer) => {
    if (data[0] === 1) output += data.subarray(1);
  });
  await new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject));
  expect(output).toBe('ran echo hi of 2');
});
