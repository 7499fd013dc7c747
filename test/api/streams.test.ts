import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { badRequest } from '../../src/api/status.ts';
import type { Dialer, DialTarget, LogOptions, NodeGateway } from '../../src/node/gateway.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';

const pods = '/api/v1/namespaces/default/pods';

/** A node whose containers print what they were asked, and whose ports all lead to one local server. */
class FakeNode implements NodeGateway, Dialer {
  readonly logged: LogOptions[] = [];
  readonly dialled: DialTarget[] = [];
  port = 0;

  async logs(target: { container: string }, options: LogOptions): Promise<Readable> {
    this.logged.push(options);
    if (options.previous)
      throw badRequest(`previous terminated container ${JSON.stringify(target.container)} in pod not found`);
    return Readable.from([Buffer.from('one\n'), Buffer.from(`two from ${target.container}\n`)]);
  }

  async exec(_target: object, options: { command: readonly string[] }) {
    const stdout = new PassThrough();
    stdout.end(`ran ${options.command.join(' ')}`);
    return { stdout, exit: Promise.resolve(3), resize: () => {}, kill: () => {} };
  }

  attach(): never {
    throw badRequest('nothing to attach to');
  }

  usage(): never {
    throw badRequest('nothing to measure');
  }

  async dial(target: DialTarget) {
    this.dialled.push(target);
    return connect(this.port, '127.0.0.1');
  }
}

async function withPods(node: FakeNode): Promise<HttpsApi> {
  const server = await httpsApi({ nodes: () => node });
  const pod = (name: string, ...containers: string[]) => ({
    metadata: { name },
    spec: {
      nodeName: 'n1',
      containers: containers.map((c) => ({ name: c, image: 'i', ports: [{ containerPort: 8080 }] })),
    },
  });
  await server.post(pods, pod('one', 'main'));
  await server.post(pods, pod('two', 'a', 'b'));
  for (const name of ['one', 'two'])
    await server.ask(`${pods}/${name}/status`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ status: { phase: 'Running', podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }] } }),
    });
  return server;
}

test('logs come from the container that is named, or the only one', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const all = await server.ask(`${pods}/one/log?tailLines=5&timestamps=true`);
  expect([all.code, all.headers['content-type'], all.text]).toEqual([200, 'text/plain', 'one\ntwo from main\n']);
  expect(node.logged[0]).toEqual({ tailLines: 5, timestamps: true });
  expect((await server.ask(`${pods}/two/log?container=b`)).text).toContain('from b');
  expect((await server.ask(`${pods}/two/log`)).json).toMatchObject({
    code: 400,
    message: 'a container name must be specified for pod two, choose one of: [a b]',
  });
  expect((await server.ask(`${pods}/two/log?container=c`)).json.message).toBe('container c is not valid for pod two');
  expect((await server.ask(`${pods}/one/log?previous=true`)).json).toMatchObject({ code: 400 });
  expect((await server.ask(`${pods}/one/log?tailLines=-1`)).json).toMatchObject({ code: 422 });
  expect((await server.ask(`${pods}/none/log`)).json).toMatchObject({ code: 404 });
});

test('exec runs over a WebSocket, needs create, and refuses with a Status', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const open = (query: string, as = server.admin) =>
    new Promise<{ code: number; output: string; status: string }>((resolve) => {
      const ws = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/one/exec?${query}`, 'v5.channel.k8s.io', {
        ca: server.ca,
        ...as,
      });
      let output = '';
      let status = '';
      ws.on('message', (data: Buffer) => {
        if (data[0] === 1) output += data.subarray(1);
        if (data[0] === 3) status += data.subarray(1);
      });
      ws.on('error', () => {});
      ws.on('unexpected-response', (_request, answer: IncomingMessage) => {
        answer.resume();
        resolve({ code: answer.statusCode ?? 0, output, status });
      });
      ws.on('close', () => resolve({ code: 101, output, status }));
    });
  const ran = await open('command=echo&command=hi&stdout=true');
  expect(ran.output).toBe('ran echo hi');
  expect(JSON.parse(ran.status)).toMatchObject({ reason: 'NonZeroExitCode' });
  expect((await open('stdout=true')).code).toBe(400);
  expect((await open('command=x&stdout=true&container=nope')).code).toBe(400);
  const reader = await server.client('reader');
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/clusterroles', {
    object: { metadata: { name: 'look' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }] },
  });
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/clusterrolebindings', {
    object: {
      metadata: { name: 'look' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'look' },
      subjects: [{ kind: 'User', name: 'reader', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  expect((await open('command=x&stdout=true', reader)).code).toBe(403);
});

test('a completed pod is joined only where a container was made for one session', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i', stdin: true, stdinOnce: true }] };
  await server.post(pods, { metadata: { name: 'once' }, spec });
  for (const name of ['one', 'once'])
    await server.ask(`${pods}/${name}/status`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ status: { phase: 'Succeeded' } }),
    });
  const refusal = (path: string) =>
    new Promise<string>((resolve) => {
      const ws = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/${path}`, 'v5.channel.k8s.io', {
        ca: server.ca,
        ...server.admin,
      });
      ws.on('error', () => {});
      ws.on('unexpected-response', async (_request, answer: IncomingMessage) => {
        const body = Buffer.concat(await answer.toArray()).toString();
        resolve((JSON.parse(body) as { message: string }).message);
      });
    });
  const completed = 'cannot exec or attach to a container in a completed pod; current phase is Succeeded';
  expect(await refusal('one/attach?stdout=true')).toBe(completed);
  expect(await refusal('once/exec?stdout=true&command=x')).toBe(completed);
  expect(await refusal('once/attach?stdout=true')).toBe('nothing to attach to');
});

