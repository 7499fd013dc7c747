import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { apiServices, configMaps, customResourceDefinitions } from '../../../src/api/kinds.gen.ts';
import { cluster, type TestCluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

const names = { plural: 'tabs', singular: 'tab', kind: 'Tab', listKind: 'TabList' };
const version = (name: string, storage: boolean) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});
const definition = {
  metadata: { name: 'tabs.x.org' },
  spec: { group: 'x.org', scope: 'Cluster', names, versions: [version('v1', true), version('v2', false)] },
};

const service = (c: TestCluster, name: string) => c.client.resource(apiServices).get({ name });

test('each built-in group version has a local APIService, and those of custom resources come and go with them', async () => {
  await using c = await cluster();
  expect(await service(c, 'v1.apps')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  });
  expect((await service(c, 'v1beta1.metrics.k8s.io')).metadata.labels).toBeUndefined();
  const definitions = c.client.resource(customResourceDefinitions);
  await definitions.create(definition as never);
  const untilOwn = (...expected: string[]) =>
    vi.waitFor(async () => {
      const { items } = await c.client.resource(apiServices).list();
      const own = items.map(({ metadata }) => metadata.name!).filter((name) => name.endsWith('.x.org'));
      expect(own).toEqual(expected);
    });
  await untilOwn('v1.x.org', 'v2.x.org');
  expect(await service(c, 'v2.x.org')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
    spec: { group: 'x.org', version: 'v2', groupPriorityMinimum: 1000, versionPriority: 100 },
  });
  await definitions.mergePatch({ name: 'tabs.x.org' }, { spec: { versions: [version('v1', true)] } });
  await untilOwn('v1.x.org');
  const { uid } = (await service(c, 'v1.x.org')).metadata;
  await c.client.resource(apiServices).delete({ name: 'v1.x.org' });
  await seen(c.client, apiServices, { name: 'v1.x.org' }, ({ metadata }) => metadata.uid !== uid);
  await definitions.delete({ name: 'tabs.x.org' });
  await untilOwn();
  expect(c.problems).toEqual([]);
});

test('a start puts right what is labelled, once', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-apiservices-'));
  try {
    {
      await using c = await cluster({ store: 'file', dataDir });
      const all = c.client.resource(apiServices);
      await all.mergePatch({ name: 'v1.apps' }, { spec: { versionPriority: 7 } });
      await all.mergePatch({ name: 'v1.batch' }, { metadata: { labels: null }, spec: { versionPriority: 7 } });
      await all.delete({ name: 'v1.policy' });
    }
    await using again = await cluster({ store: 'file', dataDir });
    const is = (name: string, priority: number) =>
      seen(again.client, apiServices, { name }, ({ spec }) => spec?.versionPriority === priority);
    await is('v1.apps', 15);
    await is('v1.policy', 15);
    expect((await service(again, 'v1.batch')).spec?.versionPriority).toBe(7);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('extension API servers find by which authorities to know users and the API server', async () => {
  await using c = await cluster();
  const at = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const { data } = await c.client.resource(configMaps).get(at);
  const { 'requestheader-client-ca-file': frontProxyCa, ...rest } = data!;
  expect(new X509Certificate(frontProxyCa!).subject).toBe('CN=front-proxy-ca');
  expect(rest).toEqual({
    'client-ca-file': c.caPem,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  });
});
