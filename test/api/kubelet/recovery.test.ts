import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { startKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const first = (pod: Pod) => pod.status?.containerStatuses?.[0];
const probed = {
  containers: [
    {
      name: 'web',
      image: 'app:1',
      readinessProbe: { exec: { command: ['ready'] }, periodSeconds: 10 },
      startupProbe: { exec: { command: ['started'] }, periodSeconds: 10 },
    },
  ],
};

test('a restart of krill leaves containers alone and readiness does not flap', async () => {
  await using k = await startKubelets();
  await k.pod('web', probed);
  await k.until('web', ready);
  const before = await k.get('web');
  k.fake.execs.length = 0;
  let answer!: (result: { exitCode: number }) => void;
  k.fake.onExec = () => new Promise((resolve) => (answer = resolve));
  const watch = await k.api.watch('pods', { resourceVersion: before.metadata.resourceVersion ?? '' });
  await k.restart();
  for (let i = 0; i < 200 && !answer; i++) await k.clock.advance(0);
  expect(k.fake.execs).toEqual(['ready']);
  answer({ exitCode: 0 });
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  expect(watch.events).toEqual([]);
  expect(k.fake.running()).toEqual(['web-web-0']);
  expect(k.fake.specs).toHaveLength(1);
  watch.close();
});

test('restart counts and back-off survive a restart of krill', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  k.fake.die('web-web-0', 1);
  await k.until('web', (pod) => first(pod)?.restartCount === 1 && ready(pod));
  k.fake.die('web-web-1', 1);
  await k.until('web', (pod) => first(pod)?.state?.waiting?.reason === 'CrashLoopBackOff');
  await k.restart();
  await k.clock.advance(9_000);
  expect(k.fake.running()).toEqual([]);
  await k.clock.advance(1_000);
  await k.until('web', (pod) => first(pod)?.restartCount === 2 && ready(pod));
});

test('what died while krill was away is seen, and pods deleted meanwhile are removed', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  const { metadata } = await k.pod('old', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  await k.until('old', ready);
  await k.restart({
    meanwhile: () => {
      k.fake.die('web-web-0', 5);
      return k.api.call('delete', 'pods', { name: 'old', options: { gracePeriodSeconds: 0 } });
    },
  });
  const pod = await k.until('web', (p) => first(p)?.restartCount === 1 && ready(p));
  expect(first(pod)?.lastState?.terminated?.exitCode).toBe(5);
  for (let i = 0; i < 100 && !k.fake.removedPods.length; i++) await new Promise(setImmediate);
  expect(k.fake.removedPods).toEqual([metadata.uid]);
});

test('a node that loses its power starts its pods anew and counts a restart', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  k.fake.kill('n1');
  const target = { node: 'n1', namespace: 'default', pod: 'web', uid: 'x', container: 'web' };
  await expect(k.kubelets.gateway.logs(target, {}, AbortSignal.timeout(1000))).rejects.toMatchObject({ code: 503 });
  k.fake.emit({ type: 'node', node: 'n1', what: 'started' });
  const pod = await k.until('web', (p) => first(p)?.restartCount === 1 && ready(p));
  expect(first(pod)?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
  expect(pod.status?.podIP).toBe('10.244.0.3');
  expect(k.fake.sandboxSpecs.map((s) => s.attempt)).toEqual([0, 1]);
  expect(await k.events('web')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
});

test('leases are renewed only while the node runs', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  const renewed = async () => {
    const resource = 'coordination.k8s.io/v1/leases';
    const lease = await k.api.call('get', resource, { namespace: 'kube-node-lease', name: 'n1' });
    return (lease.spec as { renewTime: string }).renewTime;
  };
  expect(await renewed()).toBe('2026-01-01T00:00:00.000000Z');
  await k.clock.advance(11_000);
  expect(await renewed()).toBe('2026-01-01T00:00:10.000000Z');
  k.fake.emit({ type: 'node', node: 'n1', what: 'paused' });
  await k.clock.advance(30_000);
  expect(await renewed()).toBe('2026-01-01T00:00:10.000000Z');
  k.fake.emit({ type: 'node', node: 'n1', what: 'unpaused' });
  for (let i = 0; i < 200 && (await renewed()) === '2026-01-01T00:00:10.000000Z'; i++) await k.clock.advance(0);
  expect(await renewed()).toBe('2026-01-01T00:00:41.000000Z');
});

test('the Node object says what upstream says', async () => {
  await using k = await startKubelets();
  await k.pod('web', { containers: [{ name: 'web', image: 'app:1' }] });
  await k.until('web', ready);
  const node = await k.api.call('get', 'nodes', { namespace: '', name: 'n1' });
  expect(node).toMatchObject({
    metadata: {
      labels: { 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
    status: {
      addresses: [{ type: 'InternalIP', address: '172.30.0.2' }],
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: { kubeletVersion: expect.stringMatching(/^v1\.36\./), containerRuntimeVersion: 'docker://fake' },
    },
  });
  const conditions = (node.status as { conditions: { type: string; status: string; reason: string }[] }).conditions;
  expect(conditions.map((c) => `${c.type}=${c.status} ${c.reason}`)).toEqual([
    'MemoryPressure=False KubeletHasSufficientMemory',
    'DiskPressure=False KubeletHasNoDiskPressure',
    'PIDPressure=False KubeletHasSufficientPID',
    'Ready=True KubeletReady',
  ]);
});
