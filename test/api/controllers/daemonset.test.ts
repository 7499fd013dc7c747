import { expect, test } from 'vitest';
import { controllerRevisions, daemonSets, nodes, pods, resourceQuotas } from '../../../src/api/kinds.gen.ts';
import type { DaemonSet, DaemonSetSpec } from '../../../src/api/types/apps-v1.gen.ts';
import type { Pod, PodSpec } from '../../../src/api/types/core-v1.gen.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const agent = (spec: Partial<DaemonSetSpec> = {}, pod: Partial<PodSpec> = {}): DaemonSet => ({
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'c', image: 'agent:1' }], ...pod },
    },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    ...spec,
  },
});
const hashLabel = 'controller-revision-hash';
const key = { namespace: 'default', name: 'agent' };

async function start(names: string[]): Promise<ControlPlane> {
  const plane = await controlPlane();
  for (const name of names) await join(plane, name);
  return plane;
}

const join = (plane: ControlPlane, name: string, labels: Record<string, string> = {}) =>
  plane.client.resource(nodes).create({ metadata: { name, labels } });
const places = (all: Pod[]) =>
  all
    .map((p) => p.spec?.nodeName ?? '')
    .toSorted()
    .join();
const imageOf = (pod: Pod) => pod.spec?.containers[0]?.image;
const available =
  (n: number, generation = 1) =>
  (s: DaemonSet | undefined) =>
    s?.status?.observedGeneration === generation &&
    s.status.numberAvailable === n &&
    s.status.updatedNumberScheduled === n;
const setImage = (plane: ControlPlane, image: string) =>
  plane.client
    .resource(daemonSets)
    .patch(key, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } });

test('one pod on every node, also on those that come later', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client.resource(daemonSets).create(agent());
  const set = await plane.until(daemonSets, 'default/agent', available(2));
  expect(set?.status).toMatchObject({
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    numberReady: 2,
    numberMisscheduled: 0,
  });
  await join(plane, 'n3');
  const all = await plane.untilAll(pods, (list) => places(list) === 'n1,n2,n3');
  expect(all[0]!.spec?.tolerations?.map((t) => t.key)).toContain('node.kubernetes.io/unschedulable');
  await plane.client.resource(pods).delete({ namespace: 'default', name: all[0]!.metadata.name! });
  await plane.untilAll(
    pods,
    (list) => places(list) === 'n1,n2,n3' && !list.some((p) => p.metadata.uid === all[0]!.metadata.uid),
  );
  expect(plane.logged.filter((r) => r.level === 'error')).toEqual([]);
});

test('pods follow the labels and taints of nodes', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client.resource(daemonSets).create(agent({}, { nodeSelector: { disk: 'ssd' } }));
  await plane.client.resource(nodes).mergePatch({ name: 'n2' }, { metadata: { labels: { disk: 'ssd' } } });
  await plane.untilAll(pods, (list) => places(list) === 'n2');
  await plane.client
    .resource(nodes)
    .mergePatch(
      { name: 'n1' },
      { metadata: { labels: { disk: 'ssd' } }, spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } },
    );
  await plane.client.resource(nodes).mergePatch({ name: 'n2' }, { metadata: { labels: { disk: null } } });
  await plane.untilAll(pods, (list) => places(list) === '');
  await plane.client.resource(nodes).mergePatch({ name: 'n1' }, { spec: { taints: null } });
  await plane.untilAll(pods, (list) => places(list) === 'n1');
});

test('an update replaces one node after the other, and rolling back reuses the revision', async () => {
  await using plane = await start(['n1', 'n2', 'n3']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(3));
  const up: number[] = [];
  const count = () => {
    const list = plane.informers
      .of(pods)
      .list('default')
      .filter((p) => !p.metadata.deletionTimestamp);
    up.push(list.filter((p) => p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')).length);
  };
  const off = plane.informers.of(pods).on({ updated: count, deleted: count });
  await setImage(plane, 'agent:2');
  await plane.until(daemonSets, 'default/agent', available(3, 2));
  off();
  expect(Math.min(...up)).toBe(2);
  expect(plane.informers.of(pods).list('default').map(imageOf)).toEqual(['agent:2', 'agent:2', 'agent:2']);
  await setImage(plane, 'agent:1');
  await plane.until(daemonSets, 'default/agent', available(3, 3));
  expect(
    plane.informers
      .of(controllerRevisions)
      .list('default')
      .map((r) => r.revision)
      .toSorted(),
  ).toEqual([2, 3]);
});

test('with surge a node is never without', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client
    .resource(daemonSets)
    .create(agent({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }));
  await plane.until(daemonSets, 'default/agent', available(2));
  let least = 2;
  plane.informers
    .of(daemonSets)
    .on({ updated: (_, s) => void (least = Math.min(least, s.status?.numberAvailable ?? 0)) });
  await setImage(plane, 'agent:2');
  await plane.until(daemonSets, 'default/agent', available(2, 2));
  await plane.untilAll(pods, (list) => list.length === 2 && list.every((p) => imageOf(p) === 'agent:2'));
  expect(least).toBe(2);
});

test('a set whose pods are refused says how far it has come', async () => {
  await using plane = await start(['n1', 'n2', 'n3']);
  await plane.client
    .resource(resourceQuotas)
    .create({ metadata: { name: 'few', namespace: 'default' }, spec: { hard: { pods: '1' } } });
  await plane.until(resourceQuotas, 'default/few', (quota) => quota?.status?.hard?.['pods'] === '1');
  await plane.client.resource(daemonSets).create(agent());
  const set = await plane.until(daemonSets, 'default/agent', (s) => s?.status?.numberAvailable === 1);
  expect(set?.status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 1, numberUnavailable: 2 });
  await plane.client.resource(daemonSets).mergePatch(key, { spec: { minReadySeconds: 1 } });
  await plane.until(daemonSets, 'default/agent', (s) => s?.status?.observedGeneration === 2);
});

