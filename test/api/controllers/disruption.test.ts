import { expect, test } from 'vitest';
import { podDisruptionBudgets as budgets, deployments, events, pods } from '../../../src/api/kinds.gen.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import type { ResourceRef } from '../../../src/api/resource-ref.ts';
import { isStatus } from '../../../src/api/status.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import type { PodDisruptionBudgetSpec } from '../../../src/api/types/policy-v1.gen.ts';
import { ManualClock, timestamp } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';
import { cronTab, define } from '../../kit/custom-resources.ts';

const labels = { app: 'web' };
const selector = { matchLabels: labels };

const deploy = (plane: ControlPlane, replicas: number) =>
  plane.client.resource(deployments).create({
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector,
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
    },
  });

const scale = (plane: ControlPlane, replicas: number) =>
  plane.client.resource(deployments).mergePatch({ namespace: 'default', name: 'web' }, { spec: { replicas } });

const guard = (plane: ControlPlane, spec: PodDisruptionBudgetSpec, name = 'web') =>
  plane.client.resource(budgets).create({ metadata: { name, namespace: 'default' }, spec: { selector, ...spec } });

const pod = (name: string, owner?: KubeObject): Pod => ({
  metadata: {
    name,
    namespace: 'default',
    labels,
    ...(owner && {
      ownerReferences: [
        {
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          name: owner.metadata.name!,
          uid: owner.metadata.uid!,
          controller: true,
        },
      ],
    }),
  },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
});

/** A plane whose time stands still but for `pass`. Its pods' node does not exist, which nobody is to mind. */
const standingStill = () => controlPlane({ clock: new ManualClock(), disabled: ['pod-garbage-collector-controller'] });

async function pass(plane: ControlPlane, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) await (plane.clock as ManualClock).advance(1000);
}

/** Resolves when the budget says [expected, desired, current, allowed]. */
const untilCounts = (plane: ControlPlane, counts: readonly number[], name = 'web') =>
  plane.until(budgets, `default/${name}`, (budget) => {
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = budget?.status ?? {};
    return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed].join() === counts.join();
  });

const evict = (plane: ControlPlane, name: string) =>
  plane.client
    .resource(pods)
    .createSubresource({ namespace: 'default', name }, 'eviction', { metadata: { name, namespace: 'default' } });

const untilEvent = async (plane: ControlPlane, reason: string) =>
  (await plane.untilAll(events, (all) => all.some((event) => event.reason === reason))).find(
    (event) => event.reason === reason,
  )!;

const conditionOf = (budget: Awaited<ReturnType<typeof untilCounts>>) => budget?.status?.conditions?.[0];

