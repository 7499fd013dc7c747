import { expect, test } from 'vitest';
import {
  apiServices,
  horizontalPodAutoscalers as autoscalers,
  deployments,
  pods,
  services,
} from '../../../src/api/kinds.gen.ts';
import type { MetricSpec } from '../../../src/api/types/autoscaling-v2.gen.ts';
import {
  type AggregatedServer,
  type Answerer,
  aggregatedServer,
  json,
  registered,
} from '../../kit/aggregated-server.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const custom = '/apis/custom.metrics.k8s.io/v1beta2';
const external = '/apis/external.metrics.k8s.io/v1beta1';

const lists = (path: string, group: string) => ({
  kind: 'APIResourceList',
  groupVersion: path.slice(6),
  group,
  resources: [],
});
const value = (of: object, value: string) => ({
  describedObject: of,
  metricName: 'm',
  timestamp: new Date().toISOString(),
  value,
  metric: { name: 'm' },
});

/** An adapter: 40 requests a second for each pod and for the Ingress, and 90 messages in the queue. */
const adapter =
  (podNames: readonly string[]): Answerer =>
  ({ url, headers }, response) => {
    if (url === custom || url === external) return json(response, lists(url, ''));
    if (headers['x-remote-user'] !== 'system:serviceaccount:kube-system:horizontal-pod-autoscaler') return false;
    const { pathname, searchParams } = new URL(url, 'https://adapter');
    const metrics: Record<string, object | object[]> = {
      [`${custom}/namespaces/default/pods/*/rps`]: podNames.map((name) =>
        value({ kind: 'Pod', name, namespace: 'default' }, '40'),
      ),
      [`${custom}/namespaces/default/ingresses.networking.k8s.io/main/rps`]: value(
        { kind: 'Ingress', name: 'main' },
        '40',
      ),
      [`${external}/namespaces/default/depth`]: {
        metricName: 'depth',
        timestamp: new Date().toISOString(),
        value: '90',
      },
    };
    const found = metrics[pathname];
    if (!found)
      return json(
        response,
        { kind: 'Status', status: 'Failure', reason: 'NotFound', message: 'no such metric', code: 404 },
        404,
      );
    if (pathname.endsWith('/depth') && searchParams.get('labelSelector') !== 'queue=mail') return false;
    return json(response, {
      kind: 'MetricValueList',
      apiVersion: pathname.slice(6).split('/namespaces')[0],
      metadata: {},
      items: [found].flat(),
    });
  };

async function planeBehind(server: AggregatedServer): Promise<ControlPlane> {
  const plane = await controlPlane();
  const [customs, externals] = [
    registered(server, 'custom.metrics.k8s.io', 'v1beta2'),
    registered(server, 'external.metrics.k8s.io', 'v1beta1'),
  ];
  await plane.client.resource(services).create(customs.service as never);
  for (const { apiService } of [customs, externals]) {
    await plane.client.resource(apiServices).create(apiService as never);
    const isAvailable = ({ status }: { status?: { conditions?: readonly { status: string }[] } }) =>
      status?.conditions?.[0]?.status === 'True';
    await plane.until(apiServices, apiService.metadata.name, (found) => found !== undefined && isAvailable(found));
  }
  const labels = { app: 'web' };
  await plane.client.resource(deployments).create({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
    },
  });
  await plane.until(deployments, 'default/web', (found) => found?.status?.readyReplicas === 1);
  return plane;
}

const autoscale = (plane: ControlPlane, metric: MetricSpec) =>
  plane.client.resource(autoscalers).create({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 9,
      metrics: [metric],
    },
  });

const queue = { name: 'depth', selector: { matchLabels: { queue: 'mail' } } };
const average = (averageValue: string) => ({ type: 'AverageValue', averageValue });
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' };

test.each<[MetricSpec['type'], MetricSpec, number]>([
  ['External', { type: 'External', external: { metric: queue, target: average('30') } }, 3],
  ['Pods', { type: 'Pods', pods: { metric: { name: 'rps' }, target: average('20') } }, 2],
  [
    'Object',
    { type: 'Object', object: { metric: { name: 'rps' }, describedObject: ingress, target: average('10') } },
    4,
  ],
])('an autoscaler follows a metric of another server: %s', async (_, metric, replicas) => {
  const podNames: string[] = [];
  await using server = await aggregatedServer(adapter(podNames));
  await using plane = await planeBehind(server);
  for (const { metadata } of plane.informers.of(pods).list()) podNames.push(metadata.name!);
  await autoscale(plane, metric);
  const scaled = await plane.until(deployments, 'default/web', (found) => found?.spec?.replicas === replicas);
  expect(scaled?.spec?.replicas).toBe(replicas);
});

const failing = async (plane: ControlPlane): Promise<string | undefined> => {
  const hpa = await plane.until(autoscalers, 'default/web', (found) =>
    Boolean(found?.status?.conditions?.some(({ type, status }) => type === 'ScalingActive' && status === 'False')),
  );
  return hpa?.status?.conditions?.find(({ type }) => type === 'ScalingActive')?.message;
};

test.each<[string, (server: AggregatedServer) => Promise<void> | void, string, string]>([
  ['a metric that the server does not have', () => undefined, 'nothing', 'no such metric'],
  [
    'a server that is gone',
    (server) => server.stop(),
    'depth',
    'the server is currently unable to handle the request (get depth.external.metrics.k8s.io)',
  ],
  [
    'an answer that says nothing',
    () => undefined,
    'depth',
    'the server could not find the requested resource (get depth.external.metrics.k8s.io)',
  ],
])('%s is said by the autoscaler', async (_, before, name, why) => {
  await using server = await aggregatedServer(adapter([]));
  await using plane = await planeBehind(server);
  await before(server);
  await autoscale(plane, { type: 'External', external: { metric: { name }, target: average('30') } });
  expect(await failing(plane)).toBe(
    `the HPA was unable to compute the replica count: unable to get external metric default/${name}/nil: unable to fetch metrics from external metrics API: ${why}`,
  );
});