test('an update with surge leaves nodes that are wanted no more, once enough others serve', async () => {
  await using plane = await start([]);
  await join(plane, 'n1', { zone: 'a' });
  await join(plane, 'n2', { zone: 'b' });
  const surge = { type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  await plane.client.resource(daemonSets).create(agent({ updateStrategy: surge }));
  await plane.until(daemonSets, 'default/agent', available(2));
  const taints = [{ key: 'leaving', effect: 'NoSchedule' as const }];
  await plane.client.resource(nodes).mergePatch({ name: 'n2' }, { spec: { taints } });
  await plane.until(daemonSets, 'default/agent', (s) => s?.status?.numberMisscheduled === 1);
  await setImage(plane, 'agent:2');
  const [left] = await plane.untilAll(pods, (all) => all.length === 1 && imageOf(all[0]!) === 'agent:2');
  expect(left?.spec?.nodeName).toBe('n1');
});

test('a failed pod is replaced', async () => {
  await using plane = await start(['n1']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(1));
  const [pod] = plane.informers.of(pods).list('default');
  const name = pod!.metadata.name!;
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name }, { status: { phase: 'Failed' } }, { subresource: 'status' });
  await plane.untilAll(
    pods,
    (list) => list.length === 1 && list[0]!.metadata.name !== name && list[0]!.status?.phase === 'Running',
  );
});

test('a set that is deleted without its pods and made anew restarts none of them', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(2));
  const uids = () =>
    plane.informers
      .of(pods)
      .list('default')
      .map((pod) => pod.metadata.uid)
      .toSorted();
  const before = uids();
  await plane.client.resource(daemonSets).delete(key, { propagationPolicy: 'Orphan' });
  await plane.until(daemonSets, 'default/agent', (set) => set === undefined);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(2));
  expect(uids()).toEqual(before);
  const [revision, ...more] = plane.informers.of(controllerRevisions).list('default');
  expect(more).toEqual([]);
  const [pod] = plane.informers.of(pods).list('default');
  // Clients find the revision of a pod by the label that both have.
  const label = 'controller-revision-hash';
  expect(revision?.metadata.labels?.[label]).toBe(pod?.metadata.labels?.[label]);
});

test('a pod that waits for a node goes when the node does', async () => {
  await using plane = await controlPlane({ pods: false });
  await join(plane, 'n1');
  await join(plane, 'n2');
  await plane.client.resource(daemonSets).create(agent());
  await plane.untilAll(pods, (all) => all.length === 2);
  await plane.client.resource(nodes).delete({ name: 'n2' });
  const [left] = await plane.untilAll(pods, (all) => all.length === 1);
  expect(JSON.stringify(left?.spec?.affinity)).toContain('n1');
});

test('the current revision is made again when somebody deletes it', async () => {
  await using plane = await start(['n1']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(1));
  const [revision] = plane.informers.of(controllerRevisions).list('default');
  const { name, uid } = revision!.metadata;
  await plane.client.resource(controllerRevisions).delete({ namespace: 'default', name: name! });
  await plane.until(controllerRevisions, `default/${name}`, (it) => it !== undefined && it.metadata.uid !== uid);
});

test('of two revisions of one template one is left, and no pod is restarted for that', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(2));
  const before = plane.informers.of(pods).list('default');
  const [first] = plane.informers.of(controllerRevisions).list('default');
  const { labels, ownerReferences, namespace } = first!.metadata;
  const metadata = { name: 'twin', namespace: namespace!, labels: { ...labels, [hashLabel]: 'twin' } };
  await plane.client
    .resource(controllerRevisions)
    .create({ metadata: { ...metadata, ownerReferences: ownerReferences! }, data: first!.data, revision: 2 });
  await plane.client.resource(daemonSets).mergePatch(key, { spec: { minReadySeconds: 1 } });
  await plane.untilAll(controllerRevisions, (all) => all.length === 1 && all[0]!.metadata.name === 'twin');
  const after = await plane.untilAll(pods, (all) => all.every((pod) => pod.metadata.labels?.[hashLabel] === 'twin'));
  const uids = (all: readonly Pod[]) => all.map((pod) => pod.metadata.uid).toSorted();
  expect(uids(after)).toEqual(uids(before));
});

test('a set that is deleted in the foreground goes last, and makes nothing on its way', async () => {
  await using plane = await start(['n1', 'n2']);
  await plane.client.resource(daemonSets).create(agent());
  await plane.until(daemonSets, 'default/agent', available(2));
  const made: string[] = [];
  const note = (object: { metadata: { name?: string } }, initial: boolean) => {
    if (!initial) made.push(object.metadata.name ?? '');
  };
  plane.informers.of(pods).on({ added: note });
  plane.informers.of(controllerRevisions).on({ added: note });
  await plane.client.resource(daemonSets).delete(key, { propagationPolicy: 'Foreground' });
  await plane.until(daemonSets, 'default/agent', (set) => set === undefined);
  expect(plane.informers.of(controllerRevisions).list('default')).toEqual([]);
  expect(made).toEqual([]);
});