test('a budget follows its pods and what their Deployment wants', async () => {
  await using plane = await controlPlane();
  await guard(plane, { maxUnavailable: '25%' });
  expect(await untilEvent(plane, 'NoPods')).toMatchObject({
    message: 'No matching pods found',
    source: { component: 'controllermanager' },
  });
  const empty = await untilCounts(plane, [0, 0, 0, 0]);
  await deploy(plane, 4);
  const full = await untilCounts(plane, [4, 3, 4, 1]);
  expect(full?.status?.observedGeneration).toBe(full?.metadata.generation);
  expect(conditionOf(full)).toMatchObject({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' });
  expect(conditionOf(empty)).toMatchObject({ status: 'False', reason: 'InsufficientPods' });
  await scale(plane, 8);
  await untilCounts(plane, [8, 6, 8, 2]);
  await scale(plane, 2);
  await untilCounts(plane, [2, 1, 2, 1]);
  const key = { namespace: 'default', name: 'web' };
  await plane.client.resource(budgets).mergePatch(key, { spec: { maxUnavailable: 0 } });
  expect(conditionOf(await untilCounts(plane, [2, 2, 2, 0]))).toMatchObject({ reason: 'InsufficientPods' });
});

test('a pod leaves a budget with its labels', async () => {
  await using plane = await controlPlane();
  await guard(plane, { minAvailable: 1 });
  for (const name of ['a', 'b']) await plane.client.resource(pods).create(pod(name));
  await untilCounts(plane, [2, 1, 2, 1]);
  await plane.client
    .resource(pods)
    .mergePatch({ namespace: 'default', name: 'a' }, { metadata: { labels: { app: 'other' } } });
  await untilCounts(plane, [1, 1, 1, 0]);
});

test('evictions go as far as the budget allows, and further when replacements are ready', async () => {
  await using plane = await controlPlane();
  await guard(plane, { minAvailable: 2 });
  await deploy(plane, 3);
  await untilCounts(plane, [3, 2, 3, 1]);
  const names = plane.informers
    .of(pods)
    .list('default')
    .map((p) => p.metadata.name!);
  const gone = new Set<string>();
  // As kubectl drain does: every pod is asked for until it is granted.
  for (const name of names) {
    for (;;) {
      try {
        await evict(plane, name);
        gone.add(name);
        break;
      } catch (error) {
        if (!isStatus(error, 'TooManyRequests')) throw error;
        await plane.until(budgets, 'default/web', (budget) => (budget?.status?.disruptionsAllowed ?? 0) > 0);
      }
    }
  }
  await untilCounts(plane, [3, 2, 3, 1]);
  expect(
    plane.informers
      .of(pods)
      .list('default')
      .filter((p) => gone.has(p.metadata.name!)),
  ).toEqual([]);
  const settled = await plane.until(budgets, 'default/web', (budget) => !budget?.status?.disruptedPods);
  expect(settled?.status?.disruptionsAllowed).toBe(1);
});

test('an eviction that was granted and never came is given back after two minutes', async () => {
  await using plane = await standingStill();
  for (const name of ['a', 'b']) await plane.client.resource(pods).create(pod(name));
  await guard(plane, { minAvailable: 1 });
  const budget = await untilCounts(plane, [2, 1, 2, 1]);
  const granted = { a: timestamp(plane.clock.wall()) };
  const status = { ...budget!.status, disruptedPods: granted, disruptionsAllowed: 0 };
  await plane.client.resource(budgets).updateStatus({ ...budget!, status });
  const waiting = await untilCounts(plane, [2, 1, 1, 0]);
  expect(waiting?.status?.disruptedPods).toEqual(granted);
  await pass(plane, 119);
  expect(plane.informers.of(budgets).get('default/web')?.status?.disruptedPods).toEqual(granted);
  await pass(plane, 3);
  const back = await untilCounts(plane, [2, 1, 2, 1]);
  expect(back?.status?.disruptedPods).toBeUndefined();
  expect(await untilEvent(plane, 'NotDeleted')).toMatchObject({
    message: "Pod was expected by PDB default/web to be deleted but it wasn't",
    involvedObject: { kind: 'Pod', name: 'a' },
  });
});

test('a pod that announces its deletion for two minutes in vain takes that back', async () => {
  await using plane = await standingStill();
  await plane.client.resource(pods).create(pod('a'));
  await plane.until(pods, 'default/a', (p) => p?.status?.phase === 'Running');
  const targetOf = (p: Pod | undefined) => p?.status?.conditions?.find((c) => c.type === 'DisruptionTarget');
  const announced = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
  const conditions = [{ ...announced, lastTransitionTime: timestamp(plane.clock.wall()) }];
  const key = { namespace: 'default', name: 'a' };
  await plane.client
    .resource(pods)
    .patch(key, { type: 'strategic', body: { status: { conditions } } }, { subresource: 'status' });
  await plane.until(pods, 'default/a', (p) => targetOf(p)?.status === 'True');
  await pass(plane, 119);
  expect(targetOf(plane.informers.of(pods).get('default/a'))?.status).toBe('True');
  await pass(plane, 3);
  const after = await plane.until(pods, 'default/a', (p) => targetOf(p)?.status === 'False');
  expect(targetOf(after)).not.toHaveProperty('reason');
  expect(after?.status?.conditions?.find((c) => c.type === 'Ready')?.status).toBe('True');
});

const cronTabs: ResourceRef<KubeObject> = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'crontabs',
  kind: 'CronTab',
  namespaced: true,
};

test('what a custom resource wants is asked of its scale subresource', async () => {
  await using plane = await controlPlane({ disabled: ['garbage-collector-controller'] });
  const scaled = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  await define(plane.api, { version: { subresources: { scale: scaled } } });
  const made = await plane.client
    .resource(cronTabs)
    .create({ ...cronTab('t'), metadata: { name: 't', namespace: 'default' }, spec: { replicas: 4 } });
  for (const name of ['a', 'b', 'c']) await plane.client.resource(pods).create(pod(name, made));
  await guard(plane, { minAvailable: '50%' });
  await untilCounts(plane, [4, 2, 3, 1]);
});

test('where owners cannot be asked nothing may be evicted, and the budget says why', async () => {
  await using plane = await controlPlane();
  await define(plane.api);
  const made = await plane.client
    .resource(cronTabs)
    .create({ ...cronTab('t'), metadata: { name: 't', namespace: 'default' } });
  await plane.client.resource(pods).create(pod('a', made));
  await guard(plane, { maxUnavailable: 1 });
  const failed = await plane.until(budgets, 'default/web', (b) => conditionOf(b)?.reason === 'SyncFailed');
  const why = 'crontabs.stable.example.com does not implement the scale subresource';
  expect(conditionOf(failed)).toMatchObject({ status: 'False', message: why });
  expect(failed?.status?.disruptionsAllowed).toBe(0);
  const { message } = await untilEvent(plane, 'CalculateExpectedPodCountFailed');
  expect(message).toBe(`Failed to calculate the number of expected pods: ${why}`);
});

test('pods without an owner and pods of several budgets are told of', async () => {
  await using plane = await controlPlane();
  await guard(plane, { maxUnavailable: 1 }, 'one');
  await guard(plane, { minAvailable: 1 }, 'two');
  await plane.client.resource(pods).create(pod('a'));
  const { message } = await untilEvent(plane, 'UnmanagedPods');
  expect(message).toBe(
    'Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. ' +
      'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
      'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
  );
  const several = await untilEvent(plane, 'MultiplePodDisruptionBudgets');
  expect(several.message).toMatch(
    /^Pod "default"\/"a" matches multiple PodDisruptionBudgets. {2}Chose "(one|two)" arbitrarily\.$/,
  );
  await untilCounts(plane, [1, 1, 1, 0], 'two');
});
