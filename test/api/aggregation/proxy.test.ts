import type { ServerResponse } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { apiServices } from '../../../src/api/kinds.gen.ts';
import type { APIService, APIServiceCondition } from '../../../src/api/types/apiregistration-v1.gen.ts';
import { ManualClock, SystemClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { createClient } from '../../../src/client/client.ts';
import { loadFrontProxy } from '../../../src/cluster/front-proxy.ts';
import type { DialTarget } from '../../../src/node/gateway.ts';
import {
  type AggregatedServer,
  type Answerer,
  aggregatedServer,
  json,
  registered,
} from '../../kit/aggregated-server.ts';
import { type HttpsApi, httpsApi } from '../../kit/https-api.ts';
import { seen } from '../../kit/seen.ts';

const group = 'wardle.example.com';
const base = `/apis/${group}/v1`;
const services = 'apiregistration.k8s.io/v1/apiservices';
const flunders = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1`, resources: [] };

/** Has its list of resources, and whatever else it is given to answer. */
const wardle = (answer: Answerer = () => false): Promise<AggregatedServer> =>
  aggregatedServer((asked, response) =>
    asked.url === base && asked.headers['x-remote-user'] === 'system:kube-aggregator'
      ? json(response, flunders)
      : answer(asked, response),
  );

const frontProxy = () => loadFrontProxy(undefined, new SystemClock(), new SystemIds());

async function register(server: HttpsApi, behind: AggregatedServer, more: object = {}): Promise<void> {
  const { service, apiService } = registered(behind, group, 'v1', more);
  await server.api.call('create', 'services', { object: service });
  await server.api.call('create', services, { object: apiService });
}

const available = ({ status }: APIService) => status?.conditions?.find(({ type }) => type === 'Available');

/** Resolves when the condition says so. */
const says = async (server: HttpsApi, check: (condition: APIServiceCondition) => boolean) => {
  const where = { name: `v1.${group}` };
  const client = createClient(server.api.transport);
  const service = await seen(client, apiServices, where, (object) => {
    const condition = available(object);
    return condition !== undefined && check(condition);
  });
  return available(service)!;
};
const isAvailable = (server: HttpsApi) => says(server, ({ status }) => status === 'True');

test('a request goes to the server behind the APIService, which is told who asks', async () => {
  await using behind = await wardle((asked, response) =>
    json(response, { ...flunders, kind: 'Flunder', spec: asked.url }, 201),
  );
  await using server = await httpsApi({ frontProxy: await frontProxy() });
  await register(server, behind);
  expect(await isAvailable(server)).toMatchObject({ reason: 'Passed', message: 'all checks passed' });
  const headers = {
    'content-type': 'application/json',
    'impersonate-user': 'jane',
    'impersonate-group': ['devs', 'ops'],
    'impersonate-extra-a.b%2Fc': 'x',
    'x-remote-user': 'root',
    'x-remote-extra-evil': 'yes',
    'x-mine': 'kept',
  };
  const path = `${base}/namespaces/default/flunders?dryRun=All&x=%20a`;
  const bind = { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } };
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/clusterroles', {
    object: { metadata: { name: 'cluster-admin' }, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] },
  });
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/clusterrolebindings', {
    object: {
      metadata: { name: 'all' },
      ...bind,
      subjects: [{ kind: 'Group', name: 'devs', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  const answer = await server.ask(path, { method: 'POST', headers, body: '{"a":1}' });
  expect([answer.code, answer.json]).toMatchObject([201, { kind: 'Flunder', spec: path }]);
  expect(answer.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  const asked = behind.asked.find(({ method }) => method === 'POST');
  expect(asked).toMatchObject({ method: 'POST', url: path, body: '{"a":1}', by: 'front-proxy-client' });
  expect(asked!.headers).toMatchObject({
    'x-remote-user': 'jane',
    'x-remote-group': 'devs, ops, system:authenticated',
    'x-remote-extra-a.b%2fc': 'x',
    'x-mine': 'kept',
    'x-forwarded-uri': `${base}/namespaces/default/flunders`,
    'audit-id': answer.headers['audit-id'],
    host: `localhost:${behind.port}`,
  });
  for (const gone of ['x-remote-extra-evil', 'impersonate-user', 'impersonate-group', 'authorization'])
    expect(asked!.headers).not.toHaveProperty(gone);
});

test('lists of resources, watches and HTTP/2 pass, too', async () => {
  const said = Promise.withResolvers<void>();
  await using behind = await wardle((asked, response) => {
    if (asked.url === `${base}/` || asked.url === base) return json(response, flunders);
    if (!asked.url.includes('watch=true')) return json(response, { kind: 'FlunderList', items: [] });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"type":"ADDED"}\n');
    void said.promise.then(() => response.end('{"type":"DELETED"}\n'));
    return true;
  });
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  for (const path of [base, `${base}/`]) expect((await server.ask(path)).json).toEqual(flunders);
  expect((await server.ask2(`${base}/flunders`)).json).toMatchObject({ kind: 'FlunderList' });
  const sent = JSON.stringify({ a: 'x'.repeat(200_000) });
  const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: sent };
  expect((await server.ask2(`${base}/flunders/a`, put)).code).toBe(200);
  expect(behind.asked.find(({ method }) => method === 'PUT')?.body).toBe(sent);
  const { ca, port, admin } = server;
  const begun = Promise.withResolvers<void>();
  const watched = new Promise<string>((resolve, reject) => {
    const request = get(`https://127.0.0.1:${port}${base}/flunders?watch=true`, { ca, ...admin }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        begun.resolve();
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
  await begun.promise;
  said.resolve();
  expect(await watched).toBe('{"type":"ADDED"}\n{"type":"DELETED"}\n');
});

