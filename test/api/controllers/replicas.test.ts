import { expect, test } from 'vitest';
import { events, pods, replicaSets, replicationControllers, serviceAccounts } from '../../../src/api/kinds.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { controlPlane } from '../../kit/controllers.ts';

const labels = { app: 'web' };
const template = (more: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'web:1' }], ...more },
});
const key = { namespace: 'default', name: 'web' };

test('a ReplicationController keeps its pods, scales, releases and adopts', async () => {
  await using plane = await controlPlane();
  const client = plane.client.resource(replicationControllers);
  await client.create({ metadata: key, spec: { replicas: 2, selector: labels, template: template() } });
  const made = await plane.until(replicationControllers, 'default/web', (c) => c?.status?.readyReplicas === 2);
  expect(made?.status).toEqual({
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: made?.metadata.generation,
  });
  const [first] = plane.informers.of(pods).list('default');
  expect(first?.metadata.ownerReferences).toMatchObject([
    { apiVersion: 'v1', kind: 'ReplicationController', name: 'web' },
  ]);
  const name = first!.metadata.name!;
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name }, { metadata: { labels: { app: 'other' } } });
  await plane.until(pods, `default/${name}`, (p) => !p?.metadata.ownerReferences?.length);
  await plane.untilAll(pods, (all) => all.filter((p) => p.metadata.labels?.['app'] === 'web').length === 2);
  await client.mergePatch(key, { spec: { replicas: 0 } });
  await plane.untilAll(pods, (all) => all.length === 1 && all[0]!.metadata.name === name);
});

test('pods that cannot be made are told by event and condition, and made as soon as they can be', async () => {
  await using plane = await controlPlane();
  const client = plane.client.resource(replicaSets);
  const spec = { replicas: 3, selector: { matchLabels: labels }, template: template({ serviceAccountName: 'robot' }) };
  await client.create({ metadata: key, spec });
  const failing = await plane.until(replicaSets, 'default/web', (s) => s?.status?.conditions?.length === 1);
  expect(failing?.status?.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
  ]);
  expect(failing?.status?.conditions?.[0]?.message).toContain('robot');
  const [told] = await plane.untilAll(events, (all) => all.some((e) => e.reason === 'FailedCreate'));
  expect(told).toMatchObject({ type: 'Warning', involvedObject: { kind: 'ReplicaSet', name: 'web' } });
  expect(told?.message).toMatch(/^Error creating: /);
  await plane.client.resource(serviceAccounts).create({ metadata: { namespace: 'default', name: 'robot' } });
  await plane.until(replicaSets, 'default/web', (s) => s?.status?.readyReplicas === 3 && !s.status.conditions);
});

test('minReadySeconds delays availability, not readiness', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  const spec = { replicas: 1, minReadySeconds: 10, selector: { matchLabels: labels }, template: template() };
  await plane.client.resource(replicaSets).create({ metadata: key, spec });
  const ready = await plane.until(replicaSets, 'default/web', (s) => s?.status?.readyReplicas === 1);
  expect(ready?.status?.availableReplicas).toBeUndefined();
  await clock.advance(10_000);
  await plane.until(replicaSets, 'default/web', (s) => s?.status?.availableReplicas === 1);
});

test('controllers that end and begin again make no pod twice', async () => {
  const working = ['replicaset-controller', 'deployment-controller'];
  await using first = await controlPlane({ disabled: working, pods: false });
  const made = new Set<string>();
  first.informers.of(pods).on({ added: (pod) => void made.add(pod.metadata.uid!) });
  const spec = { replicas: 120, selector: { matchLabels: labels }, template: template() };
  await first.client.resource(replicaSets).create({ metadata: key, spec });
  for (const enough of [1, 60, 119]) {
    await using plane = await controlPlane({ api: first.api });
    await plane.untilAll(pods, (all) => all.length >= enough);
  }
  await using last = await controlPlane({ api: first.api });
  await last.until(replicaSets, 'default/web', (set) => set?.status?.readyReplicas === 120);
  await first.untilAll(pods, (all) => all.length === 120);
  expect(made.size).toBe(120);
});
