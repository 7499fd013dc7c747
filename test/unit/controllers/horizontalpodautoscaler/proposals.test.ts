import { expect, test } from 'vitest';
import { podMetrics } from '../../../../src/api/kinds.gen.ts';
import { parseLabelSelector } from '../../../../src/api/selector.ts';
import { notFound, unknownPath } from '../../../../src/api/status.ts';
import type { MetricSpec } from '../../../../src/api/types/autoscaling-v2.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import type { Call } from '../../../../src/client/call.ts';
import { createClient } from '../../../../src/client/client.ts';
import type { Catalog } from '../../../../src/controllers/catalog.ts';
import { MetricsSource } from '../../../../src/controllers/horizontalpodautoscaler/metrics-source.ts';
import { judge } from '../../../../src/controllers/horizontalpodautoscaler/proposals.ts';
import { ScriptedTransport } from '../../../kit/scripted-transport.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const timestamp = '2026-01-01T01:00:00Z';

const pod = (name: string): Pod => ({
  metadata: { namespace: 'default', name },
  spec: {
    containers: [
      { name: 'web', image: 'i', resources: { requests: { cpu: '100m' } } },
      { name: 'aside', image: 'i', resources: { requests: { cpu: '100m' } } },
    ],
  },
  status: {
    phase: 'Running',
    startTime: '2026-01-01T00:00:00Z',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  },
});

const use = (name: string, web: string, aside: string) => ({
  metadata: { namespace: 'default', name },
  timestamp,
  window: '15s',
  containers: [
    { name: 'web', usage: { cpu: web, memory: '100Mi' } },
    { name: 'aside', usage: { cpu: aside, memory: '100Mi' } },
  ],
});

const resourceMetrics = { items: [use('a', '150m', '50m'), use('b', '150m', '50m')] };

/** Judges a metric of two pods, with answers by "group/resource"; what has none is not served. */
function judging(answers: Readonly<Record<string, unknown>>, version = '') {
  const transport = new ScriptedTransport(({ resource }: Call) => {
    const answer = answers[`${resource.group}/${resource.resource}`];
    if (answer === undefined || (version && resource.version !== version)) throw unknownPath();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const byKind = (group: string, kind: string) =>
    kind === 'Ingress' ? { ...podMetrics, group, resource: 'ingresses', kind, verbs: [] } : undefined;
  const source = new MetricsSource(createClient(transport), { byKind } as unknown as Catalog);
  const judged = {
    source,
    namespace: 'default',
    selector: parseLabelSelector('app=web'),
    pods: [pod('a'), pod('b')],
    specReplicas: 2,
    statusReplicas: 2,
    tolerances: { down: 0.1, up: 0.1 },
    now,
    signal: new AbortController().signal,
  };
  return { transport, judge: (spec: MetricSpec) => judge(judged, spec) };
}

const utilization = (averageUtilization: number) => ({ type: 'Utilization', averageUtilization });
const average = (averageValue: string) => ({ type: 'AverageValue', averageValue });
const total = (value: string) => ({ type: 'Value', value });
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' };
const queue = { name: 'depth', selector: { matchLabels: { queue: 'mail' } } };
const queueText =
  '&LabelSelector{MatchLabels:map[string]string{queue: mail,},MatchExpressions:[]LabelSelectorRequirement{},}';
const value = (text: string) => ({ describedObject: { name: text }, timestamp, value: text });

test.each<[string, MetricSpec, Record<string, unknown>, number, string, object]>([
  [
    'a share of the CPU that was requested',
    { type: 'Resource', resource: { name: 'cpu', target: utilization(50) } },
    { 'metrics.k8s.io/pods': resourceMetrics },
    4,
    'cpu resource utilization (percentage of request)',
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '200m' } } },
  ],
  [
    'an amount of memory',
    { type: 'Resource', resource: { name: 'memory', target: average('100Mi') } },
    { 'metrics.k8s.io/pods': resourceMetrics },
    4,
    'memory resource',
    { type: 'Resource', resource: { name: 'memory', current: { averageValue: '209715200' } } },
  ],
  [
    'the CPU of one container',
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'web', target: utilization(50) } },
    { 'metrics.k8s.io/pods': resourceMetrics },
    6,
    'cpu container resource utilization (percentage of request)',
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', current: { averageUtilization: 150, averageValue: '150m' } },
    },
  ],
  [
    'a metric of pods',
    { type: 'Pods', pods: { metric: { name: 'rps' }, target: average('10') } },
    {
      'custom.metrics.k8s.io/pods': {
        items: [
          { describedObject: { name: 'a' }, timestamp, value: '20' },
          { describedObject: { name: 'b' }, timestamp, value: '10' },
        ],
      },
    },
    3,
    'pods metric rps',
    { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '15' } } },
  ],
  [
    'a metric of an object',
    { type: 'Object', object: { metric: { name: 'rps' }, describedObject: ingress, target: total('10') } },
    { 'custom.metrics.k8s.io/ingresses.networking.k8s.io': { items: [value('25')] } },
    5,
    'Ingress metric rps',
    { type: 'Object', object: { metric: { name: 'rps' }, describedObject: ingress, current: { value: '25' } } },
  ],
  [
    'a metric of an object, shared among the pods',
    { type: 'Object', object: { metric: { name: 'rps' }, describedObject: ingress, target: average('10') } },
    { 'custom.metrics.k8s.io/ingresses.networking.k8s.io': { items: [value('25')] } },
    3,
    'external metric rps(nil)',
    {
      type: 'Object',
      object: { metric: { name: 'rps' }, describedObject: ingress, current: { averageValue: '12500m' } },
    },
  ],
  [
    'a metric from outside',
    { type: 'External', external: { metric: queue, target: total('10') } },
    { 'external.metrics.k8s.io/depth': { items: [value('15'), value('15')] } },
    6,
    `external metric depth(${queueText})`,
    { type: 'External', external: { metric: queue, current: { value: '30' } } },
  ],
  [
    'a metric from outside, shared among the pods',
    { type: 'External', external: { metric: queue, target: average('10') } },
    { 'external.metrics.k8s.io/depth': { items: [value('30')] } },
    3,
    `external metric depth(${queueText})`,
    { type: 'External', external: { metric: queue, current: { averageValue: '15' } } },
  ],
])('%s', async (_, spec, answers, replicas, name, status) => {
  expect(await judging(answers).judge(spec)).toMatchObject({ replicas, name, status });
});