test('who may not ask is refused here, and the other server hears nothing of it', async () => {
  await using behind = await wardle((_, response) => json(response, {}));
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  const as = await server.client('nobody-special');
  expect((await server.ask(`${base}/namespaces/default/flunders/a`, { as })).json).toMatchObject({
    code: 403,
    message:
      'flunders.wardle.example.com "a" is forbidden: User "nobody-special" cannot get resource "flunders" in API group "wardle.example.com" in the namespace "default"',
  });
  expect((await server.ask(base, { as: null })).code).toBe(401);
  const own = ['system:kube-aggregator', 'system:aggregator'];
  expect(behind.asked.filter(({ headers }) => !own.includes(String(headers['x-remote-user'])))).toEqual([]);
});

test('an upgrade passes once the other server has agreed, and its refusal is handed back', async () => {
  await using behind = await wardle();
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  const headers = { connection: 'Upgrade', upgrade: 'shout' };
  const path = `${base}/namespaces/default/flunders/a/shout`;
  expect((await server.ask(path, { headers })).code).toBe(403);
  behind.onUpgrade = (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: shout\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  };
  const { ca, port, admin } = server;
  const heard = await new Promise<string>((resolve, reject) => {
    const request = get(`https://127.0.0.1:${port}${path}`, { ca, ...admin, headers });
    request.on('error', reject);
    request.on('response', (response) => reject(new Error(`answered ${response.statusCode}`)));
    request.on('upgrade', (_, socket) => {
      socket.on('data', (chunk: Buffer) => {
        resolve(chunk.toString());
        socket.destroy();
      });
      socket.write('hello');
    });
  });
  expect(heard).toBe('HELLO');
  behind.onUpgrade = (_, socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  const gone = await server.ask(path, { headers });
  expect([gone.code, gone.text]).toEqual([503, 'invalid upgrade response: status code 200\n']);
});

test('what goes wrong between the servers is told as plain text', async () => {
  let answer: Answerer = (_, response) => {
    response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end();
    return true;
  };
  await using behind = await wardle((asked, response) => answer(asked, response));
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  const ask = async () => {
    const { code, text, headers } = await server.ask(`${base}/flunders`);
    return [code, text, headers['content-type']];
  };
  const plain = 'text/plain; charset=utf-8';
  const moved = 'the backend attempted to redirect this request, which is not permitted\n';
  expect(await ask()).toEqual([502, moved, plain]);
  answer = (_, response) => {
    response.socket!.end('nonsense\r\n\r\n');
    return true;
  };
  expect(await ask()).toEqual([503, expect.stringMatching(/^error trying to reach service: .+\n$/), plain]);
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    response.socket!.destroySoon();
    return true;
  };
  await expect(server.ask(`${base}/flunders`)).rejects.toThrow();
  await server.api.call('patch', services, {
    name: `v1.${group}`,
    patch: { type: 'merge', body: { spec: { caBundle: Buffer.from(server.ca).toString('base64') } } },
  });
  const unknown =
    'error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n';
  expect(await ask()).toEqual([503, unknown, plain]);
  answer = (_, response) => json(response, { kind: 'FlunderList' });
  const skip = { spec: { caBundle: null, insecureSkipTLSVerify: true } };
  await server.api.call('patch', services, { name: `v1.${group}`, patch: { type: 'merge', body: skip } });
  expect(await ask()).toEqual([200, '{"kind":"FlunderList"}', 'application/json']);
});

