import { expect, test } from 'vitest';
import { events, pods } from '../../../src/api/kinds.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { extenderServer, type Verbs } from '../../kit/extender-server.ts';
import { isBound, isRefused, type SchedulerRig, scheduled, schedulerRig } from '../../kit/scheduler.ts';
import { seen } from '../../kit/seen.ts';

/** A scheduler with one extender that has these verbs, each by its own name. */
async function rigWith(verbs: Verbs, more: object = {}) {
  const server = await extenderServer(verbs);
  const named = Object.keys(verbs).map((verb) => [`${verb}Verb`, verb]);
  const extender = { urlPrefix: server.urlPrefix, ...Object.fromEntries(named), ...more };
  const rig = await schedulerRig(`extenders: [${JSON.stringify(extender)}]\n`);
  return {
    server,
    rig,
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]().then(() => server[Symbol.asyncDispose]()),
  };
}

const message = (object: Parameters<typeof scheduled>[0]) => scheduled(object)?.message;

async function nodes(rig: SchedulerRig, ...names: string[]): Promise<void> {
  for (const name of names) await rig.addNode({ name, allocatable: { cpu: '2' } });
}

test('an extender takes nodes out, and those it prefers win', async () => {
  await using it = await rigWith(
    {
      filter: (args) => ({ NodeNames: args.NodeNames.filter((name) => name !== 'a'), FailedNodes: { a: 'too loud' } }),
      prioritize: (args) => args.NodeNames.map((Host) => ({ Host, Score: Host === 'c' ? 10 : 0 })),
    },
    { nodeCacheCapable: true, weight: 100 },
  );
  await nodes(it.rig, 'a', 'b', 'c');
  for (const name of ['one', 'two']) await it.rig.addPod({ name, requests: { cpu: '1' } });
  for (const name of ['one', 'two']) expect((await it.rig.until(name, isBound)).spec?.nodeName).toBe('c');
  await it.rig.addPod({ name: 'three', requests: { cpu: '1' } });
  expect((await it.rig.until('three', isBound)).spec?.nodeName).toBe('b');
  // Of one node that is left there is nothing to prefer.
  expect(it.server.verbs).toEqual(['filter', 'prioritize', 'filter', 'prioritize', 'filter']);
});

test('why it refuses nodes is said like the reasons of plugins', async () => {
  await using it = await rigWith(
    {
      filter: () => ({
        NodeNames: [],
        FailedNodes: { a: 'too loud', b: 'too loud' },
        FailedAndUnresolvableNodes: { b: 'haunted' },
      }),
    },
    { nodeCacheCapable: true },
  );
  await nodes(it.rig, 'a', 'b');
  await it.rig.addNode({ name: 'c', allocatable: { cpu: '1' } });
  await it.rig.addPod({ name: 'p', requests: { cpu: '2' } });
  const refused = await it.rig.until('p', isRefused);
  expect(message(refused)).toBe(
    '0/3 nodes are available: 1 Insufficient cpu, 1 haunted, 1 too loud. ' +
      'no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
  );
  expect(it.server.asked[0]!.args['NodeNames']).toEqual(['a', 'b']);
});

test('a pod that an extender refused is tried again by whatever happens', async () => {
  let allowed: string[] = [];
  await using it = await rigWith({ filter: () => ({ NodeNames: allowed }) }, { nodeCacheCapable: true });
  await nodes(it.rig, 'a');
  await it.rig.addPod({ name: 'p' });
  await it.rig.until('p', isRefused);
  allowed = ['a'];
  await it.rig.client.resource(pods).create({
    metadata: { name: 'elsewhere', namespace: 'default' },
    spec: { nodeName: 'a', containers: [{ name: 'a', image: 'a' }] },
  });
  await it.rig.until('p', isBound);
});

test('an extender that fails keeps its pods from being placed, unless it may be ignored', async () => {
  await using strict = await rigWith({ filter: () => 500 });
  await nodes(strict.rig, 'a');
  await strict.rig.addPod({ name: 'p' });
  const failed = await strict.rig.until('p', isRefused);
  expect(scheduled(failed)).toMatchObject({
    reason: 'SchedulerError',
    message: `failed filter with extender at URL ${strict.server.urlPrefix}/filter, code 500`,
  });
  await using lax = await rigWith({ filter: () => 500, prioritize: () => 500 }, { ignorable: true, weight: 1 });
  await nodes(lax.rig, 'a', 'b');
  await lax.rig.addPod({ name: 'p' });
  await lax.rig.until('p', isBound);
});

test('only pods that ask for what it manages are shown to it, and the scheduler may leave that to it alone', async () => {
  const managedResources = [{ name: 'x.io/gpu', ignoredByScheduler: true }];
  await using it = await rigWith({ filter: ({ Nodes }) => ({ Nodes }) }, { managedResources });
  await nodes(it.rig, 'a');
  await it.rig.addPod({ name: 'plain' });
  await it.rig.until('plain', isBound);
  expect(it.server.verbs).toEqual([]);
  const resources = { requests: { 'x.io/gpu': '1' }, limits: { 'x.io/gpu': '1' } };
  await it.rig.addPod({ name: 'gpu', containers: [{ name: 'a', image: 'a', resources }] });
  await it.rig.until('gpu', isBound);
  expect(it.server.verbs).toEqual(['filter']);
});