test('the pod proxy passes requests on without the credentials, and redirects back', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const backend = createServer((request, response) => {
    if (request.url === '/go') return response.writeHead(302, { location: '/there' }).end();
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () =>
      response
        .writeHead(201, { 'x-backend': 'yes' })
        .end(JSON.stringify({ url: request.url, method: request.method, body, headers: request.headers })),
    );
  });
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  node.port = (backend.address() as AddressInfo).port;
  const headers = { authorization: 'Basic x', 'x-remote-user': 'root', 'x-mine': 'kept', 'content-type': 'text/plain' };
  const echoed = await server
    .ask(`${pods}/one:8080/proxy/a/b?c=d`, {
      method: 'POST',
      body: 'hello',
      headers: { ...headers, authorization: '' },
    })
    .catch(() => undefined);
  expect(echoed?.code).toBe(401);
  delete (headers as Partial<typeof headers>).authorization;
  const answer = await server.ask(`${pods}/one:8080/proxy/a/b?c=d`, { method: 'POST', body: 'hello', headers });
  expect([answer.code, answer.headers['x-backend']]).toEqual([201, 'yes']);
  expect(answer.json).toMatchObject({
    url: '/a/b?c=d',
    method: 'POST',
    body: 'hello',
    headers: { 'x-mine': 'kept', host: 'one:8080' },
  });
  expect(Object.keys(JSON.parse(answer.text).headers)).not.toContain('x-remote-user');
  expect(node.dialled[0]).toMatchObject({ to: 'pod', node: 'n1', address: '10.244.0.5', port: 8080 });
  const moved = await server.ask(`${pods}/one:8080/proxy/go`);
  expect([moved.code, moved.headers.location]).toEqual([302, `${pods}/one:8080/proxy/there`]);
  backend.close();
});

test('the bare proxy path leads to the folder, and a backend that is not there is named as the pod knows it', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const bare = await server.ask(`${pods}/one:8080/proxy?a=b`);
  expect([bare.code, bare.headers.location]).toEqual([301, `${pods}/one:8080/proxy/?a=b`]);
  const closed = createServer();
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
  node.port = (closed.address() as AddressInfo).port;
  await new Promise((done) => closed.close(done));
  expect((await server.ask(`${pods}/one:8080/proxy/`)).json).toMatchObject({
    code: 503,
    message: 'error trying to reach service: dial tcp 10.244.0.5:8080: connect: connection refused',
  });
});

test('a backend that refuses an upgrade leaves no open pipe behind', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const backend = createTcp((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  node.port = (backend.address() as AddressInfo).port;
  const answer = await server.ask(`${pods}/one:8080/proxy/`, {
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
  });
  expect(answer.code).toBe(502);
  expect(answer.headers.connection).toBe('close');
  backend.close();
});

test('a Service is proxied to one of its ready pods, or says that there is none', async () => {
  const node = new FakeNode();
  await using server = await withPods(node);
  const backend = createServer((_request, response) => response.end('served'));
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done));
  node.port = (backend.address() as AddressInfo).port;
  const services = '/api/v1/namespaces/default/services';
  await server.post(services, { metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } });
  expect((await server.ask(`${services}/web:http/proxy/`)).json).toMatchObject({
    code: 503,
    message: 'no endpoints available for service "web"',
  });
  await server.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.244.0.9'], conditions: { ready: true } },
      {
        addresses: ['10.244.0.5'],
        conditions: { ready: true },
        nodeName: 'n1',
        targetRef: { kind: 'Pod', name: 'one', namespace: 'default', uid: 'u' },
      },
    ],
  });
  expect((await server.ask(`${services}/web:80/proxy/x`)).text).toBe('served');
  expect(node.dialled.map((t) => (t.to === 'pod' ? t.address : ''))).toEqual(['10.244.0.5']);
  expect((await server.ask(`${services}/web:nope/proxy/`)).json.message).toContain('no service port "nope" found');
  backend.close();
});
