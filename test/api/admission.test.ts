import { expect, test } from 'vitest';
import type { Pod } from '../../src/api/types/core-v1.gen.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const create = (api: TestApi, name: string, spec: Record<string, unknown> = {}) =>
  api.call<Pod>('create', 'pods', {
    object: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
  });
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const priorityClass = (api: TestApi, name: string, value: number, more = {}) =>
  api.call('create', 'scheduling.k8s.io/v1/priorityclasses', {
    namespace: '',
    object: { metadata: { name }, value, ...more },
  });

test('a pod gets its account, the token volume in every container, and five minutes on a lost node', async () => {
  await using api = await apiServer();
  const { spec } = await create(api, 'p', { initContainers: [{ name: 'i', image: 'i' }] });
  expect(spec?.serviceAccountName).toBe('default');
  const volume = spec?.volumes?.[0];
  expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
  expect(volume?.projected?.sources?.map((s) => Object.keys(s)[0])).toEqual([
    'serviceAccountToken',
    'configMap',
    'downwardAPI',
  ]);
  for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
    expect(container.volumeMounts).toEqual([{ name: volume?.name, readOnly: true, mountPath: tokenPath }]);
  expect(spec?.tolerations?.map((t) => [t.key, t.tolerationSeconds])).toEqual([
    ['node.kubernetes.io/not-ready', 300],
    ['node.kubernetes.io/unreachable', 300],
  ]);
});

test('no token where pod or account say so; the pod has the last word', async () => {
  await using api = await apiServer();
  expect((await create(api, 'a', { automountServiceAccountToken: false })).spec?.volumes).toBeUndefined();
  await api.call('create', 'serviceaccounts', {
    object: { metadata: { name: 'quiet' }, automountServiceAccountToken: false, imagePullSecrets: [{ name: 'pull' }] },
  });
  const quiet = await create(api, 'b', { serviceAccountName: 'quiet' });
  expect([quiet.spec?.volumes, quiet.spec?.imagePullSecrets]).toEqual([undefined, [{ name: 'pull' }]]);
  expect(
    (await create(api, 'c', { serviceAccountName: 'quiet', automountServiceAccountToken: true })).spec?.volumes,
  ).toHaveLength(1);
});

test('a mount of its own at the token path is left alone', async () => {
  await using api = await apiServer();
  const volumeMounts = [{ name: 'mine', mountPath: tokenPath }];
  const { spec } = await create(api, 'p', {
    containers: [{ name: 'c', image: 'i', volumeMounts }],
    volumes: [{ name: 'mine', emptyDir: {} }],
  });
  expect(spec?.volumes?.map((v) => v.name)).toEqual(['mine']);
});

test('a pod waits for its account', async () => {
  await using api = await apiServer();
  await expect(create(api, 'p', { serviceAccountName: 'nobody' })).rejects.toMatchObject({
    code: 403,
    message:
      'pods "p" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
  });
});

test('priorities come from the class that is named, else the default one', async () => {
  await using api = await apiServer();
  expect((await create(api, 'none')).spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
  await priorityClass(api, 'high', 1000, { preemptionPolicy: 'Never' });
  await priorityClass(api, 'usual', 5, { globalDefault: true });
  expect((await create(api, 'high', { priorityClassName: 'high' })).spec).toMatchObject({
    priority: 1000,
    preemptionPolicy: 'Never',
  });
  expect((await create(api, 'usual')).spec).toMatchObject({ priority: 5, priorityClassName: 'usual' });
  await expect(create(api, 'x', { priorityClassName: 'nope' })).rejects.toMatchObject({
    code: 403,
    message: 'pods "x" is forbidden: no PriorityClass with name nope was found',
  });
  await expect(create(api, 'y', { priority: 7 })).rejects.toMatchObject({ code: 403 });
});

test('a new node takes no pods yet', async () => {
  await using api = await apiServer();
  const node = await api.call('create', 'nodes', { namespace: '', object: { metadata: { name: 'n' } } });
  expect(node['spec']).toMatchObject({ taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] });
});

test('one priority class at most is the default', async () => {
  await using api = await apiServer();
  await priorityClass(api, 'usual', 5, { globalDefault: true });
  const taken = 'is forbidden: PriorityClass usual is already marked as default. Only one default can exist';
  await expect(priorityClass(api, 'other', 6, { globalDefault: true })).rejects.toMatchObject({
    reason: 'Forbidden',
    message: `priorityclasses.scheduling.k8s.io "other" ${taken}`,
  });
  await priorityClass(api, 'other', 6);
  const put = (name: string, object: object) =>
    api.call('update', 'scheduling.k8s.io/v1/priorityclasses', { namespace: '', name, object });
  const metadata = { name: 'other' };
  await expect(put('other', { metadata, value: 6, globalDefault: true })).rejects.toThrow(taken);
  await put('usual', { metadata: { name: 'usual' }, value: 5, globalDefault: true, description: 'still' });
  await put('usual', { metadata: { name: 'usual' }, value: 5 });
  await put('other', { metadata, value: 6, globalDefault: true });
});

