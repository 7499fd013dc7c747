import { expect, test } from 'vitest';
import { groupFacts } from '../../../src/api/discovery-facts.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import { apiServer } from '../../kit/api-server.ts';
import { httpsApi } from '../../kit/https-api.ts';

const deployment = (spec: object = {}) => ({
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...spec,
  },
});
const extensions = '/apis/extensions/v1beta1/namespaces/default';

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly version: string }[];
  readonly preferredVersion: { readonly version: string };
}

test('discovery lists old versions after all current ones, and prefers none of them', async () => {
  await using server = await httpsApi();
  const { groups } = (await server.ask('/apis')).json as unknown as { groups: Group[] };
  expect(groups.map((g) => g.name).slice(-2)).toEqual(['extensions', 'settings.k8s.io']);
  for (const facts of groupFacts.filter((g) => g.group !== '')) {
    const { versions, preferredVersion } = groups.find((g) => g.name === facts.group)!;
    const current = facts.versions.map((v) => v.version);
    expect(versions.slice(0, current.length).map((v) => v.version)).toEqual(current);
    expect(preferredVersion.version).toBe(current[0]);
  }
});

test('a custom group comes before the groups of old versions', async () => {
  await using server = await httpsApi();
  await server.post('/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions', {
    metadata: { name: 'foos.zzz.example.com' },
    spec: { group: 'zzz.example.com', version: 'v1', names: { plural: 'foos', kind: 'Foo' } },
  });
  for (;;) {
    const { groups } = (await server.ask('/apis')).json as unknown as { groups: Group[] };
    const names = groups.map((g) => g.name);
    if (!names.includes('zzz.example.com')) continue;
    expect(names.slice(-4)).toEqual(['zzz.example.com', 'metrics.k8s.io', 'extensions', 'settings.k8s.io']);
    return;
  }
});

test('old versions have no short names and are in no category, so that kubectl means the current kinds', async () => {
  await using server = await httpsApi();
  const { resources } = (await server.ask('/apis/extensions/v1beta1')).json as unknown as { resources: object[] };
  expect(resources).toContainEqual(expect.objectContaining({ name: 'deployments', kind: 'Deployment' }));
  expect(JSON.stringify(resources)).not.toMatch(/shortNames|categories/);
});

test('without old versions nothing shows them', async () => {
  await using server = await httpsApi({ apis: servedApis({ legacyApis: false }) });
  const { groups } = (await server.ask('/apis')).json as unknown as { groups: Group[] };
  expect(groups.map((g) => g.name)).not.toContain('extensions');
  expect(groups.find((g) => g.name === 'networking.k8s.io')!.versions.map((v) => v.version)).toEqual(['v1']);
  expect((await server.ask(`${extensions}/ingresses`)).code).toBe(404);
  const index = (await server.ask('/openapi/v3')).json as unknown as { paths: object };
  // The metrics API has never had another version.
  const old = Object.keys(index.paths).filter((path) => /beta|alpha|apis\/extensions/.test(path));
  expect(old).toEqual(['apis/metrics.k8s.io/v1beta1']);
});

test('the Warning header says since when, until when and what instead', async () => {
  await using server = await httpsApi();
  const warningOf = async (path: string) => (await server.ask(path)).headers['warning'];
  expect(await warningOf(`${extensions}/ingresses`)).toBe(
    '299 - "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"',
  );
  expect(await warningOf(`${extensions}/ingresses/none`)).toContain('extensions/v1beta1 Ingress is deprecated');
  expect(await warningOf('/apis/events.k8s.io/v1beta1/events')).toBe(
    '299 - "events.k8s.io/v1beta1 Event is deprecated in v1.22+, unavailable in v1.25+"',
  );
  expect(await warningOf('/api/v1/endpoints')).toBe(
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  );
  expect(await warningOf('/apis/admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies')).toBeUndefined();
  expect(await warningOf('/apis/networking.k8s.io/v1/ingresses')).toBeUndefined();
});

test('a dry run answers in the version it was asked in', async () => {
  await using api = await apiServer();
  const made = await api.call('create', 'extensions/v1beta1/deployments', {
    object: deployment(),
    options: { dryRun: true },
  });
  expect(made).toMatchObject({ apiVersion: 'extensions/v1beta1', spec: { selector: { matchLabels: { app: 'web' } } } });
  await expect(api.call('get', 'apps/v1/deployments', { name: 'web' })).rejects.toMatchObject({ code: 404 });
});

test('admission and events see the stored kind', async () => {
  await using api = await apiServer();
  await expect(
    api.call('create', 'extensions/v1beta1/deployments', { namespace: 'nowhere', object: deployment() }),
  ).rejects.toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
});

