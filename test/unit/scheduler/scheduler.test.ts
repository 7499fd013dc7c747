import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { SeededIds } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { Scope } from '../../../src/base/scope.ts';
import { createClient } from '../../../src/client/client.ts';
import { Informers } from '../../../src/client/informers.ts';
import { createScheduler } from '../../../src/scheduler/scheduler.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { type NodeFields, node, type PodFields, pod } from './kit.ts';

/** A scheduler against a real API server in this process. */
let api: TestApi;
let clock: ManualClock;
let scope: Scope;
let told: string[];
/** What goes wrong with the next pod that may have several nodes. */
let trouble: Error | undefined;

class TroubledIds extends SeededIds {
  override random(): number {
    const error = trouble;
    trouble = undefined;
    if (error) throw error;
    return super.random();
  }
}

beforeEach(async () => {
  clock = new ManualClock();
  api = await apiServer({ clock });
  told = [];
  scope = new Scope((name, error) => {
    throw new Error(`${name} failed`, { cause: error });
  });
  const env = { clock, ids: new TroubledIds(1), log: silentLogger };
  const informers = new Informers(api.transport, env);
  const scheduler = createScheduler({
    ...env,
    client: createClient(api.transport),
    informers,
    recorder: () => ({ event: (_, type, reason, message) => void told.push(`${type} ${reason}: ${message}`) }),
  });
  scope.spawn('informers', (signal) => informers.run(signal));
  scope.spawn('scheduler', (signal) => scheduler.run(signal));
});

afterEach(async () => {
  await scope.close();
  await api[Symbol.asyncDispose]();
});

const addNode = async (fields: NodeFields) => {
  const object = node(fields);
  await api.call('create', 'nodes', { namespace: '', object });
  await api.call('update', 'nodes', { namespace: '', name: fields.name, subresource: 'status', object });
  // New nodes carry the not-ready taint, which the node lifecycle controller takes away.
  const body = { spec: { taints: null } };
  await api.call('patch', 'nodes', { namespace: '', name: fields.name, patch: { type: 'merge', body } });
};
const addPod = (fields: PodFields) => {
  const { metadata, ...rest } = pod(fields);
  const { uid: _, ...named } = metadata!;
  return api.call('create', 'pods', { object: { ...rest, metadata: named } });
};
type Seen = KubeObject & {
  spec: { nodeName?: string };
  status: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
};
const condition = (object: Seen) => object.status.conditions?.find(({ type }) => type === 'PodScheduled');

/** Waits until a pod looks as wanted; moves the clock on meanwhile where back-off is to pass. */
async function podWhen(name: string, wanted: (object: Seen) => boolean): Promise<Seen> {
  const watch = await api.watch('pods', {
    fieldSelector: `metadata.name=${name}`,
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  });
  for (let n = 1; ; n++) {
    const events = await watch.until(n);
    const { type, object } = events[n - 1]!;
    if (type === 'BOOKMARK' || !wanted(object as Seen)) continue;
    watch.close();
    return object as Seen;
  }
}
const bound = (object: Seen) => object.spec.nodeName !== undefined;

