import { expect, test } from 'vitest';
import { configMaps, namespaces } from '../../src/api/kinds.gen.ts';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/log.ts';
import { createClient } from '../../src/client/client.ts';
import { HttpsTransport } from '../../src/client/https-transport.ts';
import { Informers } from '../../src/client/informers.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';

const env = { clock: new SystemClock(), ids: new SystemIds(), log: silentLogger };
const key = { namespace: 'default', name: 'a' };

function connect(server: HttpsApi, options: { token?: string; anonymous?: boolean } = {}) {
  const { cert: certPem, key: keyPem } = server.admin;
  const identity = options.anonymous ? {} : { certPem, keyPem };
  const transport = new HttpsTransport({ server: `https://127.0.0.1:${server.port}`, caPem: server.ca, ...identity });
  return { transport, [Symbol.dispose]: () => transport.close() };
}

test('the typed client does over HTTPS what it does in-process', async () => {
  await using server = await httpsApi();
  using remote = connect(server);
  const maps = createClient(remote.transport).resource(configMaps);
  const made = await maps.create({ metadata: key, data: { greeting: 'grüße 🌍' } });
  expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { greeting: 'grüße 🌍' } });
  await maps.mergePatch(key, { data: { more: 'x' } });
  await expect(maps.update({ ...made, data: {} })).rejects.toMatchObject({ reason: 'Conflict', code: 409 });
  expect((await maps.get(key)).data).toEqual({ greeting: 'grüße 🌍', more: 'x' });
  const page = await maps.list({ namespace: 'default', limit: 1, labelSelector: '!none' });
  expect(page.items).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: key }]);
  await expect(maps.delete(key, { preconditions: { uid: 'other' } })).rejects.toMatchObject({ reason: 'Conflict' });
  await maps.delete(key);
  await expect(maps.get(key)).rejects.toMatchObject({ reason: 'NotFound', message: 'configmaps "a" not found' });
  await expect(maps.create({ metadata: { name: 'b', namespace: 'default' } }, { dryRun: true })).resolves.toBeDefined();
  expect((await maps.list({ namespace: 'default' })).items).toEqual([]);
});

test('informers follow the server over HTTPS, and writes wait for them', async () => {
  await using server = await httpsApi();
  using remote = connect(server);
  const informers = new Informers(remote.transport, { ...env, pageSize: 2 });
  const informer = informers.of(configMaps);
  const client = createClient(remote.transport, informers);
  const stop = new AbortController();
  for (let i = 0; i < 5; i++)
    await server.api.call('create', 'configmaps', { object: { metadata: { name: `m${i}` } } });
  const running = informers.run(stop.signal);
  await informer.whenSynced(stop.signal);
  expect(informer.size).toBe(5);
  await client.resource(configMaps).create({ metadata: key });
  expect(informer.get(key)?.kind).toBe('ConfigMap');
  const deleted = new Promise<string>((resolve) => informer.on({ deleted: (map) => resolve(map.metadata!.name!) }));
  await client.resource(configMaps).delete(key);
  expect(await deleted).toBe('a');
  expect(informer.get(key)).toBeUndefined();
  stop.abort();
  await running;
});

test('impersonation and missing rights', async () => {
  await using server = await httpsApi();
  using remote = connect(server);
  const nobody = createClient(remote.transport).as({ name: 'nobody', groups: ['system:authenticated', 'dreamers'] });
  await expect(nobody.resource(configMaps).list({ namespace: 'default' })).rejects.toMatchObject({
    reason: 'Forbidden',
    message: expect.stringContaining('User "nobody" cannot list resource "configmaps"'),
  });
  using stranger = connect(server, { anonymous: true });
  await expect(createClient(stranger.transport).resource(namespaces).list()).rejects.toMatchObject({
    code: expect.any(Number),
  });
});

test('a server that is not there is a Status, and an abort is an abort', async () => {
  await using server = await httpsApi();
  using remote = connect(server);
  const client = createClient(remote.transport).resource(configMaps);
  await expect(client.list({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  const gone = new HttpsTransport({ server: 'https://127.0.0.1:1', caPem: server.ca });
  await expect(createClient(gone).resource(configMaps).list()).rejects.toMatchObject({
    reason: 'ServiceUnavailable',
    code: 503,
  });
  gone.close();
});