test.each<[string, MetricSpec, Record<string, unknown>, string, string, string]>([
  [
    'pods that are not measured',
    { type: 'Resource', resource: { name: 'cpu', target: utilization(50) } },
    { 'metrics.k8s.io/pods': { items: [] } },
    'FailedGetResourceMetric',
    'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    'failed to get cpu resource metric value: ',
  ],
  [
    'a resource metrics API that is not there',
    { type: 'Resource', resource: { name: 'memory', target: average('1Gi') } },
    {},
    'FailedGetResourceMetric',
    'failed to get memory usage: unable to get metrics for resource memory: unable to fetch metrics from resource metrics API: the server could not find the requested resource',
    'failed to get memory resource metric value: ',
  ],
  [
    'a container that is not measured',
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'x', target: utilization(50) } },
    { 'metrics.k8s.io/pods': resourceMetrics },
    'FailedGetContainerResourceMetric',
    'failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container x not present in metrics for pod default/a',
    'failed to get x container metric value: ',
  ],
  [
    'custom metrics that nobody serves',
    { type: 'Pods', pods: { metric: { name: 'rps' }, target: average('10') } },
    {},
    'FailedGetPodsMetric',
    'unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    'failed to get pods metric value: ',
  ],
  [
    'a custom metric that the server does not know',
    { type: 'Object', object: { metric: { name: 'rps' }, describedObject: ingress, target: total('10') } },
    { 'custom.metrics.k8s.io/ingresses.networking.k8s.io': notFound({ group: '', resource: 'metrics' }, 'rps') },
    'FailedGetObjectMetric',
    'unable to get metric rps: unable to fetch metrics from custom metrics API: metrics "rps" not found on Ingress default/main',
    'failed to get object metric value: ',
  ],
  [
    'a custom metric of an unknown kind',
    {
      type: 'Object',
      object: { metric: { name: 'rps' }, describedObject: { ...ingress, kind: 'Foo' }, target: average('10') },
    },
    {},
    'FailedGetObjectMetric',
    'unable to get metric rps: unable to fetch metrics from custom metrics API: no matches for kind "Foo" in group "networking.k8s.io" on Foo default/main',
    'failed to get object metric value: failed to get rps object metric: ',
  ],
  [
    'external metrics that nobody serves',
    { type: 'External', external: { metric: { name: 'depth' }, target: average('10') } },
    {},
    'FailedGetExternalMetric',
    'unable to get external metric default/depth/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get depth.external.metrics.k8s.io)',
    'failed to get depth external metric value: failed to get depth external metric: ',
  ],
  [
    'an external metric without values',
    { type: 'External', external: { metric: queue, target: total('10') } },
    { 'external.metrics.k8s.io/depth': { items: [] } },
    'FailedGetExternalMetric',
    `unable to get external metric default/depth/${queueText}: no metrics returned from external metrics API`,
    'failed to get depth external metric value: failed to get external metric depth: ',
  ],
])('%s: what is said', async (_, spec, answers, reason, message, summary) => {
  const failed = judging(answers).judge(spec);
  await expect(failed).rejects.toMatchObject({ reason, message, summary: summary + message });
});

test('each API is asked as its servers expect it', async () => {
  const items = [value('1')];
  const asked = async (spec: MetricSpec, answers: Record<string, unknown>, version?: string) => {
    const { transport, judge: run } = judging(answers, version);
    await run(spec);
    const { resource, namespace, name, subresource, options } = transport.calls.at(-1)!;
    return {
      path: [resource.group, resource.version, namespace, resource.resource, name, subresource].join('/'),
      options,
    };
  };
  const pods = { type: 'Pods', pods: { metric: queue, target: average('1') } };
  expect(await asked(pods, { 'custom.metrics.k8s.io/pods': { items } }, 'v1beta1')).toEqual({
    path: 'custom.metrics.k8s.io/v1beta1/default/pods/*/depth',
    options: { labelSelector: 'app=web', metricLabelSelector: 'queue=mail' },
  });
  const namespace = { kind: 'Namespace', apiVersion: 'v1', name: 'whatever' };
  const object = {
    type: 'Object',
    object: { metric: { name: 'rps' }, describedObject: namespace, target: total('1') },
  };
  expect(await asked(object, { 'custom.metrics.k8s.io/metrics': { items } })).toEqual({
    path: 'custom.metrics.k8s.io/v1beta2/default/metrics/rps/',
    options: {},
  });
  const external = { type: 'External', external: { metric: queue, target: total('1') } };
  expect(await asked(external, { 'external.metrics.k8s.io/depth': { items } })).toEqual({
    path: 'external.metrics.k8s.io/v1beta1/default/depth//',
    options: { labelSelector: 'queue=mail' },
  });
});
