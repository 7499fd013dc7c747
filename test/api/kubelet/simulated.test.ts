import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { KubeletNode } from '../../../src/kubelet/contract.ts';
import { startKubelets } from '../../kit/kubelets.ts';

const ready = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const nodes = (count: number): KubeletNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `n${i + 1}`, podCIDR: `10.244.${i}.0/24`, runtime: 'simulated' }));
const containers = [
  { name: 'web', image: 'nowhere.example/any:1', readinessProbe: { httpGet: { path: '/', port: 80 } } },
];

test('simulated pods become ready with an address of their node’s range, in one status write', async () => {
  await using k = await startKubelets({ nodes: nodes(2) });
  const watch = await k.api.watch('pods');
  await k.pod('a', { containers });
  await k.pod('b', { containers });
  await k.pod('c', { containers, nodeName: 'n2' });
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => k.until(name, ready)));
  expect(new Set([a, b, c].map((pod) => pod?.status?.podIP))).toEqual(
    new Set(['10.244.0.2', '10.244.0.3', '10.244.1.2']),
  );
  expect(a?.status?.phase).toBe('Running');
  expect(a?.status?.hostIP).toBe('10.244.0.1');
  expect(watch.events.filter((e) => e.object.metadata?.name === 'a').map((e) => e.type)).toEqual(['ADDED', 'MODIFIED']);
  watch.close();
});

test('simulated pods keep running over a restart of krill, with the same address, ids and counts', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers });
  const before = await k.until('a', ready);
  const watch = await k.api.watch('pods', { resourceVersion: before.metadata.resourceVersion ?? '' });
  await k.restart({ forget: true });
  await k.pod('b', { containers });
  const b = await k.until('b', ready);
  expect(b.status?.podIP).not.toBe(before.status?.podIP);
  expect(await k.get('a')).toEqual(before);
  expect(watch.events.every((e) => e.object.metadata?.name === 'b')).toBe(true);
  await k.api.call('delete', 'pods', { name: 'a' });
  await k.gone('a');
  watch.close();
});

test('a pod that asked for nothing can be resized: its node says what it was granted', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', {
    containers: [
      { name: 'web', image: 'i', resources: { requests: { cpu: '1' } } },
      { name: 'aside', image: 'i' },
    ],
  });
  const { status } = await k.until('a', ready);
  expect(status?.containerStatuses?.map(({ resources }) => resources)).toEqual([{ requests: { cpu: '1' } }, {}]);
  const body = { spec: { containers: [{ name: 'web', resources: { requests: { cpu: '2' } } }] } };
  const resized = await k.api.call('patch', 'pods', {
    name: 'a',
    subresource: 'resize',
    patch: { type: 'strategic', body },
  });
  expect(resized).toMatchObject({ spec: { containers: [{ resources: { requests: { cpu: '2' } } }, {}] } });
});

test('logs, exec and attach say that the node is simulated', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  const { metadata } = await k.pod('a', { containers });
  await k.until('a', ready);
  const target = { node: 'n1', namespace: 'default', pod: 'a', uid: metadata.uid ?? '', container: 'web' };
  const { gateway } = k.kubelets;
  const signal = AbortSignal.timeout(1000);
  const streams = { stdin: false, stdout: true, stderr: true, tty: false };
  const refusal = (what: string) => ({
    code: 400,
    message: `node "n1" is simulated: its containers run no processes${what}`,
  });
  await expect(gateway.logs(target, {}, signal)).rejects.toMatchObject(refusal(' and write no logs'));
  await expect(gateway.exec(target, { ...streams, command: ['ls'] }, signal)).rejects.toMatchObject(
    refusal(', so exec is not possible'),
  );
  await expect(gateway.attach(target, streams, signal)).rejects.toMatchObject(refusal(', so attach is not possible'));
});

test('a node is added and removed while krill runs', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers, nodeName: 'n2' });
  await k.kubelets.addNode(nodes(2)[1]!, AbortSignal.timeout(1000));
  await k.until('a', ready);
  const node = await k.api.call('get', 'nodes', { namespace: '', name: 'n2' });
  expect(node.status).toMatchObject({ capacity: { cpu: '32', memory: '256Gi', pods: '110' } });
  await k.kubelets.removeNode('n2', AbortSignal.timeout(1000));
  await expect(k.api.call('get', 'nodes', { namespace: '', name: 'n2' })).rejects.toMatchObject({ code: 404 });
});

const phase = (wanted: string) => (pod: Pod) => pod.status?.phase === wanted;
const web = (pod: Pod) => pod.status?.containerStatuses?.[0];

