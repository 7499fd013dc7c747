import { expect, test } from 'vitest';
import type { Pod } from '../../../../src/kubelet/types.ts';
import { nodeUsage } from '../../../../src/kubelet/usage/node-usage.ts';
import type { ContainerStats, NodeStats } from '../../../../src/node/usage.ts';

const at = 1_000_000;
const counters = (cpuNanos: number) => ({
  cpuNanos,
  memoryWorkingSetBytes: 100,
  memoryRssBytes: 50,
  sampledAt: at,
});
const container = (containerId: string, cpuNanos: number): ContainerStats => ({
  podUid: 'u',
  container: containerId,
  containerId,
  ...counters(cpuNanos),
});
const node = (...containers: ContainerStats[]): NodeStats => ({
  ...counters(containers.reduce((sum, { cpuNanos }) => sum + cpuNanos, 0)),
  containers,
});
const pod = { metadata: { namespace: 'default', name: 'p', uid: 'u' }, spec: {} } as unknown as Pod;

/** What is said of the containers of one pod that started `age` milliseconds ago. */
function containersOf(now: NodeStats, before: NodeStats | undefined, age: number) {
  const measured = { pod, startTime: '', startedAt: () => at - age };
  const readings = { now, before: before && { stats: before, windowMs: 10_000 } };
  return nodeUsage('n1', readings, [measured]);
}

test('CPU use is what was counted between two readings, by second', () => {
  const usage = containersOf(node(container('a', 7e9)), node(container('a', 2e9)), 60_000);
  expect(usage.pods[0]?.containers[0]?.rate).toEqual({ nanoCores: 5e8, windowMs: 10_000 });
  expect(usage).toMatchObject({ node: 'n1', cpuNanos: 7e9, rate: { nanoCores: 5e8, windowMs: 10_000 } });
});

test.each([
  ['runs for ten seconds: what it used since', 10_000, { nanoCores: 1e8, windowMs: 10_000 }],
  ['has just started: nothing yet', 9_999, undefined],
])('a container that was not there at the reading before and %s', (_, age, rate) => {
  const usage = containersOf(node(container('new', 1e9)), node(), age);
  expect(usage.pods[0]?.containers[0]?.rate).toEqual(rate);
});

test('a counter that began anew tells no rate', () => {
  const usage = containersOf(node(container('a', 1e9)), node(container('a', 2e9)), 60_000);
  expect(usage.pods[0]?.containers[0]?.rate).toBeUndefined();
  expect(usage.rate).toBeUndefined();
});

test('containers of pods that the kubelet does not have are not shown', () => {
  const stray = { ...container('x', 1), podUid: 'other' };
  expect(containersOf(node(stray), undefined, 0).pods).toMatchObject([{ name: 'p', containers: [] }]);
});