test('a server that goes away is said to be unavailable until it is back', async () => {
  await using behind = await wardle((_, response) => json(response, { kind: 'FlunderList' }));
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  await behind.stop();
  const path = `${base}/flunders`;
  const refused = `dial tcp localhost:${behind.port}: connect: connection refused`;
  expect((await server.ask(path)).text).toBe(`error trying to reach service: ${refused}\n`);
  // Any change of the Service has it looked at again.
  const touch = (label: string) =>
    server.api.call('patch', 'services', {
      name: 'adapter',
      patch: { type: 'merge', body: { metadata: { labels: { label } } } },
    });
  await touch('a');
  const url = `https://localhost:${behind.port}${base}`;
  expect(await says(server, ({ status }) => status === 'False')).toMatchObject({
    reason: 'FailedDiscoveryCheck',
    message: `failing or missing response from ${url}: Get "${url}": ${refused}`,
  });
  const answer = await server.ask(path);
  expect([answer.code, answer.text]).toEqual([503, 'service unavailable\n']);
  const turns = `aggregator_unavailable_apiservice_total{name="v1.${group}",reason="FailedDiscoveryCheck"} 1`;
  expect((await server.ask('/metrics')).text).toContain(turns);
  await behind.start();
  expect(await isAvailable(server)).toMatchObject({ reason: 'Passed' });
  expect((await server.ask(path)).code).toBe(200);
});

test('pods behind a Service are reached through their node, and what the Service lacks is said', async () => {
  await using behind = await wardle((_, response) => json(response, { kind: 'FlunderList' }));
  const dialled: DialTarget[] = [];
  const nodes = {
    dial: async (target: DialTarget) => {
      dialled.push(target);
      return connect(behind.port, '127.0.0.1');
    },
  };
  await using server = await httpsApi({ nodes: () => nodes as never });
  const { apiService } = registered(behind, group, 'v1', { service: { namespace: 'default', name: 'adapter' } });
  await server.api.call('create', services, { object: apiService });
  const reason = (expected: string) => says(server, (condition) => condition.reason === expected);
  expect((await reason('ServiceNotFound')).message).toBe('service/adapter in "default" is not present');
  const ports = [{ name: 'https', port: 444 }];
  await server.api.call('create', 'services', { object: { metadata: { name: 'adapter' }, spec: { ports } } });
  expect((await reason('ServicePortError')).message).toBe('service/adapter in "default" is not listening on port 443');
  const patch = { type: 'merge', body: { spec: { ports: [{ name: 'https', port: 443 }] } } } as const;
  await server.api.call('patch', 'services', { name: 'adapter', patch });
  expect((await reason('EndpointsNotFound')).message).toBe(
    'cannot find endpointslices for service/adapter in "default"',
  );
  const slice = {
    metadata: { name: 'adapter-1', labels: { 'kubernetes.io/service-name': 'adapter' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: 8443 }],
    endpoints: [],
  };
  const slices = 'discovery.k8s.io/v1/endpointslices';
  await server.api.call('create', slices, { object: slice });
  expect((await reason('MissingEndpoints')).message).toBe(
    'endpointslices for service/adapter in "default" have no addresses with port name "https"',
  );
  expect((await server.ask(`${base}/flunders`)).text).toBe('service unavailable\n');
  const endpoints = [
    {
      addresses: ['10.0.0.1'],
      conditions: { ready: false },
      nodeName: 'n1',
      targetRef: { kind: 'Pod', name: 'a', uid: 'a' },
    },
    { addresses: ['10.0.0.2'], nodeName: 'n1', targetRef: { kind: 'Pod', name: 'b', uid: 'b' } },
  ];
  await server.api.call('update', slices, { name: 'adapter-1', object: { ...slice, endpoints } });
  await isAvailable(server);
  expect((await server.ask(`${base}/flunders`)).code).toBe(200);
  for (const target of dialled)
    expect(target).toEqual({ to: 'pod', node: 'n1', uid: 'b', address: '10.0.0.2', port: 8443 });
});

test("without an APIService of another server a group version is this server's own again", async () => {
  await using behind = await wardle((_, response) => json(response, { kind: 'FlunderList' }));
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  expect((await server.ask(`${base}/flunders`)).code).toBe(200);
  await server.api.call('patch', services, {
    name: `v1.${group}`,
    patch: { type: 'merge', body: { spec: { service: null, caBundle: null } } },
  });
  expect(await says(server, ({ reason }) => reason === 'Local')).toMatchObject({ status: 'True' });
  expect((await server.ask(`${base}/flunders`)).code).toBe(404);
  await server.api.call('delete', services, { name: `v1.${group}` });
  expect((await server.ask(`${base}/flunders`)).code).toBe(404);
});

