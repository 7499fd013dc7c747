import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { StatusError } from '../../../src/api/status.ts';
import type { CallOptions } from '../../../src/client/call.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { cronTab, cronTabs, define } from '../../kit/custom-resources.ts';
import { webhookServer } from '../../kit/webhook-server.ts';

/** Server-side apply of custom resources: what the schema says about lists and maps is what is merged by. */

const text = { type: 'string' };
const item = {
  type: 'object',
  properties: { key: text, zone: { ...text, default: 'eu' }, value: text },
  required: ['key', 'zone'],
};
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        items: {
          type: 'array',
          items: item,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['key', 'zone'],
        },
        set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        list: { type: 'array', items: text },
        whole: { type: 'object', additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
        labels: { type: 'object', additionalProperties: text },
        groups: {
          type: 'object',
          additionalProperties: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        port: { 'x-kubernetes-int-or-string': true },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: text } },
  },
};
const subresources = {
  status: {},
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
};
const typed = async (): Promise<TestApi> => {
  const api = await apiServer();
  await define(api, { schema, version: { subresources } });
  return api;
};

interface Cron extends KubeObject {
  readonly spec: Record<string, unknown>;
}

const apply = (
  api: TestApi,
  rest: object,
  manager: string,
  options: CallOptions = {},
  subresource = '',
  resource = cronTabs,
) =>
  api.call<Cron>('patch', resource, {
    name: 'c',
    patch: { type: 'apply', body: { ...cronTab('c'), ...rest } },
    options: { fieldManager: manager, ...options },
    ...(subresource && { subresource }),
  });
const refusal = async (call: Promise<unknown>): Promise<StatusError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StatusError)) throw new Error('nothing was refused');
  return error;
};
const fields = (object: KubeObject, manager: string) =>
  object.metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;

test('lists and maps are merged as the schema says', async () => {
  await using api = await typed();
  await apply(
    api,
    {
      spec: {
        items: [{ key: 'a' }],
        set: ['x'],
        list: ['1'],
        whole: { a: '1' },
        labels: { a: '1' },
        groups: { g: ['p'] },
        free: { deep: { a: 1 } },
        port: 80,
      },
    },
    'one',
  );
  const both = await apply(
    api,
    { spec: { items: [{ key: 'b' }], set: ['y'], labels: { b: '2' }, groups: { g: ['q'] }, free: { deep: { b: 2 } } } },
    'two',
  );
  expect(both.spec).toEqual({
    items: [
      { key: 'a', zone: 'eu' },
      { key: 'b', zone: 'eu' },
    ],
    set: ['x', 'y'],
    list: ['1'],
    whole: { a: '1' },
    labels: { a: '1', b: '2' },
    groups: { g: ['p', 'q'] },
    free: { deep: { a: 1, b: 2 } },
    port: 80,
  });
  expect(fields(both, 'two')).toEqual({
    'f:spec': {
      'f:items': { 'k:{"key":"b","zone":"eu"}': { '.': {}, 'f:key': {} } },
      'f:set': { 'v:"y"': {} },
      'f:labels': { 'f:b': {} },
      'f:groups': { 'f:g': { '.': {}, 'v:"q"': {} } },
      'f:free': { 'f:deep': { '.': {}, 'f:b': {} } },
    },
  });
  for (const change of [{ list: ['1', '2'] }, { whole: { b: '2' } }, { port: '80' }]) {
    const [field] = Object.keys(change);
    expect((await refusal(apply(api, { spec: change }, 'three'))).message).toBe(
      `Apply failed with 1 conflict: conflict with "one": .spec.${field}`,
    );
  }
  expect((await apply(api, { spec: {} }, 'one')).spec).toEqual({
    items: [{ key: 'b', zone: 'eu' }],
    set: ['y'],
    labels: { b: '2' },
    groups: { g: ['q'] },
    free: { deep: { b: 2 } },
  });
});

