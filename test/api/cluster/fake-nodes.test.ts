import { expect, test } from 'vitest';
import { leases, nodes, pods } from '../../../src/api/kinds.gen.ts';
import type { Node, Pod } from '../../../src/api/types/core-v1.gen.ts';
import { cluster, type TestCluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

const isReady = (object: Node | Pod) =>
  (object.status?.conditions as { type: string; status: string }[] | undefined)?.some(
    (c) => c.type === 'Ready' && c.status === 'True',
  ) ?? false;

const fake = (name: string, more: Partial<Node> = {}): Node => ({
  metadata: { name, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { type: 'kwok' } },
  ...more,
});

const podOn = (c: TestCluster, name: string, nodeName: string) =>
  c.client
    .resource(pods)
    .create({ metadata: { name, namespace: 'default' }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }] } });

test('a Node object marked as fake is given a simulated node, which goes with it', async () => {
  await using c = await cluster({ nodes: 0 });
  await c.client.resource(nodes).create(
    fake('big', {
      status: {
        capacity: { cpu: '96', 'nvidia.com/gpu': '8' },
        allocatable: { cpu: '95', 'nvidia.com/gpu': '8' },
        nodeInfo: { architecture: 'arm64', kubeletVersion: 'fake', bootID: '' },
      },
    } as unknown as Partial<Node>),
  );
  const node = await seen(c.client, nodes, { name: 'big' }, (n) => isReady(n) && !n.spec?.taints?.length);
  expect(node.status).toMatchObject({
    capacity: { cpu: '96', 'nvidia.com/gpu': '8', pods: '110' },
    allocatable: { cpu: '95' },
    nodeInfo: { architecture: 'arm64', kubeletVersion: 'fake', operatingSystem: 'linux' },
  });
  expect(node.metadata.labels).toMatchObject({ type: 'kwok', 'kubernetes.io/hostname': 'big' });
  await seen(c.client, leases, { namespace: 'kube-node-lease', name: 'big' });
  await podOn(c, 'a', 'big');
  await seen(c.client, pods, { namespace: 'default', name: 'a' }, isReady);
  await c.client.resource(nodes).delete({ name: 'big' });
  await c.client.resource(nodes).create(fake('big'));
  const again = await seen(c.client, nodes, { name: 'big' }, isReady);
  expect(again.status?.capacity).toMatchObject({ cpu: '32' });
  expect(c.problems).toEqual([]);
});

test('a node without the mark stays nobody’s', async () => {
  await using c = await cluster({ nodes: 1 });
  await c.client.resource(nodes).create({ metadata: { name: 'mine' } });
  await c.client.resource(nodes).create(fake('theirs'));
  await seen(c.client, nodes, { name: 'theirs' }, isReady);
  expect((await c.client.resource(nodes).get({ name: 'mine' })).status?.conditions).toBeUndefined();
});

test('simulated nodes are like the template', async () => {
  const nodeTemplate = {
    labels: { 'topology.kubernetes.io/zone': 'z1' },
    annotations: { note: 'made' },
    taints: [{ key: 'gpu', effect: 'NoSchedule' as const }],
    capacity: { cpu: '8' },
    info: { architecture: 'arm64' },
  };
  await using c = await cluster({ nodes: 1, simulatedNodes: 2, nodeTemplate });
  const { items } = await c.client.resource(nodes).list();
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'sim-1', 'sim-2']);
  for (const { metadata, spec, status } of items) {
    expect(metadata).toMatchObject({
      labels: { 'topology.kubernetes.io/zone': 'z1', 'kubernetes.io/arch': 'arm64' },
      annotations: { note: 'made' },
    });
    expect(spec?.taints).toContainEqual({ key: 'gpu', effect: 'NoSchedule' });
    expect(status?.capacity).toMatchObject({ cpu: '8', memory: '256Gi' });
  }
  expect(new Set(items.map(({ spec }) => spec?.podCIDR)).size).toBe(3);
});
