import { expect, test } from 'vitest';
import type { Service } from '../../src/api/types/core-v1.gen.ts';
import type { IPAddress } from '../../src/api/types/networking-v1.gen.ts';
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
    message: expect.stringContaining(
      'failed to allocate IP 192.0.2.1: the provided network does not match the current range',
    ),
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

const addresses = async (api: TestApi) =>
  (await api.list('networking.k8s.io/v1/ipaddresses')).items as unknown as IPAddress[];
const range = (api: TestApi, name: string, ...cidrs: string[]) =>
  api.call('create', 'networking.k8s.io/v1/servicecidrs', {
    namespace: '',
    object: { metadata: { name }, spec: { cidrs } },
  });

test('an IPAddress says which Service has an address, comes with it and goes with it', async () => {
  await using api = await apiServer();
  await create(api, 'a', { clusterIP: '10.96.0.20' });
  expect(await addresses(api)).toMatchObject([
    {
      metadata: {
        name: '10.96.0.20',
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } },
    },
  ]);
  // Whatever writes the Service again keeps it.
  const patch = { type: 'merge', body: { metadata: { labels: { x: 'y' } } } } as const;
  await api.call('patch', 'services', { name: 'a', patch });
  expect(await addresses(api)).toHaveLength(1);
  const out = { spec: { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null } };
  await api.call('patch', 'services', { name: 'a', patch: { type: 'merge', body: out } });
  const watch = await api.watch('networking.k8s.io/v1/ipaddresses', { resourceVersion: '1' });
  await watch.until(2);
  expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  watch.close();

  const back = { spec: { type: 'ClusterIP', externalName: null } };
  const again = await api.call<Service>('patch', 'services', { name: 'a', patch: { type: 'merge', body: back } });
  expect(await addresses(api)).toMatchObject([{ metadata: { name: again.spec?.clusterIP } }]);
});

test('a generated name that is taken does not confuse who has the address', async () => {
  await using api = await apiServer();
  const made = await api.call<Service>('create', 'services', {
    object: { metadata: { generateName: 'g-' }, spec: { ports: [{ port: 80 }] } },
  });
  expect(await addresses(api)).toMatchObject([
    { metadata: { name: made.spec!.clusterIP }, spec: { parentRef: { name: made.metadata.name } } },
  ]);
});

test('an address that something else than a Service has is not given to one', async () => {
  await using api = await apiServer();
  const parentRef = { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'default', name: 'g' };
  await api.call('create', 'networking.k8s.io/v1/ipaddresses', {
    namespace: '',
    object: { metadata: { name: '10.96.0.20' }, spec: { parentRef } },
  });
  await expect(create(api, 'a', { clusterIP: '10.96.0.20' })).rejects.toMatchObject({
    message: expect.stringContaining('failed to allocate IP 10.96.0.20: provided IP is already allocated'),
  });
});

test('what is refused or only tried takes no address', async () => {
  await using api = await apiServer();
  await api.call('create', 'services', { object: service('dry'), options: { dryRun: true } });
  await expect(create(api, 'Bad_Name', { clusterIP: '10.96.0.30' })).rejects.toMatchObject({ code: 422 });
  expect(await addresses(api)).toEqual([]);
});

test('further ranges give addresses when the first is full, until they are being deleted', async () => {
  await using api = await apiServer({ server: { serviceRange: '192.0.2.0/29' } });
  await range(api, 'kubernetes', '192.0.2.0/29');
  const firsts = await Promise.all(Array.from({ length: 5 }, (_, i) => create(api, `s${i}`)));
  expect(firsts.map((s) => s.spec!.clusterIP).sort()).toEqual([2, 3, 4, 5, 6].map((n) => `192.0.2.${n}`));
  await expect(create(api, 'full')).rejects.toMatchObject({
    message: expect.stringContaining('failed to allocate a serviceIP: range is full'),
  });
  await expect(create(api, 'far', { clusterIP: '198.51.100.9' })).rejects.toMatchObject({ code: 422 });
  await range(api, 'more', '198.51.100.0/24', '2001:db8::/112');
  expect((await create(api, 'near')).spec?.clusterIP).toMatch(/^198\.51\.100\./);
  expect((await create(api, 'far', { clusterIP: '198.51.100.9' })).spec?.clusterIP).toBe('198.51.100.9');
  await expect(create(api, 'edge', { clusterIP: '198.51.100.255' })).rejects.toMatchObject({ code: 422 });
  const hold = { type: 'merge', body: { metadata: { finalizers: ['example.com/held'] } } } as const;
  await api.call('patch', 'networking.k8s.io/v1/servicecidrs', { namespace: '', name: 'more', patch: hold });
  await api.call('delete', 'networking.k8s.io/v1/servicecidrs', { namespace: '', name: 'more' });
  await expect(create(api, 'late')).rejects.toMatchObject({ code: 422 });
});

test('Services from before there were IPAddress objects get theirs at the start', async () => {
  await using api = await apiServer();
  const { spec } = await create(api, 'a');
  await api.call('delete', 'networking.k8s.io/v1/ipaddresses', { namespace: '', name: spec!.clusterIP! });
  expect(await addresses(api)).toEqual([]);
  await using second = await apiServer({ store: api.store });
  await api.store.flush();
  expect(await addresses(second)).toMatchObject([{ metadata: { name: spec!.clusterIP } }]);
});

test('the port by which nodes are asked for their health stays, however it is spelled', async () => {
  await using api = await apiServer();
  const made = await create(api, 'a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] });
  const health = made.spec?.healthCheckNodePort;
  expect(health).toBeGreaterThanOrEqual(30_000);
  for (const healthCheckNodePort of [5, 31_999])
    await expect(
      api.call('patch', 'services', { name: 'a', patch: { type: 'merge', body: { spec: { healthCheckNodePort } } } }),
    ).rejects.toMatchObject({
      message: 'Service "a" is invalid: spec.healthCheckNodePort: Forbidden: field is immutable',
    });
  const same = {
    type: 'merge',
    body: { spec: { healthCheckNodePort: null }, metadata: { labels: { a: 'b' } } },
  } as const;
  expect(await api.call('patch', 'services', { name: 'a', patch: same })).toMatchObject({
    spec: { healthCheckNodePort: health },
  });
});
