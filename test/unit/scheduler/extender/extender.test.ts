import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import type { ExtenderConfig } from '../../../../src/scheduler/config/types.ts';
import { Extender } from '../../../../src/scheduler/extender/extender.ts';
import { extenderServer } from '../../../kit/extender-server.ts';
import { webhookServer } from '../../../kit/webhook-server.ts';
import { node, pod } from '../kit.ts';

const { signal } = new AbortController();
const nodes = [node({ name: 'a' }), node({ name: 'b' })];
const ofA = { apiVersion: 'v1', kind: 'Node' };
const extender = (config: ExtenderConfig) => new Extender(config, new ManualClock());

test('a filter gets the pod and whole nodes, and says which are left and why', async () => {
  await using server = await extenderServer({
    filter: () => ({
      Nodes: { items: [{ metadata: { name: 'b' } }] },
      FailedNodes: { a: 'too loud' },
      FailedAndUnresolvableNodes: null,
      Error: '',
    }),
  });
  const result = await extender({ urlPrefix: `${server.urlPrefix}/`, filterVerb: 'filter' }).filter(
    pod(),
    nodes,
    signal,
  );
  expect(result).toEqual({ nodes: ['b'], failed: { a: 'too loud' }, unresolvable: {}, error: '' });
  const { apiVersion: _, kind: __, ...bare } = pod();
  const items = nodes.map(({ apiVersion, kind, ...rest }) => {
    expect({ apiVersion, kind }).toEqual(ofA);
    return rest;
  });
  expect(server.asked).toEqual([
    { verb: 'filter', args: { Pod: bare, Nodes: { metadata: {}, items }, NodeNames: null } },
  ]);
});

test('an extender with a cache of the nodes gets names, and may answer in small letters', async () => {
  await using server = await extenderServer({ filter: () => ({ nodenames: ['a'], failedNodes: { b: 'no' } }) });
  const cached = extender({ urlPrefix: server.urlPrefix, filterVerb: 'filter', nodeCacheCapable: true });
  expect(await cached.filter(pod(), nodes, signal)).toMatchObject({ nodes: ['a'], failed: { b: 'no' } });
  expect(server.asked[0]!.args).toMatchObject({ Nodes: null, NodeNames: ['a', 'b'] });
});

test('scores from 0 to 10 count like those of plugins, times the weight', async () => {
  await using server = await extenderServer({
    prioritize: () => [
      { Host: 'a', Score: 3 },
      { Host: 'b', Score: 10 },
    ],
  });
  const prioritizing = extender({ urlPrefix: server.urlPrefix, prioritizeVerb: 'prioritize', weight: 5 });
  expect([...(await prioritizing.prioritize(pod(), nodes, signal))]).toEqual([
    ['a', 150],
    ['b', 500],
  ]);
});

test('a binder is told which pod goes where', async () => {
  await using server = await extenderServer({ bind: ({ Node: name }) => ({ Error: name === 'b' ? 'full' : '' }) });
  const binding = extender({ urlPrefix: server.urlPrefix, bindVerb: 'bind' });
  await binding.bind(pod({ name: 'x' }), 'a', signal);
  expect(server.asked[0]!.args).toEqual({
    PodName: 'x',
    PodNamespace: 'default',
    PodUID: 'uid-default-x',
    Node: 'a',
  });
  await expect(binding.bind(pod({ name: 'x' }), 'b', signal)).rejects.toThrow('full');
});

test.each([
  [false, { NodeNameToVictims: { a: { Pods: [expect.objectContaining({ spec: {} })], NumPDBViolations: 1 } } }],
  [true, { NodeNameToMetaVictims: { a: { Pods: [{ UID: 'u' }], NumPDBViolations: 1 } } }],
])('eviction is proposed and answered by uid (nodeCacheCapable: %s)', async (nodeCacheCapable, args) => {
  await using server = await extenderServer({
    preempt: () => ({ NodeNameToMetaVictims: { a: { Pods: [{ UID: 'u' }], NumPDBViolations: 1 } } }),
  });
  const preempting = extender({ urlPrefix: server.urlPrefix, preemptVerb: 'preempt', nodeCacheCapable });
  const victim = { apiVersion: 'v1', kind: 'Pod', metadata: { uid: 'u' }, spec: {} } as ReturnType<typeof pod>;
  const proposed = new Map([['a', { pods: [victim], violations: 1 }]]);
  expect([...(await preempting.preempt(pod(), proposed, signal))]).toEqual([['a', { uids: ['u'], violations: 1 }]]);
  expect(server.asked[0]!.args).toMatchObject(args);
});

