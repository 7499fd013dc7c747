import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/api/object.ts';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import type { AdmissionChoice } from '../../src/apiserver/admission/plugin-names.ts';
import { ManualClock } from '../../src/base/clock.ts';
import type { UserInfo } from '../../src/client/call.ts';
import { apiServer, gvr, type TestApi } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const enabled = (enable: string[], configuration: AdmissionChoice['configuration'] = {}) => ({
  server: { admission: { enable, configuration } },
});
const plain = () => ({ containers: [{ name: 'c', image: 'i:1', imagePullPolicy: 'IfNotPresent' }] });
const pod = (api: TestApi, name: string, spec: object = {}, namespace = 'default') =>
  api.call<Pod>('create', 'pods', { namespace, object: { metadata: { name }, spec: { ...plain(), ...spec } } });
const annotate = (api: TestApi, annotations: Record<string, string>) =>
  api.call('patch', 'namespaces', {
    namespace: '',
    name: 'default',
    patch: { type: 'merge', body: { metadata: { annotations } } },
  });

test('AlwaysPullImages pulls every image of new pods, and of updates that bring new ones', async () => {
  const clock = new ManualClock();
  await using before = await apiServer({ clock });
  await pod(before, 'old');
  await using api = await apiServer({ ...enabled(['AlwaysPullImages']), store: before.store });
  const { spec } = await pod(api, 'a', {
    initContainers: [{ name: 'i', image: 'i:1', imagePullPolicy: 'Never' }],
    volumes: [{ name: 'v', image: { reference: 'data:1', pullPolicy: 'Never' } }],
  });
  const policies = [...spec!.containers, ...spec!.initContainers!].map(({ imagePullPolicy }) => imagePullPolicy);
  expect([...policies, spec!.volumes![0]!.image!.pullPolicy]).toEqual(['Always', 'Always', 'Always']);
  const labelled = await api.call<Pod>('patch', 'pods', {
    name: 'old',
    patch: { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
  });
  expect(labelled.spec!.containers[0]!.imagePullPolicy).toBe('IfNotPresent');
});

test('LimitPodHardAntiAffinityTopology lets pods demand a node of their own only', async () => {
  await using api = await apiServer(enabled(['LimitPodHardAntiAffinityTopology']));
  const apart = (topologyKey: string) => ({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { a: 'b' } } }],
      },
    },
  });
  await pod(api, 'a', apart('kubernetes.io/hostname'));
  await expect(pod(api, 'b', apart('zone'))).rejects.toMatchObject({
    code: 403,
    message:
      'pods "b" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
  });
});

test('NamespaceAutoProvision makes a namespace with the first object in it, not for a dry run', async () => {
  await using api = await apiServer(enabled(['NamespaceAutoProvision']));
  const map = (name: string, dryRun = false) =>
    api.call('create', 'configmaps', { namespace: 'new', object: { metadata: { name } }, options: { dryRun } });
  await expect(map('a', true)).rejects.toMatchObject({ code: 404, message: 'namespaces "new" not found' });
  await Promise.all([map('a'), map('b')]);
  expect((await api.list('configmaps', {}, 'new')).items).toHaveLength(2);
  expect((await api.call('get', 'namespaces', { namespace: '', name: 'new' })).metadata.name).toBe('new');
});

test('NamespaceExists refuses writes where there is no namespace, also without NamespaceLifecycle', async () => {
  const disable = ['NamespaceLifecycle'];
  await using without = await apiServer({ server: { admission: { disable } } });
  const map = (api: TestApi) =>
    api.call('create', 'configmaps', { namespace: 'none', object: { metadata: { name: 'a' } } });
  expect((await map(without)).metadata.namespace).toBe('none');
  await using api = await apiServer({ server: { admission: { enable: ['NamespaceExists'], disable } } });
  await expect(map(api)).rejects.toMatchObject({ code: 404, message: 'namespaces "none" not found' });
});