test('what the schema does not know or allow is refused', async () => {
  await using api = await typed();
  const message = async (spec: object) => (await refusal(apply(api, { spec }, 'me'))).message;
  const unfit = 'failed to create typed patch object (/c; stable.example.com/v1, Kind=CronTab): ';
  expect(await message({ nope: 1 })).toBe(`${unfit}.spec.nope: field not declared in schema`);
  expect(await message({ replicas: 'x' })).toBe(`${unfit}.spec.replicas: expected numeric (int or float), got string`);
  expect(await message({ set: ['a', 'a'] })).toBe(`${unfit}.spec.set: duplicate entries for key [="a"]`);
  expect(await message({ items: [{ key: 'a' }, { key: 'a', zone: 'eu' }] })).toBe(
    `${unfit}.spec.items: duplicate entries for key [key="a",zone="eu"]`,
  );
  expect((await refusal(apply(api, { spec: { replicas: 1.5 } }, 'me'))).code).toBe(422);
});

test('status and scale have managers of their own', async () => {
  await using api = await typed();
  await apply(api, { spec: { replicas: 1 }, status: { phase: 'x' } }, 'one');
  const reported = await apply(
    api,
    { metadata: { name: 'c', labels: { a: 'b' } }, spec: { replicas: 9 }, status: { phase: 'up' } },
    'ctl',
    {},
    'status',
  );
  expect(reported).toMatchObject({ spec: { replicas: 1 }, status: { phase: 'up' } });
  expect(reported.metadata.labels).toBeUndefined();
  expect(fields(reported, 'ctl')).toEqual({ 'f:status': { 'f:phase': {} } });
  const scale = (replicas: number) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'c' },
    spec: { replicas },
  });
  await api.call('update', cronTabs, {
    name: 'c',
    subresource: 'scale',
    object: scale(4),
    options: { fieldManager: 'hpa' },
  });
  expect((await refusal(apply(api, { spec: { replicas: 1 } }, 'one'))).message).toBe(
    'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using stable.example.com/v1: .spec.replicas',
  );
  const scaled = await apply(api, scale(5), 'other', { force: true }, 'scale');
  expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } });
});

test('without a schema maps are merged and lists are one', async () => {
  await using api = await apiServer();
  await define(api);
  await apply(api, { spec: { a: { x: 1 }, list: [1] } }, 'one');
  const both = await apply(api, { spec: { a: { y: null } } }, 'two');
  expect(both.spec).toEqual({ a: { x: 1, y: null }, list: [1] });
  expect((await refusal(apply(api, { spec: { list: [2] } }, 'two'))).message).toContain('.spec.list');
});

const versions = ['v1', 'v1beta1'].map((name) => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { [name === 'v1' ? 'host' : 'address']: text, size: { type: 'integer' } } },
      },
    },
  },
}));
const old = 'stable.example.com/v1beta1/crontabs';

test('managers of two versions meet through the conversion webhook', async () => {
  await using api = await apiServer();
  await using hook = await webhookServer((body) => {
    const { uid, desiredAPIVersion, objects } = (
      body as unknown as { request: { uid: string; desiredAPIVersion: string; objects: Cron[] } }
    ).request;
    const convertedObjects = objects.map((object) => {
      // What is left while fields are taken away may have no spec.
      const { host, address, ...rest } = object.spec ?? {};
      const value = host ?? address;
      const named = value === undefined ? {} : { [desiredAPIVersion.endsWith('/v1') ? 'host' : 'address']: value };
      return { ...object, apiVersion: desiredAPIVersion, spec: { ...rest, ...named } };
    });
    return {
      apiVersion: body['apiVersion'],
      kind: 'ConversionReview',
      response: { uid, result: { status: 'Success' }, convertedObjects },
    };
  });
  const clientConfig = { url: hook.url, caBundle: hook.caBundle };
  await define(api, {
    versions,
    conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
  });
  await apply(api, { spec: { host: 'x', size: 1 } }, 'one');
  const beta = { apiVersion: 'stable.example.com/v1beta1' };
  expect((await refusal(apply(api, { ...beta, spec: { address: 'y' } }, 'two', {}, '', old))).message).toBe(
    'Apply failed with 1 conflict: conflict with "one": .spec.host',
  );
  const taken = await apply(api, { ...beta, spec: { address: 'y' } }, 'two', { force: true }, '', old);
  expect(taken.spec).toEqual({ address: 'y', size: 1 });
  expect(fields(taken, 'one')).toEqual({ 'f:spec': { 'f:size': {} } });
  // The first applier moves to the other version and takes along what it applied before.
  const moved = await apply(api, { ...beta, spec: {} }, 'one', {}, '', old);
  expect(moved.spec).toEqual({ address: 'y' });
  expect((await api.call<Cron>('get', cronTabs, { name: 'c' })).spec).toEqual({ host: 'y' });
});