describe('what goes wrong is said', () => {
  test('by the extender', async () => {
    await using server = await extenderServer({ filter: () => ({ Error: 'the database is down' }) });
    const filtering = extender({ urlPrefix: server.urlPrefix, filterVerb: 'filter' });
    await expect(filtering.filter(pod(), nodes, signal)).rejects.toThrow('the database is down');
  });

  test('when it names a node it was not asked about', async () => {
    await using server = await extenderServer({ filter: () => ({ NodeNames: ['z'] }) });
    const { urlPrefix } = server;
    const filtering = extender({ urlPrefix, filterVerb: 'filter', nodeCacheCapable: true });
    await expect(filtering.filter(pod(), nodes, signal)).rejects.toThrow(
      `extender "${urlPrefix}" claims a filtered node "z" which is not found in the input node list`,
    );
  });

  test('when it answers with another status', async () => {
    await using server = await extenderServer({ filter: () => 500 });
    const filtering = extender({ urlPrefix: server.urlPrefix, filterVerb: 'filter' });
    await expect(filtering.filter(pod(), nodes, signal)).rejects.toThrow(
      `failed filter with extender at URL ${server.urlPrefix}/filter, code 500`,
    );
  });

  test('when nobody is there', async () => {
    const filtering = extender({ urlPrefix: 'http://127.0.0.1:1/x', filterVerb: 'filter' });
    await expect(filtering.filter(pod(), nodes, signal)).rejects.toThrow(
      'Post "http://127.0.0.1:1/x/filter": connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  test('when it takes too long', async () => {
    const clock = new ManualClock();
    const asked = Promise.withResolvers<void>();
    await using server = await extenderServer({
      filter: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    });
    const slow = new Extender({ urlPrefix: server.urlPrefix, filterVerb: 'filter', httpTimeout: '300ms' }, clock);
    const failing = slow.filter(pod(), nodes, signal).catch((error: Error) => error.message);
    await asked.promise;
    await clock.advance(299);
    await clock.advance(1);
    expect(await failing).toBe(`Post "${server.urlPrefix}/filter": no answer within httpTimeout`);
  });
});

describe('over HTTPS', () => {
  const answer = () => ({ NodeNames: ['a'] });
  const ask = (config: ExtenderConfig) =>
    extender({ filterVerb: 'filter', nodeCacheCapable: true, ...config }).filter(pod(), nodes, signal);

  test('the server is verified by the authority that is configured', async () => {
    await using server = await webhookServer(answer, ['extender.test']);
    const tlsConfig = { caData: server.caBundle, serverName: 'extender.test' };
    expect(await ask({ urlPrefix: server.url, enableHTTPS: true, tlsConfig })).toMatchObject({ nodes: ['a'] });
    await expect(
      ask({ urlPrefix: server.url, enableHTTPS: true, tlsConfig: { ...tlsConfig, serverName: 'other.test' } }),
    ).rejects.toThrow("Hostname/IP does not match certificate's altnames");
  });

  test('and is not where there is none', async () => {
    await using server = await webhookServer(answer);
    expect(await ask({ urlPrefix: server.url, enableHTTPS: true })).toMatchObject({ nodes: ['a'] });
    await expect(ask({ urlPrefix: server.url })).rejects.toThrow('unable to verify');
  });

  test('an authority nobody is to look at is a mistake', () => {
    const tlsConfig = { caData: 'eA==', insecure: true };
    expect(() => extender({ urlPrefix: 'https://x', enableHTTPS: true, tlsConfig })).toThrow(
      'specifying a root certificates file with the insecure flag is not allowed',
    );
  });
});

test('an extender is interested in all pods, or in those that ask for what it manages', () => {
  const all = extender({ urlPrefix: 'http://x' });
  const some = extender({ urlPrefix: 'http://x', managedResources: [{ name: 'x.io/gpu' }] });
  const gpu = pod({ requests: { 'x.io/gpu': '1' } });
  const limited = pod({
    initContainers: [{ name: 'i', image: 'i', resources: { limits: { 'x.io/gpu': '1' } } }],
  });
  expect([all, some].map((e) => [pod(), gpu, limited].map((p) => e.isInterested(p)))).toEqual([
    [true, true, true],
    [false, true, true],
  ]);
});
