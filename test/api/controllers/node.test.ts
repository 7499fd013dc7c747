import { expect, test } from 'vitest';
import { events, leases, namespaces, nodes, pods } from '../../../src/api/kinds.gen.ts';
import type { Node } from '../../../src/api/types/core-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

/** The clock of these tests stands still but for this: time passes, and between its steps everything settles. */
async function pass(plane: ControlPlane, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) await (plane.clock as ManualClock).advance(1000);
}

async function start(options: { pods?: false } = {}): Promise<ControlPlane> {
  const plane = await controlPlane({ clock: new ManualClock(), ...options });
  await plane.client.resource(namespaces).create({ metadata: { name: 'kube-node-lease' } });
  return plane;
}

async function join(plane: ControlPlane, name: string, zone?: string): Promise<Node> {
  const labels = zone !== undefined && { labels: { 'topology.kubernetes.io/zone': zone } };
  const made = await plane.client.resource(nodes).create({ metadata: { name, ...labels } });
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
  return plane.client.resource(nodes).updateStatus({ ...made, status: { conditions } });
}

async function renew(plane: ControlPlane, name: string): Promise<void> {
  const client = plane.client.resource(leases);
  const key = { namespace: 'kube-node-lease', name };
  const renewTime = new Date(plane.clock.wall()).toISOString().replace('Z', '000Z');
  const there = plane.informers.of(leases).get(key);
  if (there) await client.mergePatch(key, { spec: { renewTime } });
  else await client.create({ metadata: key, spec: { renewTime } });
}

const ready = (node: Node | undefined) => node?.status?.conditions?.find((c) => c.type === 'Ready');
const taints = (node: Node | undefined) => node?.spec?.taints?.map((x) => `${x.key}:${x.effect}`) ?? [];
const pod = (name: string, seconds?: number) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'i' }],
    ...(seconds !== undefined && {
      tolerations: [{ operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: seconds }],
    }),
  },
});

test('every node gets its own subnet', async () => {
  await using plane = await start();
  for (const name of ['n1', 'n2', 'n3']) await join(plane, name);
  const all = await plane.untilAll(nodes, (list) => list.length === 3 && list.every((n) => n.spec?.podCIDR));
  expect(all.map((n) => n.spec?.podCIDR).toSorted()).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']);
  expect(all[0]!.spec?.podCIDRs).toEqual([all[0]!.spec?.podCIDR]);
});

