import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/api/object.ts';
import { evaluatorOf, evaluatorsOf } from '../../../../src/resources/quota/evaluators.ts';
import { inScopes } from '../../../../src/resources/quota/scopes.ts';
import { amountsOf, growth, plus, sameUsage, Tally, usageOf } from '../../../../src/resources/quota/usage.ts';

const now = Date.parse('2030-01-01T00:00:00Z');
const used = (resource: string, object: Record<string, unknown>) =>
  amountsOf(evaluatorOf(resource)!.usage({ metadata: {}, ...object } as unknown as KubeObject, now));

const container = (requests: Record<string, string>, limits: Record<string, string> = {}, more = {}) => ({
  name: 'c',
  resources: { requests, limits },
  ...more,
});
const podCounts = { pods: '1', 'count/pods': '1' };

test.each<[string, Record<string, unknown>, Record<string, string>]>([
  ['nothing asked for', { spec: { containers: [container({})] } }, podCounts],
  [
    'requests and limits, under their old names too',
    {
      spec: {
        containers: [container({ cpu: '100m', memory: '1Gi' }, { cpu: '1' }), container({ cpu: '900m' })],
      },
    },
    { ...podCounts, cpu: '1', 'requests.cpu': '1', 'limits.cpu': '1', memory: '1Gi', 'requests.memory': '1Gi' },
  ],
  [
    'storage, devices and huge pages',
    {
      spec: {
        containers: [
          container(
            { 'ephemeral-storage': '1Gi', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' },
            { 'ephemeral-storage': '2Gi', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' },
          ),
        ],
      },
    },
    {
      ...podCounts,
      'ephemeral-storage': '1Gi',
      'requests.ephemeral-storage': '1Gi',
      'limits.ephemeral-storage': '2Gi',
      'requests.example.com/gpu': '2',
      'hugepages-2Mi': '4Mi',
      'requests.hugepages-2Mi': '4Mi',
    },
  ],
  [
    'the hungriest moment of initialization, and overhead',
    {
      spec: {
        containers: [container({ cpu: '1' })],
        initContainers: [container({ cpu: '500m' }, {}, { restartPolicy: 'Always' }), container({ cpu: '2' })],
        overhead: { cpu: '100m', memory: '1Mi' },
      },
    },
    { ...podCounts, cpu: '2600m', 'requests.cpu': '2600m', memory: '1Mi', 'requests.memory': '1Mi' },
  ],
  [
    'what the pod asks for as a whole',
    { spec: { containers: [container({ cpu: '1' })], resources: { requests: { cpu: '3' }, limits: { cpu: '4' } } } },
    { ...podCounts, cpu: '3', 'requests.cpu': '3', 'limits.cpu': '4' },
  ],
  [
    'the more of what it has and what it wants, while it is resized',
    {
      spec: { containers: [container({ cpu: '1' }, { cpu: '2' })] },
      status: {
        containerStatuses: [
          { name: 'c', allocatedResources: { cpu: '3' }, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
        ],
      },
    },
    { ...podCounts, cpu: '3', 'requests.cpu': '3', 'limits.cpu': '2' },
  ],
  ['ended', { spec: { containers: [container({ cpu: '1' })] }, status: { phase: 'Succeeded' } }, { 'count/pods': '1' }],
  [
    'overdue',
    {
      metadata: { deletionTimestamp: '2029-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 },
      spec: { containers: [container({ cpu: '1' })] },
    },
    { 'count/pods': '1' },
  ],
  [
    'on its way out, but in time',
    {
      metadata: { deletionTimestamp: '2029-12-31T23:59:45Z', deletionGracePeriodSeconds: 30 },
      spec: { containers: [container({})] },
    },
    podCounts,
  ],
])('a pod uses what it asks for: %s', (_, pod, expected) => {
  expect(used('pods', pod)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, string, string]>([
  ['ClusterIP', {}, '0', '0'],
  ['NodePort', {}, '2', '0'],
  ['LoadBalancer', {}, '2', '1'],
  ['LoadBalancer', { allocateLoadBalancerNodePorts: false }, '1', '1'],
])('a %s service %j uses node ports and load balancers', (type, more, ports, balancers) => {
  expect(used('services', { spec: { type, ports: [{ port: 1, nodePort: 30000 }, { port: 2 }], ...more } })).toEqual({
    services: '1',
    'count/services': '1',
    'services.nodeports': ports,
    'services.loadbalancers': balancers,
  });
});

test('a claim uses storage, also of its class, in whole bytes, and what it was granted if that is more', () => {
  const spec = { storageClassName: 'gold', resources: { requests: { storage: '1500m' } } };
  expect(used('persistentvolumeclaims', { spec })).toEqual({
    persistentvolumeclaims: '1',
    'count/persistentvolumeclaims': '1',
    'requests.storage': '2',
    'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
    'gold.storageclass.storage.k8s.io/requests.storage': '2',
  });
  const status = { allocatedResources: { storage: '1Gi' } };
  expect(used('persistentvolumeclaims', { spec, status })['requests.storage']).toBe('1Gi');
});

test('a device claim uses the worst that its requests may come to', () => {
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
    {
      name: 'b',
      firstAvailable: [
        { name: 'x', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 3 },
        { name: 'y', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
        { name: 'z', deviceClassName: 'nic', allocationMode: 'All' },
      ],
    },
  ];
  expect(used('resourceclaims.resource.k8s.io', { spec: { devices: { requests } } })).toEqual({
    'count/resourceclaims.resource.k8s.io': '1',
    'gpu.deviceclass.resource.k8s.io/devices': '5',
    'nic.deviceclass.resource.k8s.io/devices': '32',
    'requests.deviceclass.resource.kubernetes.io/gpu': '5',
    'requests.deviceclass.resource.kubernetes.io/nic': '32',
  });
});

test('everything else is counted, some of it under an old name too, events never', () => {
  expect(used('secrets', {})).toEqual({ 'count/secrets': '1', secrets: '1' });
  expect(used('widgets.example.com', {})).toEqual({ 'count/widgets.example.com': '1' });
  expect(evaluatorOf('events')).toBeUndefined();
  expect(
    evaluatorsOf(['cpu', 'pods', 'count/secrets', 'count/jobs.batch', 'count/events', 'what']).map((e) => e.resource),
  ).toEqual(['pods', 'secrets', 'jobs.batch']);
});

const spread = (terms: object) => ({ affinity: { podAntiAffinity: terms } });

test.each<[string, object, Record<string, unknown>, boolean]>([
  ['BestEffort', {}, {}, true],
  ['BestEffort', {}, { containers: [container({ cpu: '1' })] }, false],
  ['NotBestEffort', {}, { containers: [container({ cpu: '1' })] }, true],
  ['Terminating', {}, { activeDeadlineSeconds: 0 }, true],
  ['Terminating', {}, {}, false],
  ['NotTerminating', {}, {}, true],
  ['PriorityClass', {}, { priorityClassName: 'high' }, true],
  ['PriorityClass', {}, {}, false],
  ['PriorityClass', { operator: 'In', values: ['high', 'low'] }, { priorityClassName: 'high' }, true],
  ['PriorityClass', { operator: 'In', values: ['low'] }, { priorityClassName: 'high' }, false],
  ['PriorityClass', { operator: 'NotIn', values: ['low'] }, { priorityClassName: 'high' }, true],
  ['PriorityClass', { operator: 'NotIn', values: ['low'] }, {}, true],
  ['PriorityClass', { operator: 'DoesNotExist' }, {}, true],
  ['PriorityClass', { operator: 'DoesNotExist' }, { priorityClassName: 'high' }, false],
  ['CrossNamespacePodAffinity', {}, {}, false],
  [
    'CrossNamespacePodAffinity',
    {},
    spread({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', namespaces: ['other'] }] }),
    true,
  ],
  [
    'CrossNamespacePodAffinity',
    {},
    spread({
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'k', namespaceSelector: {} } },
      ],
    }),
    true,
  ],
  ['CrossNamespacePodAffinity', {}, spread({ requiredDuringSchedulingIgnoredDuringExecution: [{}] }), false],
  ['VolumeAttributesClass', {}, {}, false],
])('scope %s %j of a pod with %j: %s', (scopeName, selector, spec, expected) => {
  const pod = { metadata: {}, spec: { containers: [container({})], ...spec } } as unknown as KubeObject;
  const matchExpressions = [{ scopeName, operator: 'Exists', ...selector }];
  const quota = { metadata: {}, spec: { scopeSelector: { matchExpressions } } } as never;
  expect(inScopes(quota, evaluatorOf('pods')!, pod)).toBe(expected);
});

test('a claim is in the scope of every class of attributes it has, had or is to have', () => {
  const claim = {
    metadata: {},
    spec: { volumeAttributesClassName: 'new' },
    status: { currentVolumeAttributesClassName: 'old' },
  } as unknown as KubeObject;
  const within = (...values: string[]) =>
    inScopes(
      {
        metadata: {},
        spec: { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values }] } },
      } as never,
      evaluatorOf('persistentvolumeclaims')!,
      claim,
    );
  expect([within('new'), within('old'), within('other')]).toEqual([true, true, false]);
});

test('only pods and claims are in scopes', () => {
  const quota = { metadata: {}, spec: { scopes: ['NotBestEffort'] } } as never;
  expect(inScopes(quota, evaluatorOf('secrets')!, { metadata: {} } as never)).toBe(false);
});

test('pods must name what a quota limits, unless they do so as a whole', () => {
  const missing = (spec: object, ...names: string[]) =>
    evaluatorOf('pods')!.missing!({ metadata: {}, spec } as never, names);
  const containers = [
    { ...container({ cpu: '1' }), name: 'a' },
    { ...container({}), name: 'b' },
  ];
  const initContainers = [{ ...container({}), name: 'i' }];
  expect(missing({ containers, initContainers }, 'requests.cpu', 'limits.memory', 'pods')).toBe(
    'must specify limits.memory for: a,b,i; requests.cpu for: b,i',
  );
  expect(missing({ containers }, 'pods', 'requests.ephemeral-storage')).toBeUndefined();
  expect(missing({ containers, resources: { requests: { cpu: '2' } } }, 'requests.cpu')).toBeUndefined();
});

test('amounts keep the format they came in', () => {
  const tally = new Tally(['memory', 'pods', 'idle']);
  tally.add(usageOf({ memory: '512Mi', other: '1' }));
  tally.add(usageOf({ memory: '512Mi', pods: '1' }));
  expect(amountsOf(tally.usage)).toEqual({ idle: '0', memory: '1Gi', pods: '1' });
  expect(amountsOf(plus(usageOf({ a: '0' }), usageOf({ a: '1Gi', b: '1' })))).toEqual({ a: '1Gi', b: '1' });
  expect(amountsOf(growth(usageOf({ a: '3', b: '1' }), usageOf({ a: '1', b: '2' })))).toEqual({ a: '2', b: '0' });
  expect(sameUsage(usageOf({ a: '1000m' }), usageOf({ a: '1' }))).toBe(true);
  expect(sameUsage(usageOf({ a: '1' }), usageOf({ b: '1' }))).toBe(false);
});
