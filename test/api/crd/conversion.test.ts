import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { cronTab, cronTabs, define, definitions, openSchema } from '../../kit/custom-resources.ts';
import { type WebhookAnswer, type WebhookServer, webhookServer } from '../../kit/webhook-server.ts';

const name = 'crontabs.stable.example.com';
const old = 'stable.example.com/v1beta1/crontabs';

const version = (versionName: string, storage: boolean, schema: object = openSchema) => ({
  name: versionName,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema },
});

interface Review {
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly KubeObject[];
  };
}

/** v1 has spec.host and spec.port where v1beta1 has spec.hostPort. */
function converted(object: KubeObject, apiVersion: string): object {
  const spec = object['spec'] as { host?: string; port?: string; hostPort?: string };
  const [host, port] = (spec.hostPort ?? '').split(':');
  const next = apiVersion.endsWith('/v1') ? { host, port } : { hostPort: `${spec.host}:${spec.port}` };
  return { ...object, apiVersion, spec: next };
}

function answerTo(review: Review, change: (objects: object[]) => unknown[] = (objects) => objects): object {
  const { uid, desiredAPIVersion, objects } = review.request;
  return {
    apiVersion: review.apiVersion,
    kind: 'ConversionReview',
    response: {
      uid,
      result: { status: 'Success' },
      convertedObjects: change(objects.map((object) => converted(object, desiredAPIVersion))),
    },
  };
}

const webhook = (clientConfig: object, versions = ['v1']) => ({
  strategy: 'Webhook',
  webhook: { clientConfig, conversionReviewVersions: versions },
});

const converter = (change?: (review: Review) => WebhookAnswer | Promise<WebhookAnswer>): Promise<WebhookServer> =>
  webhookServer((body) => (change ?? answerTo)(body as unknown as Review));

async function defineWith(api: TestApi, clientConfig: object, versions?: string[]): Promise<void> {
  await define(api, {
    versions: [version('v1', true), version('v1beta1', false)],
    conversion: webhook(clientConfig, versions),
  });
}

test('without a strategy versions differ by name, and each has its own schema', async () => {
  await using api = await apiServer();
  const shaped = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } };
  await define(api, { versions: [version('v1', true), version('v1beta1', false, shaped)] });
  const made = await api.call('create', cronTabs, { object: cronTab('x', { spec: { a: '1', b: '2' } }) });
  const shown = await api.call('get', old, { name: 'x' });
  expect(shown).toMatchObject({ apiVersion: 'stable.example.com/v1beta1', kind: 'CronTab' });
  expect(shown['spec']).toEqual({ a: '1' });
  expect(await api.call('get', cronTabs, { name: 'x' })).toBe(made);
  await api.call('create', old, { object: cronTab('y', { spec: { a: '1', b: '2' } }, 'v1beta1') });
  const entry = api.store.get({ resource: name, namespace: 'default', name: 'y' })!;
  expect(entry.object).toMatchObject({ apiVersion: 'stable.example.com/v1', spec: { a: '1' } });
});

test('an update without a change moves an object to the new storage version', async () => {
  await using api = await apiServer();
  const crd = await define(api, { versions: [version('v1beta1', true), version('v1', false)] });
  await api.call('create', old, { object: cronTab('x', { spec: { a: 1 } }, 'v1beta1') });
  const stored = () => api.store.get({ resource: name, namespace: 'default', name: 'x' })!.object.apiVersion;
  expect(stored()).toBe('stable.example.com/v1beta1');
  const spec = { ...(crd['spec'] as object), versions: [version('v1beta1', false), version('v1', true)] };
  await api.call('update', definitions, { namespace: '', name, object: { ...crd, spec } });
  expect(stored()).toBe('stable.example.com/v1beta1');
  await api.call('update', cronTabs, { name: 'x', object: await api.call('get', cronTabs, { name: 'x' }) });
  expect(stored()).toBe('stable.example.com/v1');
  expect(await api.call('get', cronTabs, { name: 'x' })).toMatchObject({ spec: { a: 1 }, metadata: { generation: 1 } });
});

test('a webhook converts what is written and what is read, lists in one review and each value once', async () => {
  await using api = await apiServer();
  await using hook = await converter();
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle });
  const made = await api.call('create', old, { object: cronTab('a', { spec: { hostPort: 'h:1' } }, 'v1beta1') });
  expect(made).toMatchObject({ apiVersion: 'stable.example.com/v1beta1', spec: { hostPort: 'h:1' } });
  const entry = api.store.get({ resource: name, namespace: 'default', name: 'a' })!;
  expect(entry.object).toMatchObject({ apiVersion: 'stable.example.com/v1', spec: { host: 'h', port: '1' } });
  for (const other of ['b', 'c'])
    await api.call('create', cronTabs, { object: cronTab(other, { spec: { host: other, port: '2' } }) });
  hook.asked.length = 0;
  const list = await api.list(old);
  expect(list.items.map((o) => (o['spec'] as { hostPort: string }).hostPort)).toEqual(['h:1', 'b:2', 'c:2']);
  expect(hook.asked.map((review) => (review as unknown as Review).request.objects.length)).toEqual([2]);
  expect((await api.list(old)).items).toEqual(list.items);
  expect(hook.asked).toHaveLength(1);
});