test('DenyServiceExternalIPs keeps those that a service has, and takes no others', async () => {
  await using before = await apiServer();
  const service = (api: TestApi, name: string, externalIPs?: string[]) =>
    api.call('create', 'services', { object: { metadata: { name }, spec: { ports: [{ port: 80 }], externalIPs } } });
  await service(before, 'old', ['1.2.3.4', '1.2.3.5']);
  await using api = await apiServer({ ...enabled(['DenyServiceExternalIPs']), store: before.store });
  const patch = (externalIPs: string[]) =>
    api.call('patch', 'services', { name: 'old', patch: { type: 'merge', body: { spec: { externalIPs } } } });
  await patch(['1.2.3.5']);
  await service(api, 'plain');
  const denied = {
    code: 403,
    message: 'services "old" is forbidden: Use of external IPs is denied by admission control',
  };
  await expect(patch(['1.2.3.4'])).rejects.toMatchObject(denied);
  await expect(service(api, 'new', ['1.2.3.4'])).rejects.toMatchObject({ code: 403 });
});

test('ExtendedResourceToleration lets pods be where what they ask for is', async () => {
  await using api = await apiServer(enabled(['ExtendedResourceToleration']));
  const amounts = { 'b.io/x': '1', 'a.io/y': '1', cpu: '1' };
  const toleration = (key: string) => ({ key, operator: 'Exists', effect: 'NoSchedule' });
  const made = await pod(api, 'a', {
    containers: [{ name: 'c', image: 'i', resources: { requests: amounts, limits: amounts } }],
    tolerations: [toleration('a.io/y')],
  });
  const ours = made.spec!.tolerations!.filter(({ key }) => key?.includes('.io/') && !key.startsWith('node.'));
  expect(ours).toEqual([toleration('a.io/y'), toleration('b.io/x')]);
});

test('PodNodeSelector binds pods to the nodes of their namespace', async () => {
  const podNodeSelectorPluginConfig = {
    clusterDefaultNodeSelector: 'env=test',
    default: 'env=prod,region=west,env2=x',
  };
  await using api = await apiServer(enabled(['PodNodeSelector'], { PodNodeSelector: { podNodeSelectorPluginConfig } }));
  const refused = (what: string) => ({ code: 403, message: `pods "x" is forbidden: ${what}` });
  const unlisted = refused('pod node label selector labels conflict with its namespace whitelist');
  await expect(pod(api, 'x')).rejects.toMatchObject(unlisted);
  await annotate(api, { 'scheduler.alpha.kubernetes.io/node-selector': 'env=prod, region=west' });
  expect((await pod(api, 'a', { nodeSelector: { env2: 'x' } })).spec!.nodeSelector).toEqual({
    env: 'prod',
    region: 'west',
    env2: 'x',
  });
  await expect(pod(api, 'x', { nodeSelector: { env: 'dev' } })).rejects.toMatchObject(
    refused('pod node label selector conflicts with its namespace node label selector'),
  );
  await expect(pod(api, 'x', { nodeSelector: { other: 'x' } })).rejects.toMatchObject(unlisted);
  await annotate(api, { 'scheduler.alpha.kubernetes.io/node-selector': 'env' });
  await expect(pod(api, 'x')).rejects.toMatchObject({ code: 500, message: 'invalid selector: [env]' });
});

test('PodTolerationRestriction gives pods what their namespace tolerates, and allows no more than it lists', async () => {
  const toleration = (key: string) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const;
  const config = {
    apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
    kind: 'Configuration',
    default: [toleration('cluster')],
  };
  await using api = await apiServer(enabled(['PodTolerationRestriction'], { PodTolerationRestriction: config }));
  const keys = ({ spec }: Pod) =>
    spec!.tolerations!.map(({ key }) => key!).filter((key) => !/not-ready|unreachable/.test(key));
  const cpu = { requests: { cpu: '1' } };
  expect(keys(await pod(api, 'a'))).toEqual(['cluster']);
  expect(keys(await pod(api, 'b', { containers: [{ name: 'c', image: 'i', resources: cpu }] }))).toEqual([
    'cluster',
    'node.kubernetes.io/memory-pressure',
  ]);
  const prefix = 'scheduler.alpha.kubernetes.io/';
  await annotate(api, { [`${prefix}defaultTolerations`]: JSON.stringify([toleration('own')]) });
  expect(keys(await pod(api, 'c', { tolerations: [toleration('x')] }))).toEqual(['x', 'own']);
  await annotate(api, {
    [`${prefix}tolerationsWhitelist`]: JSON.stringify([toleration('own'), { operator: 'Exists', effect: 'NoExecute' }]),
  });
  expect(keys(await pod(api, 'd'))).toEqual(['own']);
  await expect(pod(api, 'e', { tolerations: [toleration('x')] })).rejects.toMatchObject({
    code: 500,
    message:
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
  });
  for (const text of ['{"a"', '[null]', '[{"key": 5, "operator": "Exists"}]']) {
    await annotate(api, { [`${prefix}defaultTolerations`]: text });
    await expect(pod(api, 'f')).rejects.toMatchObject({
      code: 500,
      message: `the annotation ${prefix}defaultTolerations of the namespace is no list of tolerations: ${JSON.stringify(text)}`,
    });
  }
});

