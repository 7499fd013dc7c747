import { expect, test } from 'vitest';
import {
  horizontalPodAutoscalers as autoscalers,
  deployments,
  events,
  horizontalPodAutoscalersV1,
  pods,
} from '../../../src/api/kinds.gen.ts';
import type { HorizontalPodAutoscalerSpec } from '../../../src/api/types/autoscaling-v2.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import type { Dialer, NodeGateway } from '../../../src/node/gateway.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { cronTab, cronTabs, define } from '../../kit/custom-resources.ts';

/** A control plane whose pods all use so many thousandths of a CPU; time stands still unless `pass` is called. */
async function measuredPlane(use: { cpu: number | undefined }): Promise<ControlPlane> {
  const clock = new ManualClock();
  let plane: ControlPlane | undefined;
  const gateway = {
    usage: async (node: string) => {
      const counters = { cpuNanos: 0, memoryWorkingSetBytes: 64 << 20, memoryRssBytes: 0, sampledAt: clock.wall() };
      const rate = { nanoCores: (use.cpu ?? 0) * 1e6, windowMs: 1_000 };
      const containers = use.cpu === undefined ? [] : [{ ...counters, name: 'c', startedAt: 0, rate }];
      const all = plane!.informers.of(pods).list();
      const podsThere = all.map(({ metadata }) => ({
        namespace: metadata.namespace!,
        name: metadata.name!,
        uid: metadata.uid!,
        startTime: '',
        containers,
      }));
      return { node, ...counters, pods: podsThere };
    },
  } as unknown as NodeGateway & Dialer;
  plane = await controlPlane({
    clock,
    server: { nodes: () => gateway },
    disabled: ['pod-garbage-collector-controller'],
  });
  return plane;
}

async function pass(plane: ControlPlane, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) await (plane.clock as ManualClock).advance(1000);
}

/** A look begins fifteen seconds after the end of the one before, which takes its turns of the loop. */
const nextLook = (plane: ControlPlane) => pass(plane, 17);

async function deploy(plane: ControlPlane, replicas: number, name = 'web', labels = { app: name }): Promise<void> {
  const resources = { requests: { cpu: '100m' } };
  await plane.client.resource(deployments).create({
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1', resources }] } },
    },
  });
  await untilReady(plane, replicas, name);
}

const untilReady = (plane: ControlPlane, replicas: number, name = 'web') =>
  plane.until(deployments, `default/${name}`, (d) => (d?.status?.readyReplicas ?? 0) === replicas);

const cpu = (averageUtilization: number): HorizontalPodAutoscalerSpec['metrics'] => [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
];

const autoscale = (plane: ControlPlane, spec: Partial<HorizontalPodAutoscalerSpec> = {}, name = 'web') =>
  plane.client.resource(autoscalers).create({
    metadata: { name, namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 5,
      metrics: cpu(50)!,
      ...spec,
    },
  });

const untilCondition = (plane: ControlPlane, type: string, reason: string, name = 'web') =>
  plane.until(autoscalers, `default/${name}`, (hpa) =>
    Boolean(hpa?.status?.conditions?.some((c) => c.type === type && c.reason === reason)),
  );

/** "reason: message" of the events about an autoscaler, each once. */
async function eventsOf(plane: ControlPlane, name = 'web'): Promise<string[]> {
  await pass(plane, 2);
  const { items } = await plane.client.resource(events).list({ namespace: 'default' });
  return items
    .filter(({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler' && involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
}

const atOnce = { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

test('a Deployment follows what its pods use, up and down', async () => {
  const use = { cpu: 100 as number | undefined };
  await using plane = await measuredPlane(use);
  await deploy(plane, 1);
  await pass(plane, 10);
  await autoscale(plane, { behavior: { scaleDown: atOnce } });
  await untilReady(plane, 2);
  const first = await untilCondition(plane, 'AbleToScale', 'SucceededRescale');
  expect(first?.status).toMatchObject({
    currentReplicas: 1,
    desiredReplicas: 2,
    lastScaleTime: '2026-01-01T00:00:10Z',
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } },
    ],
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'SucceededRescale',
        message: 'the HPA controller was able to update the target scale to 2',
      },
      {
        type: 'ScalingActive',
        status: 'True',
        reason: 'ValidMetricFound',
        message:
          'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
      },
      { type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange' },
    ],
  });
  await nextLook(plane);
  await untilReady(plane, 4);
  await nextLook(plane);
  await untilReady(plane, 5);
  await untilCondition(plane, 'ScalingLimited', 'TooManyReplicas');
  use.cpu = 10;
  await nextLook(plane);
  await untilReady(plane, 1);
  expect(await eventsOf(plane)).toEqual([
    'SuccessfulRescale: New size: 2; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 5; reason: cpu resource utilization (percentage of request) above target',
    'SuccessfulRescale: New size: 1; reason: All metrics below target',
  ]);
});