test('an extender binds the pods it wants to', async () => {
  let rig: SchedulerRig | undefined;
  await using it = await rigWith({
    bind: async ({ PodName: name, PodNamespace: namespace, PodUID: uid, Node: node }) => {
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { name: node } };
      await rig!.client.resource(pods).createSubresource({ namespace, name }, 'binding', binding);
      return { Error: '' };
    },
  });
  rig = it.rig;
  await nodes(rig, 'a');
  await rig.addPod({ name: 'p' });
  await rig.until('p', isBound);
  expect(it.server.asked[0]!.args).toMatchObject({ PodName: 'p', PodNamespace: 'default', Node: 'a' });
  await seen(rig.client, events, { namespace: 'default' }, ({ reason }) => reason === 'Scheduled');
});

test('a binder that refuses is heard, and the pod is tried again later', async () => {
  await using it = await rigWith({ bind: () => ({ Error: 'not today' }) });
  await nodes(it.rig, 'a');
  await it.rig.addPod({ name: 'p' });
  const failed = await it.rig.until('p', isRefused);
  expect(scheduled(failed)).toMatchObject({ reason: 'SchedulerError', message: 'not today' });
});

test('an extender has its say in whom to evict', async () => {
  await using it = await rigWith(
    {
      preempt: (args) => ({
        NodeNameToMetaVictims: Object.fromEntries(
          Object.entries(args.NodeNameToMetaVictims).filter(([name]) => name === 'b'),
        ),
      }),
    },
    { nodeCacheCapable: true },
  );
  for (const [name, value] of [
    ['low', 1],
    ['high', 1000],
  ] as const) {
    const resource = 'scheduling.k8s.io/v1/priorityclasses';
    await it.rig.api.call('create', resource, { namespace: '', object: { metadata: { name }, value } });
  }
  await nodes(it.rig, 'a');
  await it.rig.addPod({ name: 'on-a', requests: { cpu: '2' }, priorityClassName: 'low' });
  await it.rig.until('on-a', isBound);
  await nodes(it.rig, 'b');
  await it.rig.addPod({ name: 'on-b', requests: { cpu: '2' }, priorityClassName: 'low' });
  await it.rig.until('on-b', isBound);
  await it.rig.addPod({ name: 'important', requests: { cpu: '2' }, priorityClassName: 'high' });
  await it.rig.until('on-b', ({ metadata }) => metadata.deletionTimestamp !== undefined);
  const waiting = await it.rig.until('important', ({ status }) => status?.nominatedNodeName !== undefined);
  expect(waiting.status?.nominatedNodeName).toBe('b');
  expect((await it.rig.until('on-a', () => true)).metadata.deletionTimestamp).toBeUndefined();
});

test('pods that no extender asks about are placed while one takes its time', async () => {
  const answer = Promise.withResolvers<object>();
  const managedResources = [{ name: 'x.io/gpu', ignoredByScheduler: true }];
  await using it = await rigWith({ filter: () => answer.promise }, { managedResources, nodeCacheCapable: true });
  await nodes(it.rig, 'a');
  const resources = { requests: { 'x.io/gpu': '1', cpu: '2' }, limits: { 'x.io/gpu': '1' } };
  await it.rig.addPod({ name: 'gpu', containers: [{ name: 'a', image: 'a', resources }] });
  await it.rig.addPod({ name: 'plain', requests: { cpu: '1' } });
  await it.rig.until('plain', isBound);
  // The room that was there when the extender was asked is gone: nobody gets it twice.
  answer.resolve({ NodeNames: ['a'] });
  const refused = await it.rig.until('gpu', isRefused);
  expect(message(refused)).toContain('1 Insufficient cpu');
});

test('of a pod that changes while an extender takes its time the extender hears again', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<object>();
  await using it = await rigWith(
    {
      filter: () => {
        asked.resolve();
        return answer.promise;
      },
    },
    { nodeCacheCapable: true },
  );
  await nodes(it.rig, 'a');
  await it.rig.addPod({ name: 'p' });
  await asked.promise;
  const key = { namespace: 'default', name: 'p' };
  await it.rig.client.resource(pods).mergePatch(key, { metadata: { labels: { now: 'different' } } });
  await it.rig.until('p', ({ metadata }) => metadata.labels !== undefined);
  answer.resolve({ NodeNames: ['a'] });
  await it.rig.until('p', isBound);
  const labels = it.server.asked.map(({ args }) => (args['Pod'] as Pod).metadata.labels);
  expect(labels).toEqual([undefined, { now: 'different' }]);
});