test('EventRateLimit takes as many events as a bucket holds, then as fast as it fills', async () => {
  const clock = new ManualClock();
  const config = {
    apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
    kind: 'Configuration',
    limits: [
      { type: 'Namespace', qps: 1, burst: 2, cacheSize: 1 },
      { type: 'SourceAndObject', qps: 100, burst: 100 },
    ],
  };
  await using api = await apiServer({ clock, ...enabled(['EventRateLimit'], { EventRateLimit: config }) });
  let made = 0;
  const event = (namespace = 'default') =>
    api.call('create', 'events', {
      namespace,
      object: {
        metadata: { name: `e${made++}` },
        involvedObject: { kind: 'Pod', name: 'p', namespace },
        reason: 'R',
        type: 'Normal',
      },
    });
  await event();
  await event();
  const refused = { code: 429, message: 'Too many requests: limit reached on type Namespace for key default' };
  await expect(event()).rejects.toMatchObject(refused);
  await clock.advance(1000);
  await event();
  await expect(event()).rejects.toMatchObject(refused);
  // A bucket that had to make room comes back full.
  await event('kube-system');
  await event();
  await api.call('create', 'configmaps', { object: { metadata: { name: 'other' } } });
});

test('OwnerReferencesPermissionEnforcement lets nobody own or hold up what is not theirs to delete', async () => {
  await using api = await apiServer(enabled(['OwnerReferencesPermissionEnforcement']));
  const rules = (verbs: string[], ...resources: string[]) => ({ apiGroups: ['', 'apps'], resources, verbs });
  const role = 'rbac.authorization.k8s.io/v1/clusterroles';
  await api.call('create', role, {
    namespace: '',
    object: { metadata: { name: 'r' }, rules: [rules(['create', 'update', 'patch', 'get'], 'configmaps')] },
  });
  await api.call('create', 'rbac.authorization.k8s.io/v1/clusterrolebindings', {
    namespace: '',
    object: {
      metadata: { name: 'r' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  const user: UserInfo = { name: 'u', groups: ['system:authenticated'] };
  const call = (verb: 'create' | 'patch', more: object) =>
    api.server
      .transport(user)
      .call({ verb, resource: gvr('configmaps'), namespace: 'default', ...more } as never) as Promise<KubeObject>;
  const owner = (more = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'd-uid', ...more });
  const map = (name: string, ...ownerReferences: object[]) =>
    call('create', { object: { metadata: { name, ownerReferences } } });
  const own = (...ownerReferences: object[]) =>
    call('patch', { name: 'a', patch: { type: 'merge', body: { metadata: { ownerReferences } } } });
  await map('a', owner());
  await expect(own()).rejects.toMatchObject({
    code: 403,
    message: `configmaps "a" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`,
  });
  const blocking = owner({ blockOwnerDeletion: true });
  const held =
    "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>";
  await expect(map('b', blocking)).rejects.toMatchObject({ message: `configmaps "b" is forbidden: ${held}` });
  await expect(map('b', { ...blocking, kind: 'Nope' })).rejects.toMatchObject({
    message:
      'configmaps "b" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for ' +
      'APIVersion apps/v1 Kind Nope: no matches for kind "Nope" in version "apps/v1"',
  });
  const more = [rules(['*'], 'configmaps'), rules(['update'], 'deployments/finalizers')];
  await api.call('patch', role, { namespace: '', name: 'r', patch: { type: 'merge', body: { rules: more } } });
  await own(blocking);
  await map('b', blocking);
});

test('PodResizeValidator lets pods grow no larger than their node, and on Linux only', async () => {
  await using api = await apiServer();
  const object = (os: string) => ({
    metadata: { name: 'n', labels: { 'kubernetes.io/os': os } },
    status: { allocatable: { cpu: '2', memory: '1Gi' } },
  });
  await api.call('create', 'nodes', { namespace: '', object: object('linux') });
  const resize = (name: string, requests: Record<string, string>) => {
    const body = { spec: { containers: [{ name: 'c', resources: { requests } }] } };
    return api.call<Pod>('patch', 'pods', { name, subresource: 'resize', patch: { type: 'strategic', body } });
  };
  const requests = { cpu: '100m', memory: '1Mi' };
  const make = (name: string, nodeName?: string) =>
    pod(api, name, { nodeName, containers: [{ ...plain().containers[0], resources: { requests } }] });
  await Promise.all([make('a', 'n'), make('lost', 'gone'), make('waiting')]);
  expect((await resize('a', { cpu: '2' })).spec!.containers[0]!.resources!.requests!.cpu).toBe('2');
  await resize('waiting', { cpu: '9' });
  await expect(resize('a', { cpu: '2500m', memory: '2Gi' })).rejects.toMatchObject({
    code: 403,
    message:
      'pods "a" is forbidden: Node didn\'t have enough allocatable resources: cpu, requested: 2500, allocatable: 2000; memory, requested: 2147483648, allocatable: 1073741824',
    status: { details: { causes: [{ reason: 'NodeCapacity' }] } },
  });
  await expect(resize('lost', { cpu: '1' })).rejects.toMatchObject({
    message: 'pods "lost" is forbidden: node "gone" not found',
  });
  const patch = { type: 'merge', body: { metadata: object('windows').metadata } } as const;
  await api.call('patch', 'nodes', { namespace: '', name: 'n', patch });
  await expect(resize('a', { cpu: '1' })).rejects.toMatchObject({
    message: 'pods "a" is forbidden: pod resize is only supported on linux nodes, node "n" is "windows"',
    status: { details: { causes: [{ reason: 'UnsupportedPlatform' }] } },
  });
});

test('AlwaysDeny refuses every write, and AlwaysAdmit changes nothing', async () => {
  await using before = await apiServer();
  await using api = await apiServer({ ...enabled(['AlwaysDeny', 'AlwaysAdmit']), store: before.store });
  await expect(pod(api, 'a')).rejects.toMatchObject({
    code: 403,
    message: 'pods "a" is forbidden: admission control is denying all modifications',
  });
  await expect(api.call('delete', 'namespaces', { namespace: '', name: 'default' })).rejects.toMatchObject({
    code: 403,
  });
  expect((await api.list('pods')).items).toEqual([]);
});

test('what is disabled does nothing', async () => {
  await using api = await apiServer({
    server: { admission: { disable: ['ServiceAccount', 'DefaultTolerationSeconds'] } },
  });
  const { spec } = await pod(api, 'a', {}, 'kube-system');
  expect([spec!.tolerations, spec!.volumes, spec!.serviceAccountName]).toEqual([undefined, undefined, undefined]);
});

test('PodSecurity has defaults and exemptions by its configuration', async () => {
  const configuration = {
    PodSecurity: {
      apiVersion: 'pod-security.admission.config.k8s.io/v1',
      kind: 'PodSecurityConfiguration',
      defaults: { enforce: 'baseline', 'enforce-version': 'v1.30', warn: 'restricted' },
      exemptions: { namespaces: ['kube-system'], runtimeClasses: ['vm'], usernames: ['trusted'] },
    },
  };
  await using server = await httpsApi({ admission: { configuration } });
  const { api } = server;
  const bad = { hostPID: true };
  await expect(pod(api, 'a', bad)).rejects.toMatchObject({
    message: 'pods "a" is forbidden: violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true)',
  });
  await api.call('create', 'serviceaccounts', { namespace: 'kube-system', object: { metadata: { name: 'default' } } });
  await pod(api, 'a', bad, 'kube-system');
  await api.call('create', 'node.k8s.io/v1/runtimeclasses', {
    namespace: '',
    object: { metadata: { name: 'vm' }, handler: 'vm' },
  });
  await pod(api, 'vm', { ...bad, runtimeClassName: 'vm' });
  const trusted = api.server.transport({ name: 'trusted', groups: ['system:masters'] });
  await trusted.call({
    verb: 'create',
    resource: gvr('pods'),
    namespace: 'default',
    object: { metadata: { name: 'trusted' }, spec: { ...plain(), ...bad } },
  });
  const answer = await server.ask('/api/v1/namespaces/kube-system', {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }),
  });
  expect(answer.headers['warning']).toBe(
    '299 - "namespace \\"kube-system\\" is exempt from Pod Security, and the policy (enforce=restricted:v1.30) will be ignored"',
  );
});
