import { expect, test } from 'vitest';
import { servedApis } from '../../src/api/served-apis.ts';
import { apiServer } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const group = 'internal.apiserver.k8s.io';
const path = `/apis/${group}/v1alpha1`;
const on = servedApis({ runtimeConfig: { [`${group}/v1alpha1`]: true } });

interface Groups {
  readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[];
}

test('what is off by default is nowhere', async () => {
  await using server = await httpsApi();
  expect((await server.ask(path)).code).toBe(404);
  expect((await server.ask(`${path}/storageversions`)).code).toBe(404);
  const { groups } = (await server.ask('/apis')).json as unknown as Groups;
  expect(groups.map(({ name }) => name)).not.toContain(group);
  const { paths } = (await server.ask('/openapi/v3')).json as unknown as { paths: object };
  expect(Object.keys(paths).filter((document) => document.includes(group))).toEqual([]);
});

test('what is switched on is in discovery, OpenAPI, tables and watches', async () => {
  await using server = await httpsApi({ apis: on });
  const { groups } = (await server.ask('/apis')).json as unknown as Groups;
  const names = groups.map(({ name }) => name);
  expect(names.indexOf(group)).toBeLessThan(names.indexOf('resource.k8s.io'));
  const { resources } = (await server.ask(path)).json as unknown as { resources: object[] };
  expect(resources).toMatchObject([
    { name: 'storageversions', kind: 'StorageVersion', namespaced: false },
    { name: 'storageversions/status', verbs: ['get', 'patch', 'update'] },
  ]);
  const document = await server.ask(`/openapi/v3/apis/${group}/v1alpha1`);
  expect(document.text).toContain('"io.k8s.api.apiserverinternal.v1alpha1.StorageVersion":');
  expect((await server.ask('/openapi/v2')).text).toContain(`"${path}/storageversions":`);

  const log = await server.api.watch(`${group}/v1alpha1/storageversions`, {}, { namespace: '' });
  expect((await server.post(`${path}/storageversions`, { metadata: { name: 'apps.deployments' } })).code).toBe(201);
  expect((await log.until(1))[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'apps.deployments' } } });
  log.close();
  const table = await server.ask(`${path}/storageversions`, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  expect(table.json).toMatchObject({
    rows: [{ cells: ['apps.deployments', '<unset>', '<unset>', expect.any(String)] }],
  });
});

test('switched on without old versions, a beta version has what v1.36 has of it, converted', async () => {
  const apis = servedApis({ legacyApis: false, runtimeConfig: { 'storage.k8s.io/v1beta1': true } });
  await using server = await httpsApi({ apis });
  const { resources } = (await server.ask('/apis/storage.k8s.io/v1beta1')).json as unknown as { resources: object[] };
  expect(resources).toMatchObject([{ name: 'volumeattributesclasses' }]);
  const body = { metadata: { name: 'fast' }, driverName: 'example.com', parameters: { iops: '1' } };
  const made = await server.post('/apis/storage.k8s.io/v1beta1/volumeattributesclasses', body);
  expect([made.code, made.json]).toMatchObject([201, { apiVersion: 'storage.k8s.io/v1beta1' }]);
  const stored = await server.ask('/apis/storage.k8s.io/v1/volumeattributesclasses/fast');
  expect(stored.json).toMatchObject({ apiVersion: 'storage.k8s.io/v1', driverName: 'example.com' });
});

test('a version that is switched off is gone, its kind is not', async () => {
  const apis = servedApis({ runtimeConfig: { 'autoscaling/v1': false } });
  await using server = await httpsApi({ apis });
  expect((await server.ask('/apis/autoscaling/v1')).code).toBe(404);
  expect((await server.ask('/apis/autoscaling/v1/horizontalpodautoscalers')).code).toBe(404);
  expect((await server.ask('/apis/autoscaling/v2/horizontalpodautoscalers')).code).toBe(200);
});

test('StorageVersions keep their status from users of the object, and check it', async () => {
  await using api = await apiServer({ server: { apis: on } });
  const resource = `${group}/v1alpha1/storageversions`;
  const status = { storageVersions: [{ apiServerID: 'a', encodingVersion: 'v1', decodableVersions: ['v1'] }] };
  const create = (name: string) =>
    api.call('create', resource, { namespace: '', object: { metadata: { name }, spec: {}, status } });
  await expect(create('pods')).rejects.toMatchObject({
    message:
      'StorageVersion.internal.apiserver.k8s.io "pods" is invalid: ' +
      'metadata.name: Invalid value: "pods": name must be in the form of <group>.<resource>',
  });
  await expect(create('core.Pods')).rejects.toMatchObject({ message: expect.stringContaining('the resource segment') });
  const made = await create('core.pods');
  expect(made).toMatchObject({ status: {} });
  expect(made).not.toHaveProperty('status.storageVersions');
  const write = (next: object) =>
    api.call('update', resource, {
      namespace: '',
      name: 'core.pods',
      subresource: 'status',
      object: { ...made, status: next },
    });
  await expect(write(status)).rejects.toMatchObject({
    message: expect.stringContaining(
      'status.commonEncodingVersion: Invalid value: null: the common encoding version is v1',
    ),
  });
  await expect(
    write({
      storageVersions: [
        { apiServerID: 'A_', encodingVersion: 'apps/V1', decodableVersions: ['a/b/c'] },
        { apiServerID: 'b', encodingVersion: '', decodableVersions: [] },
      ],
      commonEncodingVersion: 'v1',
      conditions: [
        { type: 'AllEncodingVersionsEqual', status: 'True', reason: '', message: 'm' },
        { type: 'AllEncodingVersionsEqual', status: 'no way', reason: 'r', message: '' },
      ],
    }),
  ).rejects.toMatchObject({
    status: {
      details: {
        causes: [
          { field: 'status.storageVersions[0].apiServerID' },
          {
            field: 'status.storageVersions[0].encodingVersion',
            message: expect.stringContaining('version part: a DNS'),
          },
          {
            field: 'status.storageVersions[0].decodableVersions[0]',
            message: expect.stringContaining('an apiVersion is a DNS-1035 label'),
          },
          {
            field: 'status.storageVersions[0].decodableVersions',
            message: expect.stringContaining('decodableVersions must include encodingVersion apps/V1'),
          },
          { message: expect.stringContaining('version part: must be non-empty') },
          { field: 'status.storageVersions[1].decodableVersions' },
          {
            field: 'status.commonEncodingVersion',
            message: expect.stringContaining('should be nil if servers do not agree'),
          },
          { field: 'status[0].reason', message: 'Required value: reason cannot be empty' },
          {
            field: 'status[1].type',
            message: expect.stringContaining('is not unique, it also appears in conditions[0]'),
          },
          { field: 'status[1].status' },
          { field: 'status[1].message', message: 'Required value: message cannot be empty' },
        ],
      },
    },
  });
  const written = await write({ ...status, commonEncodingVersion: 'v1' });
  expect(written).toMatchObject({ status: { ...status, commonEncodingVersion: 'v1' } });
  const updated = await api.call('update', resource, {
    namespace: '',
    name: 'core.pods',
    object: { ...written, status: {} },
  });
  expect(updated).toMatchObject({ status: { commonEncodingVersion: 'v1' } });
  await expect(
    api.call('update', resource, {
      namespace: '',
      name: 'core.pods',
      object: { ...written, metadata: { name: 'core.pods' } },
    }),
  ).rejects.toMatchObject({ message: expect.stringContaining('metadata.resourceVersion') });
});
