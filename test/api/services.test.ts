import { expect, test } from 'vitest';
import type { Service } from '../../src/api/types/core-v1.gen.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const service = (name: string, spec: Record<string, unknown> = {}) => ({
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const create = (api: TestApi, name: string, spec?: Record<string, unknown>) =>
  api.call<Service>('create', 'services', { object: service(name, spec) });

test('Services made at once all get an address of their own', async () => {
  await using api = await apiServer();
  const made = await Promise.all(Array.from({ length: 300 }, (_, i) => create(api, `s${i}`, { type: 'NodePort' })));
  const addresses = made.map((s) => s.spec?.clusterIP);
  expect(new Set(addresses).size).toBe(300);
  expect(addresses.every((a) => a?.startsWith('10.96.') && a !== '10.96.0.1' && a !== '10.96.0.10')).toBe(true);
  expect(new Set(made.map((s) => s.spec?.ports?.[0]?.nodePort)).size).toBe(300);
});

test('an address or node port that is held is refused, and free again when its Service goes', async () => {
  await using api = await apiServer();
  await create(api, 'a', { type: 'NodePort', clusterIP: '10.96.0.20', ports: [{ port: 80, nodePort: 30080 }] });
  await expect(create(api, 'b', { clusterIP: '10.96.0.20' })).rejects.toMatchObject({
    code: 422,
    message: expect.stringContaining('failed to allocate IP 10.96.0.20: provided IP is already allocated'),
  });
  await expect(create(api, 'b', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })).rejects.toMatchObject({
    message: expect.stringContaining(
      'spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    ),
  });
  await expect(create(api, 'b', { clusterIP: '192.0.2.1' })).rejects.toMatchObject({
    message: expect.stringContaining('The range of valid IPs is 10.96.0.0/16'),
  });
  await expect(create(api, 'b', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })).rejects.toMatchObject({
    message: expect.stringContaining('The range of valid ports is 30000-32767'),
  });
  await api.call('delete', 'services', { name: 'a' });
  const b = await create(api, 'b', {
    type: 'NodePort',
    clusterIP: '10.96.0.20',
    ports: [{ port: 80, nodePort: 30080 }],
  });
  expect(b.spec?.clusterIP).toBe('10.96.0.20');
});

test('a refused Service keeps nothing', async () => {
  await using api = await apiServer();
  await expect(create(api, 'Bad_Name', { clusterIP: '10.96.0.30' })).rejects.toMatchObject({ code: 422 });
  expect((await create(api, 'good', { clusterIP: '10.96.0.30' })).spec?.clusterIP).toBe('10.96.0.30');
});

test('headless and external Services take no address', async () => {
  await using api = await apiServer();
  expect((await create(api, 'headless', { clusterIP: 'None' })).spec?.clusterIP).toBe('None');
  expect(
    (await create(api, 'out', { type: 'ExternalName', externalName: 'example.com' })).spec?.clusterIP,
  ).toBeUndefined();
});

test('what is allocated is known again after a restart', async () => {
  await using api = await apiServer();
  const { spec } = await create(api, 'a', { type: 'NodePort' });
  await using second = await apiServer({ store: api.store });
  await expect(create(second, 'b', { clusterIP: spec!.clusterIP! })).rejects.toMatchObject({ code: 422 });
});