test('patches, statuses and watches of a converted version see that version', async () => {
  await using api = await apiServer();
  await using hook = await converter();
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle });
  const log = await api.watch(old, { resourceVersion: String(api.store.revision) });
  await api.call('create', cronTabs, { object: cronTab('a', { spec: { host: 'h', port: '1' } }) });
  const patched = await api.call('patch', old, {
    name: 'a',
    patch: {
      type: 'json',
      body: [
        { op: 'test', path: '/spec/hostPort', value: 'h:1' },
        { op: 'replace', path: '/spec/hostPort', value: 'i:2' },
      ],
    },
  });
  expect(patched).toMatchObject({ spec: { hostPort: 'i:2' }, metadata: { generation: 2 } });
  expect(await api.call('get', cronTabs, { name: 'a' })).toMatchObject({ spec: { host: 'i', port: '2' } });
  const events = await log.until(2);
  expect(events.map((e) => (e.object as KubeObject)['spec'])).toEqual([{ hostPort: 'h:1' }, { hostPort: 'i:2' }]);
  log.close();
});

test('a webhook of the old review version is asked in it', async () => {
  await using api = await apiServer();
  await using hook = await converter();
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle }, ['v0', 'v1beta1']);
  await api.call('create', old, { object: cronTab('a', { spec: { hostPort: 'h:1' } }, 'v1beta1') });
  expect(hook.asked[0]).toMatchObject({ apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'ConversionReview' });
});

test('what a webhook does wrong is told in upstream words', async () => {
  let answer: (review: Review) => WebhookAnswer = answerTo;
  await using api = await apiServer();
  await using hook = await converter((review) => answer(review));
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle });
  await api.call('create', cronTabs, { object: cronTab('a', { spec: { host: 'h', port: '1' } }) });
  const failing = async (next: typeof answer) => {
    answer = next;
    const error = await api.call('get', old, { name: 'a' }).catch((e: { code: number; message: string }) => e);
    expect(error).toMatchObject({ code: 500 });
    return (error as { message: string }).message;
  };
  const subject = 'conversion webhook for stable.example.com/v1, Kind=CronTab';
  const review = (response: object, apiVersion = 'apiextensions.k8s.io/v1') => ({
    apiVersion,
    kind: 'ConversionReview',
    response,
  });
  expect(await failing(() => review({}, 'example.com/v1'))).toBe(
    `${subject} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got example.com/v1, Kind=ConversionReview`,
  );
  expect(await failing(() => review({ uid: 'other' }))).toMatch(
    /failed: expected response.uid="[0-9a-f-]{36}", got "other"$/,
  );
  expect(await failing((r) => review({ uid: r.request.uid, result: { status: 'Failure', message: 'no luck' } }))).toBe(
    `${subject} failed: no luck`,
  );
  expect(await failing((r) => review({ uid: r.request.uid, result: { status: 'Failure' } }))).toBe(
    `${subject} failed: response.result.status was 'Failure', not 'Success'`,
  );
  expect(await failing((r) => answerTo(r, () => []))).toBe(`${subject} returned 0 objects, expected 1`);
  const altered = (change: object) => (r: Review) => answerTo(r, ([object]) => [{ ...object, ...change }]);
  expect(await failing(altered({ apiVersion: 'stable.example.com/v2' }))).toBe(
    `${subject} returned invalid object: invalid groupVersion (expected stable.example.com/v1beta1, received stable.example.com/v2)`,
  );
  expect(await failing(altered({ metadata: { name: 'b' } }))).toBe(
    `${subject} returned invalid object: must have the same name: a != b`,
  );
  expect(
    await failing((r) =>
      answerTo(r, ([o]) => [{ ...o, metadata: { ...(o as KubeObject).metadata, labels: { 'not ok': '' } } }]),
    ),
  ).toMatch(/returned invalid metadata: metadata.labels: Invalid value: "not ok"/);
  expect(await failing(() => ({ code: 500, text: 'boom' }))).toBe(
    `${subject} failed: an error on the server ("boom") has prevented the request from succeeding`,
  );
  expect(await failing(() => ({ code: 307, headers: { location: hook.url }, text: '' }))).toMatch(/status code 307/);
  expect(await failing(() => ({ code: 200, text: '[' }))).toMatch(
    /failed: couldn't get version\/kind; json parse error/,
  );
  // Other metadata than labels and annotations stays as it is.
  answer = (r) =>
    answerTo(r, ([o]) => [
      { ...o, metadata: { ...(o as KubeObject).metadata, labels: { a: 'b' }, finalizers: ['x/y'] } },
    ]);
  const { metadata } = await api.call('get', old, { name: 'a' });
  expect([metadata.labels, metadata.finalizers]).toEqual([{ a: 'b' }, undefined]);
});