test("a server may take the place of this one's own group, but not of APIServices", async () => {
  const metrics = '/apis/metrics.k8s.io/v1beta1';
  await using behind = await aggregatedServer(({ url }, response) => json(response, { kind: 'PodMetricsList', url }));
  await using server = await httpsApi();
  const { service, apiService } = registered(behind, 'metrics.k8s.io', 'v1beta1');
  await server.api.call('create', 'services', { object: service });
  await server.api.call('create', services, { object: apiService });
  const pods = () => server.ask(`${metrics}/pods`);
  await vi.waitFor(async () => expect((await pods()).json).toMatchObject({ url: `${metrics}/pods` }));
  expect(await server.api.call('list', 'metrics.k8s.io/v1beta1/pods', { namespace: '' })).toMatchObject({
    url: `${metrics}/pods`,
  });
  const figure = 'aggregator_unavailable_apiservice{name="v1beta1.metrics.k8s.io"} 0';
  expect((await server.ask('/metrics')).text).toContain(figure);
  const own = registered(behind, 'apiregistration.k8s.io', 'v1');
  await server.api.call('create', services, { object: own.apiService });
  expect((await server.ask('/apis/apiregistration.k8s.io/v1/apiservices')).json).toMatchObject({
    kind: 'APIServiceList',
  });
});

test('a kept connection that the other side has closed is tried anew, unless that could do something twice', async () => {
  const used = new WeakSet<object>();
  await using behind = await wardle((_, response) => {
    const socket = response.socket!;
    if (used.has(socket)) socket.destroy();
    else json(response, { kind: 'FlunderList' });
    used.add(socket);
    return true;
  });
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  for (let i = 0; i < 3; i++) expect((await server.ask(`${base}/flunders`)).code).toBe(200);
  const inProcess = { group, version: 'v1', resource: 'flunders' };
  for (let i = 0; i < 3; i++)
    expect(await server.api.transport.call({ verb: 'list', resource: inProcess })).toMatchObject({
      kind: 'FlunderList',
    });
  const answer = await server.post(`${base}/namespaces/default/flunders`, {});
  expect([answer.code, answer.text]).toEqual([503, 'error trying to reach service: EOF\n']);
});

test('a request whose client has left is not tried anew', async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const held: ServerResponse[] = [];
  await using behind = await wardle(({ url }, response) => {
    if (url.endsWith('?kept')) {
      // All at once, so that each has a connection of its own, which is kept.
      held.push(response);
      if (held.length >= 3) for (const one of held.splice(0, 3)) json(one, { kind: 'FlunderList' });
      return true;
    }
    if (url !== `${base}/flunders`) return false;
    response.on('close', gone.resolve);
    asked.resolve();
    return true;
  });
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  await Promise.all([1, 2, 3].map(() => server.ask(`${base}/flunders?kept`)));
  const leaving = get({
    port: server.port,
    path: `${base}/flunders`,
    ca: server.ca,
    ...server.admin,
    agent: false,
  });
  leaving.on('error', () => undefined);
  await asked.promise;
  leaving.destroy();
  await gone.promise;
  expect((await server.ask(`${base}/others`)).text).toBe('404 page not found\n');
  expect(behind.asked.filter(({ url }) => url === `${base}/flunders`)).toHaveLength(1);
});

test('answers that this server could not give itself are passed on as far as they can be', async () => {
  await using behind = await wardle(({ url }, response) => {
    if (url === `${base}/codes`) response.socket!.end('HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n');
    else if (url === `${base}/settings`) json(response.setHeader('http2-settings', 'x'), {});
    else return false;
    return true;
  });
  await using server = await httpsApi();
  await register(server, behind);
  await isAvailable(server);
  for (const ask of [server.ask, server.ask2]) {
    expect((await ask(`${base}/codes`)).code).toBe(502);
    expect((await ask(`${base}/settings`)).code).toBe(200);
  }
});

test('a server that does not answer keeps nobody from closing', async () => {
  const asked = Promise.withResolvers<void>();
  await using behind = await wardle(({ url }) => {
    if (url === '/openapi/v3') asked.resolve();
    return true;
  });
  await using server = await httpsApi({ clock: new ManualClock() });
  await register(server, behind);
  await asked.promise;
});

test('a list of resources has five seconds, since every client asks for it', async () => {
  const asked = Promise.withResolvers<void>();
  await using behind = await wardle(({ url }) => {
    if (url !== base) return false;
    asked.resolve();
    return true;
  });
  const clock = new ManualClock();
  await using server = await httpsApi({ clock });
  await register(server, behind);
  await isAvailable(server);
  const answered = server.ask(base);
  await asked.promise;
  await clock.advance(5_000);
  const answer = await answered;
  expect([answer.code, answer.text]).toEqual([503, 'error trying to reach service: context deadline exceeded\n']);
});
