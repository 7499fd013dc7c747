import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  clusterRoles,
  configMaps,
  namespaces,
  nodes,
  pods,
  serviceAccounts,
  services,
} from '../../../src/api/kinds.gen.ts';
import { createClient } from '../../../src/client/client.ts';
import { cluster } from '../../kit/cluster.ts';
import { seen } from '../../kit/seen.ts';

test('a new cluster has its namespaces, roles, Services and a Ready node, and logs no problem', async () => {
  await using c = await cluster();
  const names = async (ref: typeof namespaces) =>
    (await c.client.resource(ref).list()).items.map((o) => o.metadata?.name);
  expect(await names(namespaces)).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  expect(await names(nodes as never)).toEqual(['node-1']);
  expect(await names(clusterRoles as never)).toContain('cluster-admin');
  expect((await c.client.resource(services).list()).items.map((s) => s.spec?.clusterIP)).toEqual([
    '10.96.0.1',
    '10.96.0.10',
  ]);
  expect(c.status().nodes).toEqual([expect.objectContaining({ name: 'node-1', ready: true })]);
  expect(c.problems).toEqual([]);
});

test('anybody may read where the cluster is and by which CA to know it', async () => {
  await using c = await cluster();
  const nobody = createClient(c.transport({ name: 'system:anonymous', groups: ['system:unauthenticated'] }));
  const info = await nobody.resource(configMaps).get({ namespace: 'kube-public', name: 'cluster-info' });
  const kubeconfig = parse(info.data!['kubeconfig']!);
  const [{ cluster: found }] = kubeconfig.clusters;
  expect(Buffer.from(found['certificate-authority-data'], 'base64').toString()).toBe(c.caPem);
  expect(found.server).toBe(c.url);
  expect(kubeconfig.users).toBeNull();
});

test('a cluster taken up again keeps its keys, its port and its objects', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-restart-'));
  try {
    let before: { port: number; caPem: string };
    {
      await using c = await cluster({ store: 'file', dataDir });
      await c.client
        .resource(configMaps)
        .create({ metadata: { name: 'kept', namespace: 'default' }, data: { a: '1' } });
      before = { port: c.port, caPem: c.caPem };
    }
    expect(statSync(join(dataDir, 'identity.json')).mode & 0o777).toBe(0o600);
    await using again = await cluster({ store: 'file', dataDir });
    expect({ port: again.port, caPem: again.caPem }).toEqual(before);
    const kept = await again.client.resource(configMaps).get({ namespace: 'default', name: 'kept' });
    expect(kept.data).toEqual({ a: '1' });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('closing ends everything that was started', async () => {
  const c = await cluster({ nodes: 3 });
  await c[Symbol.asyncDispose]();
  await expect(fetch(`${c.url}/readyz`)).rejects.toThrow();
});

test('controllers that were not chosen do not run, after a restart neither', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-chosen-'));
  try {
    for (const options of [{ controllers: ['*', '-root-ca-cert-publisher'] }, {}]) {
      await using c = await cluster({ store: 'file', dataDir, ...options });
      const { metadata } = await c.client.resource(namespaces).create({ metadata: { generateName: 'n-' } });
      // The controller of service accounts runs, and hears of namespaces as the other would.
      await seen(c.client, serviceAccounts, { namespace: metadata.name! });
      expect((await c.client.resource(configMaps).list({ namespace: metadata.name! })).items).toEqual([]);
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a cluster cannot be made with controllers that krill does not have', async () => {
  await expect(cluster({ controllers: ['*', 'route'] })).rejects.toThrow(
    'these controllers cannot be chosen: krill has no node-route-controller: krill has no cloud provider',
  );
});

const elsewhere = (name: string) =>
  `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: [{schedulerName: ${name}}]\n`;

test('a scheduler is configured at a start, and stays so until another start says otherwise', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'krill-scheduler-'));
  try {
    const starts = [{ schedulerConfig: elsewhere('mine') }, {}, { schedulerConfig: elsewhere('other') }];
    for (const [n, options] of starts.entries()) {
      await using c = await cluster({ store: 'file', dataDir, ...options });
      const spec = { schedulerName: n < 2 ? 'mine' : 'other', containers: [{ name: 'a', image: 'a' }] };
      const name = `p${n}`;
      await c.client.resource(pods).create({ metadata: { name, namespace: 'default' }, spec });
      await seen(c.client, pods, { namespace: 'default', name }, (pod) => pod.spec?.nodeName === 'node-1');
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a cluster does not start with a scheduler that cannot be configured so', async () => {
  const text = elsewhere('mine').replace('schedulerName', 'scheduler');
  await expect(cluster({ schedulerConfig: text })).rejects.toThrow(
    'the scheduler\'s configuration will not do: strict decoding error: unknown field "profiles[0].scheduler"',
  );
});
