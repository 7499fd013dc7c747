import { expect, test } from 'vitest';
import { isBound, isRefused, scheduled, schedulerRig } from '../../kit/scheduler.ts';

const two = `
profiles:
- schedulerName: default-scheduler
- schedulerName: anywhere
  plugins:
    multiPoint:
      disabled: [{name: NodeResourcesFit}, {name: TaintToleration}]
`;

test('each pod is placed by the profile it names, which the events name too; others are left alone', async () => {
  await using rig = await schedulerRig(two);
  await rig.addNode({ name: 'small', allocatable: { cpu: '1' } });
  await rig.addPod({ name: 'foreign', schedulerName: 'somebody-else' });
  await rig.addPod({ name: 'strict', requests: { cpu: '2' } });
  await rig.addPod({ name: 'loose', requests: { cpu: '2' }, schedulerName: 'anywhere' });
  expect((await rig.until('loose', isBound)).spec?.nodeName).toBe('small');
  const strict = await rig.until('strict', isRefused);
  expect(scheduled(strict)).toMatchObject({ reason: 'Unschedulable' });
  expect(await rig.told('loose')).toMatchObject([
    { reason: 'Scheduled', reportingComponent: 'anywhere', source: { component: 'anywhere' } },
  ]);
  expect(await rig.told('strict')).toMatchObject([
    { reason: 'FailedScheduling', reportingComponent: 'default-scheduler' },
  ]);
  expect(await rig.told('foreign')).toEqual([]);
  const foreign = await rig.until('foreign', () => true);
  expect([isBound(foreign), scheduled(foreign)]).toEqual([false, undefined]);
});

test('a scheduler may do without the default name', async () => {
  await using rig = await schedulerRig('profiles: [{schedulerName: mine}]\n');
  await rig.addNode({ name: 'n' });
  await rig.addPod({ name: 'theirs' });
  await rig.addPod({ name: 'mine', schedulerName: 'mine' });
  await rig.until('mine', isBound);
  expect(isBound(await rig.until('theirs', () => true))).toBe(false);
});

test('weights decide where a pod goes', async () => {
  const favour = (plugin: string) =>
    `{multiPoint: {disabled: [{name: ImageLocality}, {name: PodTopologySpread}]}, score: {enabled: [{name: ${plugin}, weight: 50}]}}`;
  await using rig = await schedulerRig(`
profiles:
- schedulerName: by-wish
  plugins: ${favour('NodeAffinity')}
- schedulerName: by-room
  plugins: ${favour('NodeResourcesFit')}
`);
  await rig.addNode({ name: 'wished', labels: { disk: 'ssd' }, allocatable: { cpu: '2' } });
  await rig.addNode({ name: 'roomy', allocatable: { cpu: '100', memory: '100Gi' } });
  const preference = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] },
  };
  const fields = { requests: { cpu: '1', memory: '4Gi' }, affinity };
  await rig.addPod({ name: 'a', schedulerName: 'by-wish', ...fields });
  await rig.addPod({ name: 'b', schedulerName: 'by-room', ...fields });
  expect((await rig.until('a', isBound)).spec?.nodeName).toBe('wished');
  expect((await rig.until('b', isBound)).spec?.nodeName).toBe('roomy');
});

test('without DefaultPreemption nobody is evicted, and nothing is said of it', async () => {
  await using rig = await schedulerRig(
    'profiles: [{plugins: {postFilter: {disabled: [{name: DefaultPreemption}]}}}]\n',
  );
  await rig.addNode({ name: 'n', allocatable: { cpu: '1' } });
  for (const [name, value] of [
    ['low', 1],
    ['high', 1000],
  ] as const) {
    const resource = 'scheduling.k8s.io/v1/priorityclasses';
    await rig.api.call('create', resource, { namespace: '', object: { metadata: { name }, value } });
  }
  await rig.addPod({ name: 'lesser', requests: { cpu: '1' }, priorityClassName: 'low' });
  await rig.until('lesser', isBound);
  await rig.addPod({ name: 'important', requests: { cpu: '1' }, priorityClassName: 'high' });
  const refused = await rig.until('important', isRefused);
  expect(scheduled(refused)?.message).toBe('0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate');
});