test('work that has an end is seen running and then succeeds', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  const watch = await k.api.watch('pods');
  await k.pod('a', { containers, restartPolicy: 'Never', initContainers: [{ name: 'first', image: 'i' }] });
  const done = await k.until('a', phase('Succeeded'));
  expect(web(done)?.state).toMatchObject({ terminated: { exitCode: 0, reason: 'Completed' } });
  expect(done.status?.initContainerStatuses?.[0]?.state).toMatchObject({ terminated: { exitCode: 0 } });
  const phases = watch.events.map((e) => (e.object as Pod).status?.phase);
  expect(phases.filter((p, i) => p !== phases[i - 1])).toEqual(['Pending', 'Running', 'Succeeded']);
  watch.close();
});

test('a pod runs as long as it is told to, over a restart of krill too', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers, restartPolicy: 'Never' }, { annotations: { 'krill.dev/run-duration': '10s' } });
  await k.until('a', ready);
  await k.clock.advance(6_000);
  await k.restart({ forget: true });
  await k.clock.advance(3_900);
  expect((await k.get('a')).status?.phase).toBe('Running');
  await k.clock.advance(200);
  await k.until('a', phase('Succeeded'));
});

test('work that is cut short has failed, a server that is stopped has not', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  const held = { finalizers: ['example.com/look'] };
  const work = { annotations: { 'krill.dev/run-duration': '10s' }, ...held };
  await k.pod('work', { containers, restartPolicy: 'Never' }, work);
  await k.pod('server', { containers }, held);
  for (const name of ['work', 'server']) {
    await k.until(name, ready);
    await k.api.call('delete', 'pods', { name });
  }
  const cut = await k.until('work', phase('Failed'));
  expect(web(cut)?.state).toMatchObject({ terminated: { exitCode: 143, reason: 'Error' } });
  const stopped = await k.until('server', phase('Succeeded'));
  expect(web(stopped)?.state).toMatchObject({ terminated: { exitCode: 0 } });
});

test('an exit code makes a pod crash again and again, until it is taken back', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers });
  await k.until('a', ready);
  const annotate = (value: string | null) =>
    k.api.call('patch', 'pods', {
      name: 'a',
      patch: { type: 'merge', body: { metadata: { annotations: { 'krill.dev/exit-code': value } } } },
    });
  await annotate('7');
  const crashed = await k.until('a', (pod) => web(pod)?.restartCount === 1 && !!web(pod)?.state?.waiting);
  expect(web(crashed)).toMatchObject({
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 7, reason: 'Error' } },
  });
  await annotate(null);
  await k.clock.advance(10_000);
  const back = await k.until('a', ready);
  expect(web(back)?.restartCount).toBe(2);
});

test('starts, readiness and ends can be slow', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  const annotations = { 'krill.dev/start-delay': '5s', 'krill.dev/ready-delay': '5s', 'krill.dev/stop-delay': '5s' };
  await k.pod('a', { containers }, { annotations });
  await k.until('a', (pod) => web(pod)?.state?.waiting?.reason === 'ContainerCreating');
  await k.clock.advance(5_000);
  await k.until('a', (pod) => phase('Running')(pod) && !ready(pod));
  await k.clock.advance(5_000);
  await k.until('a', ready);
  await k.api.call('delete', 'pods', { name: 'a' });
  await k.clock.advance(4_900);
  expect((await k.get('a')).metadata.deletionTimestamp).toBeDefined();
  await k.clock.advance(200);
  await k.gone('a');
});

test('a pod is unready for as long as its annotation says so', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers }, { annotations: { 'krill.dev/ready': 'false' } });
  await k.until('a', (pod) => phase('Running')(pod) && !ready(pod));
  const body = { metadata: { annotations: { 'krill.dev/ready': null } } };
  await k.api.call('patch', 'pods', { name: 'a', patch: { type: 'merge', body } });
  await k.until('a', ready);
});

test('an annotation that cannot be understood is told of', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers }, { annotations: { 'krill.dev/ready-delay': 'soon' } });
  await k.until('a', ready);
  expect(await k.events('a')).toEqual([
    'InvalidAnnotation: metadata.annotations[krill.dev/ready-delay]: Invalid value: "soon": time: invalid duration "soon"',
  ]);
});

test('the lease of a simulated node is renewed in time for the node lifecycle controller', async () => {
  await using k = await startKubelets({ nodes: nodes(1) });
  await k.pod('a', { containers });
  await k.until('a', ready);
  const spec = async () => {
    const key = { namespace: 'kube-node-lease', name: 'n1' };
    return (await k.api.call('get', 'coordination.k8s.io/v1/leases', key)).spec as Record<string, unknown>;
  };
  expect(await spec()).toMatchObject({ holderIdentity: 'n1', leaseDurationSeconds: 160 });
  await k.clock.advance(45_000);
  const renewed = Date.parse((await spec()).renewTime as string);
  expect(renewed).toBe(Date.UTC(2026, 0, 1, 0, 0, 40));
});