test('the priority classes of the system stay', async () => {
  await using api = await apiServer();
  await priorityClass(api, 'system-node-critical', 2_000_001_000);
  await priorityClass(api, 'mine', 1);
  const remove = (name: string) => api.call('delete', 'scheduling.k8s.io/v1/priorityclasses', { namespace: '', name });
  await expect(remove('system-node-critical')).rejects.toMatchObject({
    reason: 'Forbidden',
    message:
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  });
  await remove('mine');
});

const runtimeClass = (api: TestApi, name: string, more = {}) =>
  api.call('create', 'node.k8s.io/v1/runtimeclasses', {
    namespace: '',
    object: { metadata: { name }, handler: 'runsc', ...more },
  });

test('a pod gets overhead, node selector and tolerations of its runtime class', async () => {
  await using api = await apiServer();
  await runtimeClass(api, 'plain');
  await runtimeClass(api, 'heavy', {
    overhead: { podFixed: { cpu: '250m', memory: '1Gi' } },
    scheduling: {
      nodeSelector: { runtime: 'heavy' },
      tolerations: [
        { key: 'runtime', operator: 'Exists' },
        { key: 'own', operator: 'Equal', value: 'x', effect: 'NoSchedule' },
      ],
    },
  });
  const { spec } = await create(api, 'a', {
    runtimeClassName: 'heavy',
    overhead: { cpu: '0.25', memory: '1024Mi' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [
      { key: 'own', operator: 'Equal', value: 'x', effect: 'NoSchedule' },
      { key: 'runtime', operator: 'Equal', value: 'y', effect: 'NoExecute' },
    ],
  });
  expect(spec).toMatchObject({
    overhead: { cpu: '250m', memory: '1Gi' },
    nodeSelector: { disk: 'ssd', runtime: 'heavy' },
  });
  // What the class tolerates altogether, the pod need not tolerate in part; the first two are on every pod.
  expect(spec?.tolerations?.filter(({ tolerationSeconds }) => tolerationSeconds === undefined)).toEqual([
    { key: 'own', operator: 'Equal', value: 'x', effect: 'NoSchedule' },
    { key: 'runtime', operator: 'Exists' },
  ]);
  expect((await create(api, 'b', { runtimeClassName: 'plain' })).spec).not.toHaveProperty('overhead');
});

test.each<[string, Record<string, unknown>, string]>([
  ['a class that is not there', { runtimeClassName: 'gone' }, 'pod rejected: RuntimeClass "gone" not found'],
  [
    'an overhead of its own',
    { overhead: { cpu: '1' } },
    'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [
    'another overhead than that of its class',
    { runtimeClassName: 'heavy', overhead: { cpu: '1' } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  ],
  [
    'another node selector than that of its class',
    { runtimeClassName: 'heavy', nodeSelector: { runtime: 'light' } },
    'conflict: runtimeClass.scheduling.nodeSelector[runtime] = heavy; pod.spec.nodeSelector[runtime] = light',
  ],
])('a pod with %s is refused', async (_, spec, why) => {
  await using api = await apiServer();
  await runtimeClass(api, 'heavy', {
    overhead: { podFixed: { cpu: '250m' } },
    scheduling: { nodeSelector: { runtime: 'heavy' } },
  });
  await expect(create(api, 'p', spec)).rejects.toMatchObject({ code: 403, message: `pods "p" is forbidden: ${why}` });
});

test('an ingress that names no class gets the default one', async () => {
  await using api = await apiServer();
  const networking = 'networking.k8s.io/v1';
  const ingress = async (name: string, spec = {}, annotations = {}) => {
    const object = {
      metadata: { name, annotations },
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } }, ...spec },
    };
    const made = await api.call('create', `${networking}/ingresses`, { object });
    return (made['spec'] as { ingressClassName?: string }).ingressClassName;
  };
  const ingressClass = (name: string, isDefault: string) =>
    api.call('create', `${networking}/ingressclasses`, {
      namespace: '',
      object: {
        metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': isDefault } },
        spec: { controller: 'example.com/c' },
      },
    });
  expect(await ingress('early')).toBeUndefined();
  await ingressClass('other', 'false');
  await ingressClass('usual', 'true');
  expect(await ingress('plain')).toBe('usual');
  expect(await ingress('named', { ingressClassName: 'other' })).toBe('other');
  expect(await ingress('old', {}, { 'kubernetes.io/ingress.class': 'nginx' })).toBeUndefined();
});
