import { expect, test } from 'vitest';
import { nodeMetricsOf, podMetricsOf } from '../../../../src/apiserver/resource-metrics/metrics-objects.ts';
import type { ContainerUsage } from '../../../../src/node/usage.ts';

const now = Date.parse('2026-01-01T00:00:10Z');
const counters = { cpuNanos: 0, memoryWorkingSetBytes: 64 << 20, memoryRssBytes: 0, sampledAt: now - 2_000 };
const container = (name: string, nanoCores?: number, windowMs = 15_023): ContainerUsage => ({
  ...counters,
  name,
  startedAt: 0,
  ...(nanoCores !== undefined && { rate: { nanoCores, windowMs } }),
});
const podUsage = (...containers: ContainerUsage[]) => ({
  namespace: 'default',
  name: 'p',
  uid: 'u',
  startTime: '',
  containers,
});
const object = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'p', labels: { app: 'x' }, annotations: { a: 'b' } },
};

test('a pod’s containers, each with what it used and over what time', () => {
  expect(podMetricsOf(object, podUsage(container('a', 250_000_000), container('b', 1_234, 20_000)), now)).toEqual({
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {
      name: 'p',
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:10Z',
      labels: { app: 'x' },
    },
    timestamp: '2026-01-01T00:00:08Z',
    window: '20s',
    containers: [
      { name: 'a', usage: { cpu: '250m', memory: '64Mi' } },
      { name: 'b', usage: { cpu: '1234n', memory: '64Mi' } },
    ],
  });
});

test('containers without a rate are left out, and so is a pod that has no others', () => {
  expect(podMetricsOf(object, podUsage(container('a', 1), container('b')), now)).toMatchObject({
    window: '15.023s',
    containers: [{ name: 'a' }],
  });
  expect(podMetricsOf(object, podUsage(container('b')), now)).toBeUndefined();
});

test('a node without a rate has no metrics', () => {
  const usage = { node: 'n', ...counters, pods: [] };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
  expect(nodeMetricsOf(node, usage, now)).toBeUndefined();
  const measured = { ...usage, rate: { nanoCores: 1_500_000_000, windowMs: 1_000 } };
  expect(nodeMetricsOf(node, measured, now)).toMatchObject({
    metadata: { name: 'n' },
    window: '1s',
    usage: { cpu: '1500m', memory: '64Mi' },
  });
});