test('the scale of an old version shows the selector twice, and can be changed', async () => {
  await using api = await apiServer();
  await api.call('create', 'extensions/v1beta1/deployments', { object: deployment() });
  const scale = await api.call('get', 'extensions/v1beta1/deployments', { name: 'web', subresource: 'scale' });
  expect(scale).toMatchObject({
    apiVersion: 'extensions/v1beta1',
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 0, selector: { app: 'web' }, targetSelector: 'app=web' },
  });
  const written = await api.call('update', 'extensions/v1beta1/deployments', {
    name: 'web',
    subresource: 'scale',
    object: { ...scale, spec: { replicas: 5 } },
  });
  expect(written).toMatchObject({ apiVersion: 'extensions/v1beta1', spec: { replicas: 5 } });
  await api.call('patch', 'apps/v1beta2/deployments', {
    name: 'web',
    subresource: 'scale',
    patch: { type: 'merge', body: { spec: { replicas: 7 } } },
  });
  expect(await api.call('get', 'apps/v1/deployments', { name: 'web' })).toMatchObject({ spec: { replicas: 7 } });
});

test('a selector may change through the versions that allowed it', async () => {
  await using api = await apiServer();
  await api.call('create', 'extensions/v1beta1/deployments', { object: deployment() });
  const labels = { app: 'web', tier: 'front' };
  const patch = (version: string) =>
    api.call('patch', `${version}/deployments`, {
      name: 'web',
      patch: {
        type: 'merge',
        body: { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } },
      },
    });
  await expect(patch('apps/v1')).rejects.toMatchObject({ code: 422 });
  await expect(patch('apps/v1beta2')).rejects.toMatchObject({ code: 422 });
  expect(await patch('extensions/v1beta1')).toMatchObject({ spec: { selector: { matchLabels: labels } } });
});

test('reviews are asked and answered in old versions', async () => {
  await using api = await apiServer();
  const review = await api.call('create', 'authorization.k8s.io/v1beta1/subjectaccessreviews', {
    namespace: '',
    object: {
      spec: { user: 'jane', group: ['system:masters'], resourceAttributes: { verb: 'get', resource: 'pods' } },
    },
  });
  expect(review).toMatchObject({
    apiVersion: 'authorization.k8s.io/v1beta1',
    kind: 'SubjectAccessReview',
    spec: { user: 'jane', group: ['system:masters'] },
    status: { allowed: true },
  });
  const self = await api.call('create', 'authentication.k8s.io/v1beta1/selfsubjectreviews', {
    namespace: '',
    object: {},
  });
  expect(self).toMatchObject({
    apiVersion: 'authentication.k8s.io/v1beta1',
    status: { userInfo: { username: 'admin' } },
  });
  const token = await api.call('create', 'authentication.k8s.io/v1beta1/tokenreviews', {
    namespace: '',
    object: { spec: { token: 'nonsense' } },
  });
  expect(token).toMatchObject({
    apiVersion: 'authentication.k8s.io/v1beta1',
    status: { error: 'invalid bearer token' },
  });
});

test('an eviction may be one of policy/v1beta1', async () => {
  await using api = await apiServer();
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const evict = (apiVersion: string) =>
    api.call('create', 'pods', {
      name: 'p',
      subresource: 'eviction',
      object: { apiVersion, kind: 'Eviction', metadata: { name: 'p' } },
    });
  await api.call('create', 'pods', { object: pod });
  await expect(evict('policy/v2')).rejects.toMatchObject({ code: 400 });
  expect(await evict('policy/v1beta1')).toMatchObject({ kind: 'Status', status: 'Success' });
});

test('a PodSecurityPolicy is refused with what to do instead, and listed nowhere', async () => {
  await using server = await httpsApi();
  for (const version of ['policy/v1beta1', 'extensions/v1beta1']) {
    const answer = await server.post(`/apis/${version}/podsecuritypolicies`, { metadata: { name: 'restricted' } });
    expect(answer.code).toBe(404);
    expect(answer.json.message).toMatch(
      /^PodSecurityPolicy was removed in Kubernetes v1.25 .* pod-security\.kubernetes\.io/,
    );
    expect((await server.ask(`/apis/${version}`)).text).not.toContain('podsecuritypolicies');
  }
});

test('objects of an old definition keep what its schema does not know', async () => {
  await using server = await httpsApi();
  const definition = {
    metadata: { name: 'crontabs.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      version: 'v1',
      names: { plural: 'crontabs', kind: 'CronTab' },
      validation: {
        openAPIV3Schema: { properties: { spec: { properties: { replicas: { type: 'integer', maximum: 3 } } } } },
      },
    },
  };
  await server.post('/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions', definition);
  const path = '/apis/stable.example.com/v1/namespaces/default/crontabs';
  while ((await server.ask(path)).code === 404);
  const object = (spec: object) => ({
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'c' },
    spec,
  });
  const refused = await server.post(path, object({ replicas: 4 }));
  expect(refused.code).toBe(422);
  const spec = { replicas: 2, unknown: { deep: [{ down: true }] } };
  expect((await server.post(path, object(spec))).code).toBe(201);
  expect((await server.ask(`${path}/c`)).json as unknown as KubeObject).toMatchObject({ spec });
});
