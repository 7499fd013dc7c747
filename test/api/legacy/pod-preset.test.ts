import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { httpsApi } from '../../kit/https-api.ts';

const presets = 'settings.k8s.io/v1alpha1/podpresets';

const preset = (name: string, spec: object, labels: object = { role: 'frontend' }) => ({
  metadata: { name },
  spec: { selector: { matchLabels: labels }, ...spec },
});

interface Made extends KubeObject {
  readonly spec: {
    readonly volumes?: { readonly name: string }[];
    readonly containers: {
      readonly env?: object[];
      readonly envFrom?: object[];
      readonly volumeMounts?: { readonly name: string }[];
    }[];
    readonly initContainers?: Made['spec']['containers'];
  };
}

const pod = (container: object = {}, metadata: object = {}, spec: object = {}) => ({
  metadata: { name: 'web', labels: { role: 'frontend' }, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
});

const made = (api: TestApi, object: object) => api.call<Made>('create', 'pods', { object: object as KubeObject });
const annotation = (name: string) => `podpreset.admission.kubernetes.io/podpreset-${name}`;

/** What the service account adds is of no interest here. */
const own = <T extends { readonly name: string }>(list: readonly T[] = []) =>
  list.filter(({ name }) => !name.startsWith('kube-api-access-'));

const database = () =>
  preset('database', {
    env: [{ name: 'DB_PORT', value: '6379' }],
    envFrom: [{ configMapRef: { name: 'etcd-env' } }],
    volumeMounts: [{ mountPath: '/cache', name: 'cache' }],
    volumes: [{ name: 'cache', emptyDir: {} }],
  });

test('a pod that is selected gets what the preset says, in every container, and a note of it', async () => {
  await using api = await apiServer();
  const { metadata } = await api.call('create', presets, { object: database() });
  const web = await made(
    api,
    pod({ env: [{ name: 'OWN', value: '1' }] }, {}, { initContainers: [{ name: 'i', image: 'i' }] }),
  );
  const [container] = web.spec.containers;
  expect(container!.env).toEqual([
    { name: 'OWN', value: '1' },
    { name: 'DB_PORT', value: '6379' },
  ]);
  expect(container!.envFrom).toEqual([{ configMapRef: { name: 'etcd-env' } }]);
  expect(own(container!.volumeMounts)).toEqual([{ mountPath: '/cache', name: 'cache' }]);
  expect(web.spec.initContainers![0]!.env).toEqual([{ name: 'DB_PORT', value: '6379' }]);
  expect(own(web.spec.volumes)).toEqual([{ name: 'cache', emptyDir: {} }]);
  expect(web.metadata.annotations).toEqual({ [annotation('database')]: metadata.resourceVersion });
});

test.each([
  ['other labels', { labels: { role: 'backend' } }],
  ['the annotation that excludes it', { annotations: { 'podpreset.admission.kubernetes.io/exclude': 'true' } }],
])('a pod with %s is left alone', async (_, metadata) => {
  await using api = await apiServer();
  await api.call('create', presets, { object: database() });
  const web = await made(api, pod({}, metadata));
  expect(web.spec.containers[0]!.env).toBeUndefined();
  expect(web.metadata.annotations?.[annotation('database')]).toBeUndefined();
});

test('presets of another namespace do nothing', async () => {
  await using api = await apiServer();
  await api.call('create', presets, { namespace: 'kube-system', object: database() });
  expect((await made(api, pod())).spec.containers[0]!.env).toBeUndefined();
});

test('several presets add up, and what is the same in both is there once', async () => {
  await using api = await apiServer();
  const shared = { env: [{ name: 'SHARED', value: 'x' }] };
  await api.call('create', presets, { object: preset('a', { env: [...shared.env, { name: 'A', value: 'a' }] }) });
  await api.call('create', presets, { object: preset('b', shared) });
  const web = await made(api, pod());
  expect(web.spec.containers[0]!.env).toEqual([
    { name: 'SHARED', value: 'x' },
    { name: 'A', value: 'a' },
  ]);
  expect(Object.keys(web.metadata.annotations!)).toEqual([annotation('a'), annotation('b')]);
});

test.each<[string, object, object, string]>([
  [
    'a variable',
    { env: [{ name: 'DB_PORT', value: '1' }] },
    {},
    'merging env for database has a conflict on DB_PORT: {"name":"DB_PORT","value":"6379"} does not match {"name":"DB_PORT","value":"1"} in container',
  ],
  [
    'a mount path',
    { volumeMounts: [{ name: 'cache', mountPath: '/cache', readOnly: true }] },
    { volumes: [{ name: 'cache', emptyDir: {} }] },
    'merging volume mounts for database has a conflict on cache',
  ],
  [
    'a volume',
    {},
    { volumes: [{ name: 'cache', hostPath: { path: '/tmp' } }] },
    'merging volumes for database has a conflict on cache',
  ],
])(
  'where %s is another, nothing is put in, the pod is made, and a warning says why',
  async (_, container, spec, why) => {
    await using server = await httpsApi();
    await server.api.call('create', presets, { object: database() });
    const answer = await server.post('/api/v1/namespaces/default/pods', pod(container, {}, spec));
    expect(answer.code).toBe(201);
    expect(answer.headers['warning']).toContain(
      'conflict occurred while applying podpresets: database on pod: web err: ',
    );
    expect(String(answer.headers['warning']).replaceAll('\\"', '"')).toContain(why);
    const web = answer.json as unknown as Made;
    expect(web.metadata.annotations).toBeUndefined();
    expect(web.spec.containers[0]!.envFrom).toBeUndefined();
  },
);

test('presets are checked as pods are', async () => {
  await using api = await apiServer();
  const create = (spec: object) => api.call('create', presets, { object: preset('p', spec) });
  await expect(create({})).rejects.toMatchObject({
    code: 422,
    message:
      'PodPreset.settings.k8s.io "p" is invalid: spec.volumes.env.envFrom.volumeMounts: Required value: must specify at least one',
  });
  await expect(create({ volumeMounts: [{ name: 'none', mountPath: '/x' }] })).rejects.toMatchObject({
    message: 'PodPreset.settings.k8s.io "p" is invalid: spec.volumeMounts[0].name: Not found: "none"',
  });
});

test('without old versions presets have no effect', async () => {
  await using first = await apiServer();
  await first.call('create', presets, { object: database() });
  await using api = await apiServer({ store: first.store, server: { apis: servedApis({ legacyApis: false }) } });
  expect((await made(api, pod())).spec.containers[0]!.env).toBeUndefined();
});
