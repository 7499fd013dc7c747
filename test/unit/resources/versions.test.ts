import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { thaw } from '../../../src/api/object.ts';
import { resourceFor } from '../../../src/resources/index.ts';

const resource = resourceFor('autoscaling', 'v1', 'horizontalpodautoscalers')!;
const { fromStorage, toStorage } = resource.versions!['autoscaling/v1']!;

const stored: KubeObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations: { keep: 'me' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } },
      {
        type: 'Object',
        object: {
          describedObject: { kind: 'Ingress', name: 'i' },
          metric: { name: 'hits' },
          target: { type: 'Value', value: '5' },
        },
      },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  },
  status: {
    currentReplicas: 1,
    desiredReplicas: 1,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '1' } } },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True' }],
  },
};

test('an autoscaler of v1 shows the CPU target and keeps the rest in annotations', () => {
  const v1 = thaw(stored);
  fromStorage(v1);
  expect(v1.apiVersion).toBe('autoscaling/v1');
  expect(v1['spec']).toEqual({
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 80,
  });
  expect(v1['status']).toEqual({ currentReplicas: 1, desiredReplicas: 1, currentCPUUtilizationPercentage: 40 });
  expect(JSON.parse(v1.metadata.annotations!['autoscaling.alpha.kubernetes.io/metrics']!)).toEqual([
    { type: 'Pods', pods: { metricName: 'rps', targetAverageValue: '10' } },
    { type: 'Object', object: { target: { kind: 'Ingress', name: 'i' }, metricName: 'hits', targetValue: '5' } },
  ]);
});

test('an autoscaler comes back from v1 as it was stored', () => {
  const round = thaw(stored);
  fromStorage(round);
  toStorage(round);
  expect(round).toEqual(stored);
});

test('an event of events.k8s.io is the core event under other names', () => {
  const event = thaw<KubeObject>({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    regarding: { kind: 'Pod', name: 'web' },
    note: 'hello',
    reportingController: 'c',
    deprecatedCount: 2,
  });
  const { toStorage: into, fromStorage: out } = resourceFor('events.k8s.io', 'v1', 'events')!.versions![
    'events.k8s.io/v1'
  ]!;
  const before = thaw(event);
  into(event);
  expect(event).toEqual({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'web' },
    message: 'hello',
    reportingComponent: 'c',
    count: 2,
  });
  out(event);
  expect(event).toEqual(before);
});