test('a smaller number waits five minutes', async () => {
  const use = { cpu: 50 as number | undefined };
  await using plane = await measuredPlane(use);
  await deploy(plane, 4);
  await pass(plane, 10);
  await autoscale(plane);
  await untilCondition(plane, 'AbleToScale', 'ReadyForNewScale');
  use.cpu = 10;
  await nextLook(plane);
  const held = await untilCondition(plane, 'AbleToScale', 'ScaleDownStabilized');
  expect(held?.status).toMatchObject({ currentReplicas: 4, desiredReplicas: 4 });
  await pass(plane, 270);
  expect((await plane.client.resource(deployments).get({ namespace: 'default', name: 'web' })).spec?.replicas).toBe(4);
  // Looks are no more often than every fifteen seconds.
  await pass(plane, 60);
  await untilReady(plane, 1);
});

test('bounds hold whatever the metrics say, and a change of them counts at once', async () => {
  await using plane = await measuredPlane({ cpu: undefined });
  await deploy(plane, 3);
  await autoscale(plane, { maxReplicas: 2 });
  await untilReady(plane, 2);
  await plane.client
    .resource(autoscalers)
    .mergePatch({ namespace: 'default', name: 'web' }, { spec: { minReplicas: 4, maxReplicas: 9 } });
  await untilReady(plane, 4);
  expect(await eventsOf(plane)).toEqual([
    'SuccessfulRescale: New size: 2; reason: Current number of replicas above Spec.MaxReplicas',
    'SuccessfulRescale: New size: 4; reason: Current number of replicas below Spec.MinReplicas',
  ]);
  await plane.client.resource(deployments).mergePatch({ namespace: 'default', name: 'web' }, { spec: { replicas: 0 } });
  await nextLook(plane);
  const off = await untilCondition(plane, 'ScalingActive', 'ScalingDisabled');
  expect(off?.status?.currentReplicas ?? 0).toBe(0);
  expect(off?.status?.desiredReplicas).toBe(0);
});

