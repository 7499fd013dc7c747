import { expect, test } from 'vitest';
import { namespaces, nodes, pods } from '../../../src/api/kinds.gen.ts';
import { isBound, isRefused, type SchedulerRig, scheduled, schedulerRig } from '../../kit/scheduler.ts';

/** How often the scheduler has said that it could not place a pod. */
async function attempts(rig: SchedulerRig, name: string): Promise<number> {
  const failed = (await rig.told(name)).filter(({ reason }) => reason === 'FailedScheduling');
  return failed.reduce((sum, { count }) => sum + (count ?? 1), 0);
}

/** Resolves when the scheduler has looked at everything that happened so far. */
async function settled(rig: SchedulerRig, name: string): Promise<void> {
  await rig.addPod({ name, nodeSelector: { nowhere: 'at-all' } });
  await rig.until(name, isRefused);
}

test('a pod that lacks cpu is not tried again for what frees none, and is for what does', async () => {
  await using rig = await schedulerRig();
  await rig.addNode({ name: 'n', allocatable: { cpu: '1' } });
  await rig.addPod({ name: 'waiting', requests: { cpu: '2' } });
  await rig.until('waiting', isRefused);
  expect(await attempts(rig, 'waiting')).toBe(1);
  await rig.client.resource(nodes).mergePatch({ name: 'n' }, { metadata: { labels: { disk: 'ssd' } } });
  const taints = [{ key: 'a', effect: 'PreferNoSchedule' }];
  await rig.client.resource(nodes).mergePatch({ name: 'n' }, { spec: { taints } });
  await rig.client.resource(namespaces).create({ metadata: { name: 'other' } });
  await rig.addNode({ name: 'tiny', allocatable: { cpu: '500m' } });
  await rig.addPod({ name: 'placed' });
  await rig.until('placed', isBound);
  await settled(rig, 'probe');
  expect(await attempts(rig, 'waiting')).toBe(1);
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } };
  await rig.client.resource(nodes).mergePatch({ name: 'n' }, { status }, { subresource: 'status' });
  expect((await rig.until('waiting', isBound)).spec?.nodeName).toBe('n');
  expect(await attempts(rig, 'waiting')).toBe(1);
});

test('a pod that no node tolerates is woken by a taint that goes, and by a toleration of its own', async () => {
  await using rig = await schedulerRig();
  await rig.addNode({ name: 'n', taints: [{ key: 'a', effect: 'NoSchedule' }] });
  await rig.addPod({ name: 'one' });
  await rig.addPod({ name: 'two' });
  for (const name of ['one', 'two']) await rig.until(name, isRefused);
  const own = await rig.until('one', () => true);
  const tolerations = [...(own.spec?.tolerations ?? []), { key: 'a', operator: 'Exists' }];
  await rig.client.resource(pods).mergePatch({ namespace: 'default', name: 'one' }, { spec: { tolerations } });
  await rig.until('one', isBound);
  await settled(rig, 'probe');
  expect(await attempts(rig, 'two')).toBe(1);
  await rig.client.resource(nodes).mergePatch({ name: 'n' }, { spec: { taints: null } });
  await rig.until('two', isBound);
});

test('a gated pod says so, is not tried, and is placed when its gates are gone', async () => {
  await using rig = await schedulerRig();
  await rig.addNode({ name: 'n' });
  const made = await rig.addPod({ name: 'gated', schedulingGates: [{ name: 'x.io/y' }] });
  expect(scheduled(made)).toMatchObject({
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  });
  await settled(rig, 'probe');
  expect(await rig.told('gated')).toEqual([]);
  await rig.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name: 'gated' }, { spec: { schedulingGates: null } });
  await rig.until('gated', isBound);
});

test('pods wait for nodes without being tried over and over', async () => {
  await using rig = await schedulerRig();
  await rig.addPod({ name: 'early' });
  const refused = await rig.until('early', isRefused);
  expect(scheduled(refused)?.message).toBe('no nodes available to schedule pods');
  await rig.addNode({ name: 'n' });
  await rig.until('early', isBound);
});