/** Lets back-offs pass until the promise settles. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  void promise.finally(() => void (settled = true));
  while (!settled) await clock.advance(500);
  return promise;
}

test('binds a pod and says so', async () => {
  await addNode({ name: 'n1' });
  await addPod({ name: 'a' });
  const seen = await podWhen('a', bound);
  expect(seen.spec.nodeName).toBe('n1');
  expect(condition(seen)?.status).toBe('True');
  await scope.close();
  expect(told).toEqual(['Normal Scheduled: Successfully assigned default/a to n1']);
});

describe('a pod that fits nowhere', () => {
  const full =
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';

  test('says why, and is placed when another pod makes room', async () => {
    await addNode({ name: 'n1', allocatable: { cpu: '1' } });
    await addPod({ name: 'a', requests: { cpu: '1' } });
    await podWhen('a', bound);
    await addPod({ name: 'b', requests: { cpu: '1' } });
    const waiting = await podWhen('b', (object) => condition(object) !== undefined);
    expect(condition(waiting)).toMatchObject({ status: 'False', reason: 'Unschedulable', message: full });
    expect(told).toContain(`Warning FailedScheduling: ${full}`);
    await api.call('delete', 'pods', { name: 'a', options: { gracePeriodSeconds: 0 } });
    expect((await passing(podWhen('b', bound))).spec.nodeName).toBe('n1');
  });

  test('is placed when a node comes', async () => {
    await addPod({ name: 'a' });
    const waiting = await podWhen('a', (object) => condition(object) !== undefined);
    expect(condition(waiting)?.message).toBe('no nodes available to schedule pods');
    await addNode({ name: 'n1' });
    await passing(podWhen('a', bound));
  });
});

test('an important pod takes the place of a lesser one', async () => {
  await addNode({ name: 'n1', allocatable: { cpu: '1' } });
  for (const [name, value] of [
    ['low', 1],
    ['high', 1000],
  ] as const) {
    const resource = 'scheduling.k8s.io/v1/priorityclasses';
    await api.call('create', resource, { namespace: '', object: { metadata: { name }, value } });
  }
  await addPod({ name: 'lesser', requests: { cpu: '1' }, priorityClassName: 'low' });
  const lesser = await passing(podWhen('lesser', bound));
  await addPod({ name: 'important', requests: { cpu: '1' }, priorityClassName: 'high' });
  // There is no kubelet here to end the victim.
  await podWhen('lesser', ({ metadata }) => metadata.deletionTimestamp !== undefined).then((victim) => {
    expect(victim.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'PreemptionByScheduler' }),
    );
  });
  const uid = lesser.metadata.uid!;
  await api.call('delete', 'pods', { name: 'lesser', options: { gracePeriodSeconds: 0, preconditions: { uid } } });
  const important = await passing(podWhen('important', bound));
  expect(important.spec.nodeName).toBe('n1');
  expect(told).toContainEqual(`Normal Preempted: Preempted by pod ${important.metadata.uid} on node n1`);
});

test('capacity is never given twice, however many pods come at once', async () => {
  for (const name of ['n1', 'n2', 'n3']) await addNode({ name, allocatable: { cpu: '2' } });
  await Promise.all(Array.from({ length: 8 }, (_, n) => addPod({ name: `p${n}`, requests: { cpu: '1' } })));
  const watch = await api.watch('pods', {
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  });
  const state = new Map<string, Seen>();
  for (let n = 1; [...state.values()].filter((object) => bound(object) || condition(object)).length < 8; n++) {
    const { type, object } = (await watch.until(n))[n - 1]!;
    if (type !== 'BOOKMARK') state.set(object.metadata.name!, object as Seen);
  }
  const used: Record<string, number> = {};
  for (const { spec } of state.values()) if (spec.nodeName) used[spec.nodeName] = (used[spec.nodeName] ?? 0) + 1;
  expect(used).toEqual({ n1: 2, n2: 2, n3: 2 });
});

test('a pod with which something unforeseen goes wrong is told and tried again; others are placed meanwhile', async () => {
  await addNode({ name: 'n1' });
  await addNode({ name: 'n2' });
  trouble = new Error('out of luck');
  await addPod({ name: 'a' });
  const waiting = await podWhen('a', (object) => condition(object) !== undefined);
  expect(condition(waiting)).toMatchObject({ status: 'False', reason: 'SchedulerError', message: 'out of luck' });
  await addPod({ name: 'b' });
  await podWhen('b', bound);
  await passing(podWhen('a', bound));
});

test('pods of another scheduler are left alone, gated ones until their gates are gone', async () => {
  await addNode({ name: 'n1' });
  await addPod({ name: 'foreign', schedulerName: 'other' });
  await addPod({ name: 'gated', schedulingGates: [{ name: 'x.io/y' }] });
  await addPod({ name: 'plain' });
  await podWhen('plain', bound);
  const names = (await api.list('pods')).items
    .filter((item) => bound(item as Seen))
    .map(({ metadata }) => metadata.name);
  expect(names).toEqual(['plain']);
  await api.call('patch', 'pods', {
    name: 'gated',
    patch: { type: 'merge', body: { spec: { schedulingGates: null } } },
  });
  await podWhen('gated', bound);
});