test('without metrics it is said why nothing is done', async () => {
  await using plane = await measuredPlane({ cpu: undefined });
  await deploy(plane, 1);
  const pod = { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1' } } };
  await autoscale(plane, { metrics: [...cpu(50)!, pod] });
  const idle = await untilCondition(plane, 'ScalingActive', 'FailedGetResourceMetric');
  const why =
    'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API';
  expect(idle?.status?.conditions?.[1]).toMatchObject({
    status: 'False',
    message: `the HPA was unable to compute the replica count: ${why}`,
  });
  expect(idle?.status).toMatchObject({
    currentReplicas: 1,
    desiredReplicas: 0,
    currentMetrics: [{ type: '' }, { type: '' }],
  });
  expect(await eventsOf(plane)).toEqual([
    `FailedGetResourceMetric: ${why}`,
    'FailedGetPodsMetric: unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    `FailedComputeMetricsReplicas: invalid metrics (2 invalid out of 2), first error is: failed to get cpu resource metric value: ${why}`,
  ]);
});

test('a target that is not there is found when it comes', async () => {
  await using plane = await measuredPlane({ cpu: 100 });
  await autoscale(plane);
  const missing = await untilCondition(plane, 'AbleToScale', 'FailedGetScale');
  expect(missing?.status?.conditions?.[0]).toMatchObject({
    status: 'False',
    message: `the HPA controller was unable to get the target's current scale: deployments.apps "web" not found`,
  });
  await autoscale(plane, { scaleTargetRef: { apiVersion: 'x.example.com/v1', kind: 'Foo', name: 'f' } }, 'foo');
  const unknown = await untilCondition(plane, 'AbleToScale', 'FailedGetScale', 'foo');
  expect(unknown?.status?.conditions?.[0]?.message).toContain('no matches for kind "Foo" in group "x.example.com"');
  await deploy(plane, 1);
  await nextLook(plane);
  await untilReady(plane, 2);
});

test('two autoscalers do not pull at the same pods', async () => {
  await using plane = await measuredPlane({ cpu: 10 });
  await deploy(plane, 1);
  await pass(plane, 10);
  await autoscale(plane);
  await untilCondition(plane, 'ScalingActive', 'ValidMetricFound');
  await autoscale(plane, {}, 'other');
  const refused = await untilCondition(plane, 'ScalingActive', 'AmbiguousSelector', 'other');
  expect(refused?.status?.conditions?.[1]?.message).toBe(
    'pods by selector app=web are controlled by multiple HPAs: [default/other default/web]',
  );
  await plane.client.resource(autoscalers).delete({ namespace: 'default', name: 'other' });
  await nextLook(plane);
  await untilCondition(plane, 'ScalingActive', 'ValidMetricFound');
});

test('a custom resource with a scale is scaled like any other', async () => {
  await using plane = await measuredPlane({ cpu: 100 });
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  };
  await define(plane.api, { version: { subresources: { scale, status: {} } } });
  const key = { name: 'nightly' };
  await plane.api.call('create', cronTabs, { object: cronTab('nightly', { spec: { replicas: 1 } }) });
  const body = { status: { replicas: 1, selector: 'app=nightly' } };
  await plane.api.call('patch', cronTabs, { ...key, subresource: 'status', patch: { type: 'merge', body } });
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }];
  await plane.client.resource(pods).create({
    metadata: { name: 'one', namespace: 'default', labels: { app: 'nightly' } },
    spec: { containers },
  });
  await plane.until(pods, 'default/one', (pod) => pod?.status?.phase === 'Running');
  await pass(plane, 10);
  const scaleTargetRef = { apiVersion: 'stable.example.com/v1', kind: 'CronTab', name: 'nightly' };
  await autoscale(plane, { scaleTargetRef });
  await untilCondition(plane, 'AbleToScale', 'SucceededRescale');
  expect(await plane.api.call('get', cronTabs, key)).toMatchObject({ spec: { replicas: 2 } });
});

test('nothing is written while nothing changes', async () => {
  await using plane = await measuredPlane({ cpu: 50 });
  await deploy(plane, 2);
  await pass(plane, 10);
  await autoscale(plane);
  const settled = await untilCondition(plane, 'ScalingActive', 'ValidMetricFound');
  for (let i = 0; i < 3; i++) await nextLook(plane);
  const later = await plane.client.resource(autoscalers).get({ namespace: 'default', name: 'web' });
  expect(later.metadata.resourceVersion).toBe(settled?.metadata.resourceVersion);
});

test('autoscaling/v1 shows and takes the CPU alone, the rest in annotations', async () => {
  await using plane = await measuredPlane({ cpu: 60 });
  await deploy(plane, 1);
  await pass(plane, 10);
  await plane.client.resource(horizontalPodAutoscalersV1).create({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 60,
    },
  });
  await untilCondition(plane, 'ScalingActive', 'ValidMetricFound');
  const shown = await plane.client.resource(horizontalPodAutoscalersV1).get({ namespace: 'default', name: 'web' });
  expect(shown.status).toEqual({ currentReplicas: 1, desiredReplicas: 1, currentCPUUtilizationPercentage: 60 });
  const { annotations = {} } = shown.metadata;
  expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/conditions']!)).toHaveLength(3);
  expect(JSON.parse(annotations['autoscaling.alpha.kubernetes.io/current-metrics']!)).toMatchObject([
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 60, currentAverageValue: '60m' } },
  ]);
});
