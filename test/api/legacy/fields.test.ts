import { expect, test } from 'vitest';
import { kindFacts } from '../../../src/api/facts.ts';
import { encodeProtobuf } from '../../../src/api/protobuf/envelope.ts';
import { servedApis } from '../../../src/api/served-apis.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { httpsApi } from '../../kit/https-api.ts';
import { readProtobuf } from '../../kit/protobuf.ts';

const old = 'extensions/v1beta1';
const current = 'networking.k8s.io/v1';

const ingress = (apiVersion: string, spec: object) => ({
  apiVersion,
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec,
});
const oldBackend = (serviceName: string) => ({ backend: { serviceName, servicePort: 80 } });
const newBackend = (name: string) => ({ defaultBackend: { service: { name, port: { number: 80 } } } });

const apply = (api: TestApi, apiVersion: string, spec: object, fieldManager: string) =>
  api.call('patch', `${apiVersion}/ingresses`, {
    name: 'web',
    options: { fieldManager },
    patch: { type: 'apply', body: ingress(apiVersion, spec) },
  });

const managersOf = (object: { metadata: { managedFields?: readonly { manager?: string; apiVersion?: string }[] } }) =>
  object.metadata.managedFields?.map(({ manager, apiVersion }) => `${manager} ${apiVersion}`);

test('who applies an old version owns its fields in that version, and meets others in theirs', async () => {
  await using api = await apiServer();
  await apply(api, old, oldBackend('web'), 'tutorial');
  const both = await apply(api, current, { ingressClassName: 'nginx' }, 'today');
  expect(managersOf(both)).toEqual([`today ${current}`, `tutorial ${old}`]);
  expect(both['spec']).toMatchObject({ ingressClassName: 'nginx', ...newBackend('web') });

  await expect(apply(api, current, { ingressClassName: 'nginx', ...newBackend('api') }, 'today')).rejects.toMatchObject(
    {
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "tutorial": .spec.backend.serviceName',
    },
  );
  const agreed = await apply(api, current, { ingressClassName: 'nginx', ...newBackend('web') }, 'today');
  expect(agreed.metadata.managedFields).toHaveLength(2);
});

test('what an old manifest no longer says is taken back, and nothing that it never said', async () => {
  await using api = await apiServer();
  await apply(api, old, { ...oldBackend('web'), rules: [{ host: 'a.example.com' }] }, 'tutorial');
  await apply(api, current, { ingressClassName: 'nginx' }, 'today');
  const left = await apply(api, old, { rules: [{ host: 'a.example.com' }] }, 'tutorial');
  expect(left['spec']).toEqual({ ingressClassName: 'nginx', rules: [{ host: 'a.example.com' }] });
});

test('a deployment applied in an old version is not fought over with its own defaults', async () => {
  await using api = await apiServer();
  const body = (apiVersion: string, image: string) => ({
    apiVersion,
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } },
    },
  });
  const applied = (apiVersion: string, image: string, force = false) =>
    api.call('patch', `${apiVersion}/deployments`, {
      name: 'web',
      options: { fieldManager: 'me', force },
      patch: { type: 'apply', body: body(apiVersion, image) },
    });
  await applied(old, 'web:1');
  const moved = await applied('apps/v1', 'web:2');
  expect(managersOf(moved)).toEqual(['me apps/v1']);
  expect(moved).toMatchObject({ spec: { revisionHistoryLimit: 2 ** 31 - 1 } });
  const back = await applied(old, 'web:3');
  expect(managersOf(back)).toEqual([`me ${old}`]);
});

test('old versions are read and written as protobuf', async () => {
  await using server = await httpsApi();
  const type = kindFacts('extensions', 'v1beta1', 'Ingress')!;
  const path = '/apis/extensions/v1beta1/namespaces/default/ingresses';
  const protobuf = 'application/vnd.kubernetes.protobuf';
  const written = await server.ask(path, {
    method: 'POST',
    headers: { 'content-type': protobuf, accept: 'application/json' },
    body: encodeProtobuf(type, ingress(old, oldBackend('web'))),
  });
  expect(written.code, written.text).toBe(201);
  expect(written.json).toMatchObject({ apiVersion: old, spec: oldBackend('web') });
  const read = await server.ask(`${path}/web`, { headers: { accept: protobuf } });
  expect(readProtobuf(read.bytes)).toMatchObject({ apiVersion: old, kind: 'Ingress', spec: oldBackend('web') });
});

test("fields owned in a version that is no longer served are in nobody's way", async () => {
  await using first = await apiServer();
  await apply(first, old, oldBackend('web'), 'tutorial');
  await using api = await apiServer({ store: first.store, server: { apis: servedApis({ legacyApis: false }) } });
  const taken = await apply(api, current, newBackend('api'), 'today');
  expect(taken['spec']).toMatchObject(newBackend('api'));
  expect(managersOf(taken)).toContain(`today ${current}`);
});
