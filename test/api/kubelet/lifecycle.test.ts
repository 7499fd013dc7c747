import { expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { startKubelets } from '../../kit/kubelets.ts';

const condition = (pod: Pod, type: string) => pod.status?.conditions?.find((c) => c.type === type);
const ready = (pod: Pod) => condition(pod, 'Ready')?.status === 'True';
const first = (pod: Pod) => pod.status?.containerStatuses?.[0];
const app = { containers: [{ name: 'web', image: 'app:1' }] };

test('a bound pod runs, is reported as upstream does, and goes when it is deleted', async () => {
  await using k = await startKubelets();
  await k.pod('web', app);
  const pod = await k.until('web', ready);
  expect(pod.status).toMatchObject({
    phase: 'Running',
    podIP: '10.244.0.2',
    podIPs: [{ ip: '10.244.0.2' }],
    hostIP: '172.30.0.2',
    qosClass: 'BestEffort',
    observedGeneration: 1,
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: [
      {
        name: 'web',
        ready: true,
        started: true,
        restartCount: 0,
        image: 'app:1',
        imageID: 'sha256:app:1',
        containerID: 'docker://web-web-0',
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  });
  expect(pod.status?.conditions?.map((c) => `${c.type}=${c.status}`)).toEqual([
    'PodReadyToStartContainers=True',
    'Initialized=True',
    'Ready=True',
    'ContainersReady=True',
    'PodScheduled=True',
  ]);
  expect(await k.events('web')).toEqual([
    'Pulled: Container image "app:1" already present on machine and can be accessed by the pod',
    'Created: Container created',
    'Started: Container started',
  ]);
  await k.api.call('delete', 'pods', { name: 'web' });
  await k.gone('web');
  expect(k.fake.stops).toEqual([{ name: 'web', grace: 30 }]);
  expect(await k.events('web')).toContain('Killing: Stopping container web');
  expect(k.fake.removedPods).toEqual([pod.metadata.uid]);
  expect(k.fake.sandboxCount()).toBe(0);
  expect(k.logged).toEqual([]);
});

test('a crashing container is restarted with a growing back-off and keeps its last state', async () => {
  await using k = await startKubelets();
  await k.pod('web', app);
  await k.until('web', ready);
  k.fake.die('web-web-0', 3);
  const again = await k.until('web', (pod) => first(pod)?.restartCount === 1 && ready(pod));
  expect(first(again)?.lastState?.terminated).toMatchObject({
    exitCode: 3,
    reason: 'Error',
    containerID: 'docker://web-web-0',
  });
  k.fake.die('web-web-1', 0);
  const waiting = await k.until('web', (pod) => first(pod)?.state?.waiting !== undefined);
  expect(first(waiting)?.state?.waiting).toEqual({
    reason: 'CrashLoopBackOff',
    message: `back-off 10s restarting failed container=web pod=web_default(${waiting.metadata.uid})`,
  });
  expect(first(waiting)?.lastState?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  expect(waiting.status?.phase).toBe('Running');
  expect(condition(waiting, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [web]',
  });
  expect(await k.events('web')).toContain(
    `BackOff: Back-off restarting failed container web in pod web_default(${waiting.metadata.uid})`,
  );
  await k.clock.advance(8_000);
  expect(k.fake.running()).toEqual([]);
  await k.clock.advance(2_000);
  await k.until('web', (pod) => first(pod)?.restartCount === 2 && ready(pod));
  k.fake.die('web-web-2', 1, { oomKilled: true });
  const killed = await k.until('web', (pod) => first(pod)?.state?.waiting !== undefined);
  expect(first(killed)?.state?.waiting?.message).toContain('back-off 20s');
  expect(first(killed)?.lastState?.terminated?.reason).toBe('OOMKilled');
});

test('a run of more than ten minutes forgets earlier crashes', async () => {
  await using k = await startKubelets();
  await k.pod('web', app);
  await k.until('web', ready);
  k.fake.die('web-web-0', 1);
  await k.until('web', (pod) => first(pod)?.restartCount === 1 && ready(pod));
  await k.clock.advance(601_000);
  k.fake.die('web-web-1', 1);
  await k.until('web', (pod) => first(pod)?.restartCount === 2 && ready(pod));
});

test('restartPolicy decides when a pod is over', async () => {
  await using k = await startKubelets();
  const cases = [
    ['Never', 0, 'Succeeded', 'PodCompleted'],
    ['Never', 2, 'Failed', 'PodFailed'],
    ['OnFailure', 0, 'Succeeded', 'PodCompleted'],
  ] as const;
  for (const [restartPolicy, exitCode, phase, reason] of cases) {
    const name = `${restartPolicy}-${exitCode}`.toLowerCase();
    await k.pod(name, { ...app, restartPolicy });
    await k.until(name, ready);
    k.fake.die(`${name}-web-0`, exitCode);
    const pod = await k.until(name, (p) => p.status?.phase === phase);
    expect(first(pod)?.state?.terminated?.exitCode).toBe(exitCode);
    expect(condition(pod, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(pod.status?.podIP).toMatch(/^10\.244\.0\./);
  }
  await k.pod('retried', { ...app, restartPolicy: 'OnFailure' });
  await k.until('retried', ready);
  k.fake.die('retried-web-0', 1);
  await k.until('retried', (pod) => first(pod)?.restartCount === 1 && ready(pod));
});

test('the logs of an ended pod can be read until it is deleted', async () => {
  await using k = await startKubelets();
  const { metadata } = await k.pod('job', { ...app, restartPolicy: 'Never' });
  await k.until('job', ready);
  k.fake.die('job-web-0', 0);
  await k.until('job', (pod) => pod.status?.phase === 'Succeeded');
  const target = { node: 'n1', namespace: 'default', pod: 'job', uid: metadata.uid ?? '', container: 'web' };
  const stream = await k.kubelets.gateway.logs(target, {}, AbortSignal.timeout(1000));
  expect((await stream.toArray()).join('')).toBe('job-web-0: hello\n');
});

test('init containers run one after the other before the app, and a failed one is retried or fatal', async () => {
  await using k = await startKubelets();
  const spec = {
    ...app,
    initContainers: [
      { name: 'one', image: 'init:1' },
      { name: 'two', image: 'init:1' },
    ],
  };
  await k.pod('web', spec);
  const pending = await k.until('web', (pod) => pod.status?.initContainerStatuses?.[0]?.state?.running !== undefined);
  expect(pending.status?.phase).toBe('Pending');
  expect(condition(pending, 'Initialized')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [one two]',
  });
  expect(first(pending)?.state?.waiting?.reason).toBe('PodInitializing');
  expect(k.fake.running()).toEqual(['web-one-0']);
  k.fake.die('web-one-0', 1);
  await k.until('web', (pod) => pod.status?.initContainerStatuses?.[0]?.restartCount === 1);
  k.fake.die('web-one-1', 0);
  await k.until('web', (pod) => pod.status?.initContainerStatuses?.[1]?.state?.running !== undefined);
  k.fake.die('web-two-0', 0);
  const running = await k.until('web', ready);
  expect(condition(running, 'Initialized')?.status).toBe('True');
  expect(running.status?.initContainerStatuses?.map((s) => s.ready)).toEqual([true, true]);

  await k.pod('doomed', { ...spec, restartPolicy: 'Never' });
  await k.until('doomed', (pod) => pod.status?.initContainerStatuses?.[0]?.state?.running !== undefined);
  k.fake.die('doomed-one-0', 7);
  const failed = await k.until('doomed', (pod) => pod.status?.phase === 'Failed');
  expect(first(failed)?.state?.waiting?.reason).toBe('PodInitializing');
});

test('a sidecar starts before the app and ends after it', async () => {
  await using k = await startKubelets();
  await k.pod('job', {
    ...app,
    restartPolicy: 'Never',
    initContainers: [{ name: 'mesh', image: 'init:1', restartPolicy: 'Always' }],
  });
  await k.until('job', ready);
  expect(k.fake.specs.map((s) => s.name)).toEqual(['mesh', 'web']);
  k.fake.die('job-mesh-0', 1);
  await k.until('job', (pod) => pod.status?.initContainerStatuses?.[0]?.restartCount === 1 && ready(pod));
  k.fake.die('job-web-0', 0);
  await k.until('job', (pod) => pod.status?.phase === 'Succeeded');
  expect(k.fake.stops).toEqual([{ name: 'mesh', grace: 30 }]);
  expect(k.fake.running()).toEqual([]);
});

test('a pod past its deadline fails', async () => {
  await using k = await startKubelets();
  await k.pod('slow', { ...app, activeDeadlineSeconds: 60 });
  await k.until('slow', ready);
  await k.clock.advance(59_000);
  expect(k.fake.running()).toEqual(['slow-web-0']);
  await k.clock.advance(1_000);
  const pod = await k.until('slow', (p) => p.status?.phase === 'Failed');
  expect(pod.status).toMatchObject({
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  });
  expect(k.fake.running()).toEqual([]);
});

test('a changed image replaces the container', async () => {
  await using k = await startKubelets();
  await k.pod('web', app);
  await k.until('web', ready);
  const body = { spec: { containers: [{ name: 'web', image: 'app:2' }] } };
  await k.api.call('patch', 'pods', { name: 'web', patch: { type: 'strategic', body } });
  const pod = await k.until('web', (p) => first(p)?.image === 'app:2' && ready(p));
  expect(first(pod)?.restartCount).toBe(1);
  expect(await k.events('web')).toContain('Killing: Container web definition changed, will be restarted');
});

test('readiness gates hold a pod back until somebody opens them', async () => {
  await using k = await startKubelets();
  await k.pod('web', { ...app, readinessGates: [{ conditionType: 'example.com/lb' }] });
  const shut = await k.until('web', (pod) => condition(pod, 'ContainersReady')?.status === 'True');
  expect(condition(shut, 'Ready')).toMatchObject({
    reason: 'ReadinessGatesNotReady',
    message: 'corresponding condition of pod readiness gate "example.com/lb" does not exist.',
  });
  const body = { status: { conditions: [{ type: 'example.com/lb', status: 'True' }] } };
  await k.api.call('patch', 'pods', { name: 'web', subresource: 'status', patch: { type: 'strategic', body } });
  await k.until('web', ready);
});

test('a pod whose object vanishes is stopped and removed all the same', async () => {
  await using k = await startKubelets();
  const { metadata } = await k.pod('web', app);
  await k.until('web', ready);
  await k.api.call('delete', 'pods', { name: 'web', options: { gracePeriodSeconds: 0 } });
  await k.gone('web');
  for (let i = 0; i < 100 && !k.fake.removedPods.length; i++) await new Promise(setImmediate);
  expect(k.fake.removedPods).toEqual([metadata.uid]);
  expect(k.fake.sandboxCount()).toBe(0);
  // Deleted by force: nobody waits for the grace period of the spec.
  expect(k.fake.stops.map((stop) => stop.grace)).toEqual([1]);
});

test('deleting pods neither lists the node nor looks at each container', async () => {
  await using k = await startKubelets();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await k.pod(name, app);
  for (const name of names) await k.until(name, ready);
  k.fake.lists = 0;
  for (const name of names) await k.api.call('delete', 'pods', { name });
  for (const name of names) await k.gone(name);
  expect(k.fake.lists).toBe(0);
  expect(k.fake.inspections).toBe(0);
});

test('a sandbox that dies takes its containers with it, and the pod gets a new one', async () => {
  await using k = await startKubelets();
  const { metadata } = await k.pod('web', app);
  await k.until('web', ready);
  k.fake.emit({
    type: 'sandbox',
    node: 'n1',
    podUid: metadata.uid ?? '',
    sandboxId: 'sandbox-web-0',
    what: 'died',
  });
  const pod = await k.until('web', (p) => first(p)?.restartCount === 1 && ready(p));
  expect(pod.status?.podIP).toBe('10.244.0.3');
  expect(k.fake.running()).toEqual(['web-web-1']);
});
