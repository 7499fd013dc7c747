import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { VolumeFile } from '../../../src/node/runtime.ts';
import { startKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const text = (files: readonly VolumeFile[] = []) =>
  Object.fromEntries(files.map((f) => [f.path, `${f.content.toString()} ${f.mode.toString(8)}`]));
const mounted = (volumes: object[], extra: object = {}) => ({
  volumes,
  containers: [{ name: 'web', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
  ...extra,
});

test('configMap and secret volumes: items, modes, optional, and contents that change', async () => {
  await using k = await startKubelets();
  await k.api.call('create', 'configmaps', { object: { metadata: { name: 'cfg' }, data: { a: '1', b: '2' } } });
  const data = { pw: Buffer.from('geheim').toString('base64') };
  await k.api.call('create', 'secrets', { object: { metadata: { name: 'sec' }, data } });
  const { metadata } = await k.pod(
    'web',
    mounted([
      { name: 'v', configMap: { name: 'cfg', defaultMode: 0o600 } },
      { name: 's', secret: { secretName: 'sec', items: [{ key: 'pw', path: 'dir/pw', mode: 0o400 }] } },
      { name: 'o', configMap: { name: 'later', optional: true } },
    ]),
  );
  await k.until('web', ready);
  const disk = `/disk/${metadata.uid}/volumes`;
  expect(text(k.fake.volumes.get(`${disk}/configMap/v`))).toEqual({ a: '1 600', b: '2 600' });
  expect(text(k.fake.volumes.get(`/memory/${metadata.uid}/volumes/secret/s`))).toEqual({ 'dir/pw': 'geheim 400' });
  expect(text(k.fake.volumes.get(`${disk}/configMap/o`))).toEqual({});
  expect(k.fake.specs[0]?.mounts[0]).toMatchObject({
    containerPath: '/v',
    source: { type: 'path', path: `${disk}/configMap/v` },
  });
  const body = { data: { a: 'new', b: null } };
  await k.api.call('patch', 'configmaps', { name: 'cfg', patch: { type: 'merge', body } });
  await k.api.call('create', 'configmaps', { object: { metadata: { name: 'later' }, data: { c: '3' } } });
  for (let i = 0; i < 200 && !k.fake.volumes.get(`${disk}/configMap/o`)?.length; i++) await k.clock.advance(0);
  expect(text(k.fake.volumes.get(`${disk}/configMap/v`))).toEqual({ a: 'new 600' });
  expect(text(k.fake.volumes.get(`${disk}/configMap/o`))).toEqual({ c: '3 644' });
});

test('a missing source holds the pod with FailedMount until it appears', async () => {
  await using k = await startKubelets();
  await k.pod('web', mounted([{ name: 'v', secret: { secretName: 'sec' } }]));
  await k.until('web', (pod) => pod.status?.podIP !== undefined);
  expect(await k.events('web')).toContain(
    'FailedMount: MountVolume.SetUp failed for volume "v" : secret "sec" not found',
  );
  expect((await k.get('web')).status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
  await k.api.call('create', 'secrets', { object: { metadata: { name: 'sec' } } });
  await k.until('web', ready);
});

test('types krill does not mount are refused by name', async () => {
  await using k = await startKubelets();
  await k.pod('web', mounted([{ name: 'v', nfs: { server: 's', path: '/' } }]));
  await k.until('web', (pod) => pod.status?.podIP !== undefined);
  expect(await k.events('web')).toContain(
    'FailedMount: MountVolume.SetUp failed for volume "v" : volumes of type nfs are not supported by krill',
  );
});

test('downwardAPI and projected volumes follow the pod', async () => {
  await using k = await startKubelets();
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
  const { metadata } = await k.pod(
    'web',
    mounted([{ name: 'v', projected: { sources: [{ downwardAPI: { items } }] } }]),
    {
      labels: { app: 'a' },
    },
  );
  await k.until('web', ready);
  const path = `/memory/${metadata.uid}/volumes/projected/v`;
  expect(text(k.fake.volumes.get(path))).toEqual({ labels: 'app="a" 644' });
  const body = { metadata: { labels: { app: 'b' } } };
  await k.api.call('patch', 'pods', { name: 'web', patch: { type: 'merge', body } });
  for (let i = 0; i < 200 && text(k.fake.volumes.get(path)).labels !== 'app="b" 644'; i++) await k.clock.advance(0);
  expect(text(k.fake.volumes.get(path))).toEqual({ labels: 'app="b" 644' });
});

test('emptyDir on disk and in memory, subPath, fsGroup and the managed files', async () => {
  await using k = await startKubelets();
  const volumeMounts = [
    { name: 'd', mountPath: '/d', subPathExpr: '$(NAME)' },
    { name: 'm', mountPath: '/m' },
  ];
  const env = [{ name: 'NAME', value: 'sub' }];
  const { metadata } = await k.pod('web', {
    hostname: 'h',
    subdomain: 'sub',
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['db', 'db.example'] }],
    securityContext: { fsGroup: 2000, supplementalGroups: [3000] },
    dnsConfig: { options: [{ name: 'ndots', value: '2' }], searches: ['example.org'] },
    volumes: [
      { name: 'd', emptyDir: {} },
      { name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ],
    containers: [{ name: 'web', image: 'app:1', env, volumeMounts }],
  });
  await k.until('web', ready);
  const [spec] = k.fake.specs;
  expect(spec?.mounts.map((m) => [m.containerPath, m.source])).toEqual([
    ['/d', { type: 'path', path: `/disk/${metadata.uid}/volumes/emptyDir/d/sub` }],
    ['/m', { type: 'memory', volume: 'm', sizeBytes: 2 ** 20 }],
    ['/etc/hosts', { type: 'path', path: `/disk/${metadata.uid}/etc-hosts` }],
    ['/etc/resolv.conf', { type: 'path', path: `/disk/${metadata.uid}/resolv.conf` }],
  ]);
  expect(k.fake.sandboxSpecs[0]).toMatchObject({
    hostname: 'h',
    mounts: [{ source: { type: 'memory', volume: 'm' } }],
  });
  expect(spec?.security.supplementalGroups).toEqual([3000, 2000]);
  const hosts = k.fake.written.get(`/disk/${metadata.uid}/etc-hosts`);
  expect(hosts).toContain('10.244.0.2\th.sub.default.svc.cluster.local\th\n');
  expect(hosts).toContain('1.2.3.4\tdb\tdb.example\n');
  expect(k.fake.written.get(`/disk/${metadata.uid}/resolv.conf`)).toBe(
    'search default.svc.cluster.local svc.cluster.local cluster.local example.org\nnameserver 10.96.0.10\noptions ndots:2\n',
  );
});

test('service account tokens are bound to the pod and renewed before they end', async () => {
  await using k = await startKubelets();
  const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'vault' } }];
  const { metadata } = await k.pod('web', mounted([{ name: 'v', projected: { sources } }]));
  await k.until('web', ready);
  const path = `/memory/${metadata.uid}/volumes/projected/v`;
  const token = () => k.fake.volumes.get(path)?.[0]?.content.toString() ?? '';
  const first = token();
  const claims = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ aud: ['vault'], 'kubernetes.io': { pod: { name: 'web', uid: metadata.uid } } });
  await k.clock.advance(2_879_000);
  expect(token()).toBe(first);
  await k.clock.advance(2_000);
  // Tokens are signed off the main thread, so no number of turns is surely enough.
  await expect.poll(token, { timeout: 20_000, interval: 5 }).not.toBe(first);
});

test('a ConfigMap that goes leaves what the running pod has', async () => {
  await using k = await startKubelets();
  await k.api.call('create', 'configmaps', { object: { metadata: { name: 'cfg' }, data: { a: '1' } } });
  const { metadata } = await k.pod('web', mounted([{ name: 'v', configMap: { name: 'cfg' } }]));
  await k.until('web', ready);
  await k.api.call('delete', 'configmaps', { name: 'cfg' });
  for (let i = 0; i < 20; i++) await k.clock.advance(0);
  const path = `/disk/${metadata.uid}/volumes/configMap/v`;
  expect(text(k.fake.volumes.get(path))).toEqual({ a: '1 644' });
  expect(ready(await k.get('web'))).toBe(true);
  await k.api.call('create', 'configmaps', { object: { metadata: { name: 'cfg' }, data: { a: '2' } } });
  for (let i = 0; i < 200 && text(k.fake.volumes.get(path)).a !== '2 644'; i++) await k.clock.advance(0);
  expect(text(k.fake.volumes.get(path))).toEqual({ a: '2 644' });
});