test('a node that falls silent becomes unknown and tainted, its pods go in their time, and it recovers', async () => {
  await using plane = await start();
  await join(plane, 'n1');
  await join(plane, 'n2');
  await plane.client.resource(pods).create(pod('patient', 100));
  await plane.until(pods, 'default/patient', (p) => p?.status?.phase === 'Running');
  for (let i = 0; i < 9; i++) {
    await renew(plane, 'n1');
    await renew(plane, 'n2');
    await pass(plane, 10);
  }
  expect(ready(plane.informers.of(nodes).get('n1'))?.status).toBe('True');
  for (let i = 0; i < 6; i++) {
    await renew(plane, 'n2');
    await pass(plane, 10);
  }
  const silent = await plane.until(nodes, 'n1', (n) => ready(n)?.status === 'Unknown');
  expect(ready(silent)).toMatchObject({ reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });
  const marked = await plane.until(nodes, 'n1', (n) => taints(n).length === 2);
  expect(taints(marked)).toEqual([
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  expect(ready(plane.informers.of(nodes).get('n2'))?.status).toBe('True');
  expect(plane.informers.of(pods).get('default/patient')).toBeDefined();
  for (let i = 0; i < 11; i++) {
    await renew(plane, 'n2');
    await pass(plane, 10);
  }
  await plane.until(pods, 'default/patient', (p) => p === undefined);
  const node = plane.informers.of(nodes).get('n1')!;
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-02-01T00:00:00Z' },
  ];
  await plane.client.resource(nodes).updateStatus({ ...node, status: { conditions } });
  await plane.until(nodes, 'n1', (n) => taints(n).length === 0);
});

test('when every node falls silent nobody is evicted', async () => {
  await using plane = await start();
  await join(plane, 'n1');
  await plane.client.resource(pods).create(pod('calm', 0));
  await pass(plane, 70);
  const node = await plane.until(nodes, 'n1', (n) => taints(n).length > 0);
  expect(taints(node)).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
  await pass(plane, 400);
  expect(plane.informers.of(pods).get('default/calm')).toBeDefined();
});

const marked = (node: Node) => taints(node).includes('node.kubernetes.io/unreachable:NoExecute');
const markedNames = (all: Node[]) =>
  all
    .filter(marked)
    .map((n) => n.metadata.name)
    .sort()
    .join();

/** Lets time pass while these nodes, and no others, are heard of. */
async function passWith(plane: ControlPlane, seconds: number, names: readonly string[]): Promise<void> {
  for (let i = 0; i < seconds; i += 10) {
    await Promise.all(names.map((name) => renew(plane, name)));
    await pass(plane, Math.min(10, seconds - i));
  }
}

test('of nodes that fail at once one is marked for eviction every ten seconds', async () => {
  await using plane = await start();
  const working = ['a1', 'a2', 'a3', 'a4', 'a5'];
  for (const name of [...working, 'a6', 'a7', 'a8']) await join(plane, name, 'a');
  await passWith(plane, 50, working);
  await plane.untilAll(nodes, (all) => all.filter((n) => ready(n)?.status === 'Unknown').length === 3);
  await pass(plane, 1);
  await plane.untilAll(nodes, (all) => all.filter(marked).length === 1);
  await passWith(plane, 8, working);
  expect(plane.informers.of(nodes).list().filter(marked)).toHaveLength(1);
  await passWith(plane, 2, working);
  await plane.untilAll(nodes, (all) => all.filter(marked).length === 2);
  await passWith(plane, 10, working);
  await plane.untilAll(nodes, (all) => all.filter(marked).length === 3);
});

test('where most nodes of a small zone have failed no more are marked; other zones go on as ever', async () => {
  await using plane = await start();
  for (const name of ['a1', 'a2', 'a3', 'a4']) await join(plane, name, 'a');
  for (const name of ['b1', 'b2']) await join(plane, name, 'b');
  const fails = async (name: string, working: string[], markedThen: string) => {
    await passWith(plane, 60, working);
    await plane.until(nodes, name, (n) => ready(n)?.status === 'Unknown');
    await passWith(plane, 20, working);
    await plane.untilAll(nodes, (all) => markedNames(all) === markedThen);
  };
  await fails('a1', ['a2', 'a3', 'a4', 'b1', 'b2'], 'a1');
  await fails('a2', ['a3', 'a4', 'b1', 'b2'], 'a1,a2');
  // Three of four: whatever comes, it is not marked, until its zone works again.
  await fails('a3', ['a4', 'b1', 'b2'], 'a1,a2');
  await fails('b1', ['a4', 'b2'], 'a1,a2,b1');
  const back = plane.informers.of(nodes).get('a1')!;
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-02-01T00:00:00Z' }];
  await plane.client.resource(nodes).updateStatus({ ...back, status: { conditions } });
  await plane.until(nodes, 'a1', (n) => taints(n).length === 0);
  await passWith(plane, 20, ['a1', 'a4', 'b2']);
  await plane.untilAll(nodes, (all) => markedNames(all) === 'a2,a3,b1');
});

test('when the last node falls silent marks are taken back, and given again once one is heard of', async () => {
  await using plane = await start();
  for (const name of ['n1', 'n2']) await join(plane, name);
  await passWith(plane, 60, ['n2']);
  await plane.untilAll(nodes, (all) => markedNames(all) === 'n1');
  await pass(plane, 60);
  await plane.untilAll(nodes, (all) => markedNames(all) === '' && all.every((n) => ready(n)?.status === 'Unknown'));
  const back = plane.informers.of(nodes).get('n2')!;
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-02-01T00:00:00Z' }];
  await plane.client.resource(nodes).updateStatus({ ...back, status: { conditions } });
  await plane.until(nodes, 'n2', (n) => taints(n).length === 0);
  await passWith(plane, 20, ['n2']);
  await plane.untilAll(nodes, (all) => markedNames(all) === 'n1');
});

test('the pods of a silent node are shown as not ready, and so is one that comes to it', async () => {
  await using plane = await start({ pods: false });
  for (const name of ['n1', 'n2']) await join(plane, name);
  const client = plane.client.resource(pods);
  const readyPod = async (name: string, nodeName?: string) => {
    const { spec, ...rest } = pod(name, 600);
    const { nodeName: _, ...unbound } = spec;
    await client.create({ ...rest, spec: nodeName ? { ...unbound, nodeName } : unbound });
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    await client.mergePatch({ namespace: 'default', name }, { status }, { subresource: 'status' });
  };
  const fallen = (name: string) =>
    plane.until(pods, `default/${name}`, (p) => p?.status?.conditions?.some((c) => c.status === 'False') === true);
  await readyPod('early', 'n1');
  await passWith(plane, 60, ['n2']);
  await fallen('early');
  await readyPod('late');
  const target = { kind: 'Node', name: 'n1' };
  const binding = { metadata: { name: 'late', namespace: 'default' }, target };
  await client.createSubresource({ namespace: 'default', name: 'late' }, 'binding', binding);
  await fallen('late');
  const told = await plane.untilAll(events, (all) => all.some((e) => e.involvedObject.name === 'late'));
  expect(told.filter((e) => e.involvedObject.kind === 'Pod').map((e) => [e.type, e.reason, e.message])).toEqual([
    ['Warning', 'NodeNotReady', 'Node is not ready'],
    ['Warning', 'NodeNotReady', 'Node is not ready'],
  ]);
});

test('a jump of the clock (the machine slept) costs no node its readiness', async () => {
  await using plane = await start();
  await join(plane, 'n1');
  await join(plane, 'n2');
  await pass(plane, 10);
  const clock = plane.clock as ManualClock & { steady(): number };
  const real = clock.steady.bind(clock);
  clock.steady = () => real() + 3_600_000;
  await pass(plane, 45);
  expect(
    plane.informers
      .of(nodes)
      .list()
      .map((n) => ready(n)?.status),
  ).toEqual(['True', 'True']);
  await pass(plane, 60);
  await plane.untilAll(nodes, (list) => list.every((n) => ready(n)?.status === 'Unknown'));
});

test('a NoExecute taint drives pods out unless they tolerate it; taking it away stops that', async () => {
  await using plane = await start();
  await join(plane, 'n1');
  await join(plane, 'n2');
  await plane.client.resource(pods).create(pod('gone'));
  await plane.client.resource(pods).create(pod('saved', 30));
  await plane.client.resource(pods).create(pod('late', 10));
  await plane.client
    .resource(nodes)
    .mergePatch({ name: 'n1' }, { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } });
  await plane.until(pods, 'default/gone', (p) => p === undefined);
  await pass(plane, 12);
  await plane.until(pods, 'default/late', (p) => p === undefined);
  await plane.client.resource(nodes).mergePatch({ name: 'n1' }, { spec: { taints: null } });
  await pass(plane, 35);
  expect(plane.informers.of(pods).get('default/saved')).toBeDefined();
  const told = await plane.untilAll(events, (all) => all.some((e) => e.message?.startsWith('Cancelling')));
  const ofTaints = told.filter((e) => e.reason === 'TaintManagerEviction');
  expect(ofTaints.map((e) => e.message).sort()).toEqual([
    'Cancelling deletion of Pod default/saved',
    'Marking for deletion Pod default/gone',
    'Marking for deletion Pod default/late',
  ]);
});

test('the pods of a deleted node go after a quarantine', async () => {
  await using plane = await start();
  await join(plane, 'n1');
  await plane.client
    .resource(pods)
    .create({ ...pod('lost'), metadata: { name: 'lost', namespace: 'default', finalizers: ['example.com/look'] } });
  await plane.until(pods, 'default/lost', (p) => p?.status?.phase === 'Running');
  await plane.client.resource(nodes).delete({ name: 'n1' });
  await pass(plane, 38);
  expect(plane.informers.of(pods).get('default/lost')?.status?.phase).toBe('Running');
  await pass(plane, 5);
  const lost = await plane.until(pods, 'default/lost', (p) => p?.metadata.deletionTimestamp !== undefined);
  expect(lost?.status?.phase).toBe('Failed');
  expect(lost?.status?.conditions?.find((c) => c.type === 'DisruptionTarget')).toMatchObject({
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  });
});
