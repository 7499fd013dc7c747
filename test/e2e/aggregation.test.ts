import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AggregatedServer, type Answerer, aggregatedServer, json, registered } from '../kit/aggregated-server.ts';
import { type BoundKubectl, bind, type Installation, installation } from '../kit/krill.ts';
import { kubectls } from '../kit/kubectl.ts';

const wardle = '/apis/wardle.example.com/v1';
const external = '/apis/external.metrics.k8s.io/v1beta1';

const verbs = ['get', 'list'];
const resources = (path: string, ...list: object[]) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: path.slice('/apis/'.length),
  resources: list,
});
const flunder = {
  apiVersion: 'wardle.example.com/v1',
  kind: 'Flunder',
  metadata: { name: 'first', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
};
const flunders = {
  apiVersion: flunder.apiVersion,
  kind: 'FlunderList',
  metadata: { resourceVersion: '1' },
  items: [flunder],
};
const depth = { metricName: 'depth', metricLabels: {}, timestamp: '2026-01-01T00:00:00Z', value: '90' };
const metrics = {
  kind: 'ExternalMetricValueList',
  apiVersion: 'external.metrics.k8s.io/v1beta1',
  metadata: {},
  items: [depth],
};

const answers: Readonly<Record<string, object>> = {
  [wardle]: resources(wardle, {
    name: 'flunders',
    singularName: 'flunder',
    namespaced: true,
    kind: 'Flunder',
    shortNames: ['fl'],
    verbs,
  }),
  [external]: resources(external, {
    name: 'depth',
    singularName: '',
    namespaced: true,
    kind: 'ExternalMetricValueList',
    verbs: ['get'],
  }),
  [`${wardle}/namespaces/default/flunders`]: flunders,
  [`${wardle}/namespaces/default/flunders/first`]: flunder,
  [`${external}/namespaces/default/depth`]: metrics,
};
const answer: Answerer = ({ url }, response) => {
  const found = answers[url.split('?')[0]!];
  return found !== undefined && json(response, found);
};

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
  - type: External
    external:
      metric: {name: depth}
      target: {type: AverageValue, averageValue: "30"}
`;

describe.each(kubectls())('kubectl $minor and a server behind an APIService', ({ path, minor }) => {
  let installed: Installation;
  let kubectl: BoundKubectl;
  let server: AggregatedServer;

  beforeAll(async () => {
    server = await aggregatedServer(answer);
    installed = installation();
    await installed.must('up', `a${minor.replace('.', '-')}`, '--runtime', 'simulated');
    kubectl = bind(path, installed);
    const [wardles, externals] = [
      registered(server, 'wardle.example.com', 'v1'),
      registered(server, 'external.metrics.k8s.io', 'v1beta1'),
    ];
    const items = [wardles.service, wardles.apiService, externals.apiService];
    await kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const both = ['apiservice/v1.wardle.example.com', 'apiservice/v1beta1.external.metrics.k8s.io'];
    await kubectl('wait', ...both, '--for=condition=Available', '--timeout=60s');
  });
  afterAll(async () => {
    await installed[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('its resources are listed and read like any others', async () => {
    const listed = await kubectl('api-resources', '--api-group=wardle.example.com', '--no-headers');
    expect(listed.trim().split(/\s+/)).toEqual(['flunders', 'fl', 'wardle.example.com/v1', 'true', 'Flunder']);
    expect(await kubectl('get', 'flunders')).toMatch(/^NAME\s+AGE\nfirst\s+\S+\n$/);
    expect(await kubectl('get', 'fl', 'first', '-o', 'name')).toBe('flunder.wardle.example.com/first\n');
    expect(JSON.parse(await kubectl('get', '--raw', `${external}/namespaces/default/depth`))).toEqual(metrics);
    const shown = await kubectl('get', 'apiservices', 'v1.wardle.example.com', 'v1.apps');
    expect(shown).toMatch(/v1\.wardle\.example\.com\s+default\/adapter\s+True\s+\d+/);
    expect(shown).toMatch(/v1\.apps\s+Local\s+True\s+\d+/);
    const by = server.asked.find(({ url }) => url.startsWith(`${wardle}/namespaces/default/flunders`));
    expect(by).toMatchObject({ by: 'front-proxy-client', headers: { 'x-remote-user': 'kubernetes-admin' } });
  });

  test('an autoscaler follows its external metric', async () => {
    await kubectl.apply(web);
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl.apply(autoscaler);
    await kubectl('wait', 'deployment/web', '--for=jsonpath={.status.readyReplicas}=3', '--timeout=60s');
    expect(await kubectl('get', 'hpa', 'web')).toMatch(/\b(90|30)\/30 \(avg\)/);
  });

  test('while it is down it is said to be unavailable, and everything else goes on', async () => {
    await server.stop();
    await kubectl('annotate', 'service/adapter', 'looked=at', '--overwrite');
    await kubectl('wait', 'apiservice/v1.wardle.example.com', '--for=condition=Available=False', '--timeout=60s');
    expect(await kubectl('get', 'apiservice', 'v1.wardle.example.com')).toContain('False (FailedDiscoveryCheck)');
    const failed = await kubectl.run(['get', '--raw', `${wardle}/namespaces/default/flunders`]);
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringContaining('the server is currently unable to handle the request'),
    ]);
    expect(await kubectl('get', 'deployments')).toContain('web');
    await server.start();
    await kubectl('wait', 'apiservice/v1.wardle.example.com', '--for=condition=Available', '--timeout=60s');
    expect(await kubectl('get', 'flunders')).toContain('first');
  });
});