test('a webhook that is not there, or that nobody vouches for, is named', async () => {
  await using api = await apiServer();
  await using hook = await converter();
  await defineWith(api, { url: 'https://127.0.0.1:1/hook' });
  const make = (object: string) =>
    api.call('create', old, { object: cronTab(object, { spec: { hostPort: 'h:1' } }, 'v1beta1') });
  const subject = 'conversion webhook for stable.example.com/v1beta1, Kind=CronTab';
  await expect(make('a')).rejects.toMatchObject({
    code: 500,
    message: `${subject} failed: Post "https://127.0.0.1:1/hook?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused`,
  });
  const use = (clientConfig: object) =>
    api.call('patch', definitions, {
      namespace: '',
      name,
      patch: { type: 'merge', body: { spec: { conversion: { webhook: { clientConfig } } } } },
    });
  await use({ url: hook.url });
  await expect(make('a')).rejects.toMatchObject({
    message: `${subject} failed: Post "${hook.url}?timeout=30s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  });
  await use({ url: null, service: { namespace: 'default', name: 'hook', port: 443 } });
  await expect(make('a')).rejects.toMatchObject({
    message: `${subject} failed: Post "https://hook.default.svc:443/?timeout=30s": service "hook" not found`,
  });
});

test('a webhook that does not answer is waited for 30 seconds', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  const asked = Promise.withResolvers<void>();
  await using hook = await converter(() => {
    asked.resolve();
    return new Promise<WebhookAnswer>(() => {});
  });
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle });
  const making = api
    .call('create', old, { object: cronTab('a', { spec: { hostPort: 'h:1' } }, 'v1beta1') })
    .catch((error: { message: string }) => error.message);
  await asked.promise;
  await clock.advance(30_000);
  expect(await making).toBe(
    `conversion webhook for stable.example.com/v1beta1, Kind=CronTab failed: Post "${hook.url}?timeout=30s": context deadline exceeded`,
  );
});

test('a write that a change of the definition overtakes is not stored by the old one', async () => {
  await using api = await apiServer();
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using hook = await converter(async (review) => {
    asked.resolve();
    await release.promise;
    return answerTo(review);
  });
  await defineWith(api, { url: hook.url, caBundle: hook.caBundle });
  const making = api.call('create', old, { object: cronTab('a', { spec: { hostPort: 'h:1' } }, 'v1beta1') });
  const failed = making.catch((error: { code: number; message: string }) => error);
  await asked.promise;
  await api.call('patch', definitions, {
    namespace: '',
    name,
    patch: { type: 'merge', body: { spec: { names: { shortNames: ['ct'] } } } },
  });
  release.resolve();
  expect(await failed).toMatchObject({ code: 429, message: 'storage is (re)initializing' });
  expect(api.store.count(name)).toBe(0);
});

test('a webhook behind a Service is reached through the nodes, by the name its certificate is for', async () => {
  await using hook = await webhookServer((body) => answerTo(body as unknown as Review), ['hook.default.svc']);
  const dialled: unknown[] = [];
  const nodes = {
    dial: async (target: unknown) => {
      dialled.push(target);
      return connect({ host: '127.0.0.1', port: hook.port });
    },
  };
  await using api = await apiServer({ server: { nodes: () => nodes as never } });
  await api.call('create', 'services', {
    object: { metadata: { name: 'hook' }, spec: { ports: [{ name: 'https', port: 443, targetPort: 8443 }] } },
  });
  await api.call('create', 'discovery.k8s.io/v1/endpointslices', {
    object: {
      metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 8443 }],
      endpoints: [{ addresses: ['10.0.0.1'], nodeName: 'node-1', targetRef: { kind: 'Pod', name: 'p', uid: 'u' } }],
    },
  });
  await defineWith(api, { service: { namespace: 'default', name: 'hook', path: '/convert' }, caBundle: hook.caBundle });
  const made = await api.call('create', old, { object: cronTab('a', { spec: { hostPort: 'h:1' } }, 'v1beta1') });
  expect(made).toMatchObject({ spec: { hostPort: 'h:1' } });
  expect(dialled[0]).toEqual({ to: 'pod', node: 'node-1', uid: 'u', address: '10.0.0.1', port: 8443 });
});
