import { expect, test } from 'vitest';
import { podDisruptionBudgets } from '../../../../src/api/kinds.gen.ts';
import type { PodDisruptionBudget } from '../../../../src/api/types/policy-v1.gen.ts';
import type { Informers } from '../../../../src/client/informers.ts';
import { InformerWorld } from '../../../../src/scheduler/state/informer-world.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod } from '../kit.ts';
import { Shelves } from '../shelf.ts';

const budget = (name: string, app: string, status: object): PodDisruptionBudget =>
  ({
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed: 0, ...status },
  }) as PodDisruptionBudget;

/** Whether evicting pods of these apps one after the other goes beyond some budget. */
function violated(budgets: readonly PodDisruptionBudget[], ...apps: string[]): boolean[] {
  const shelves = new Shelves();
  for (const object of budgets) shelves.shelf(podDisruptionBudgets).set(object);
  const violates = new InformerWorld(shelves as unknown as Informers).violations();
  return apps.map((app, n) => violates(podInfo(pod({ name: `${app}-${n}`, labels: { app } }))));
}

test('as many pods as a budget allows, and no more', () => {
  expect(violated([budget('b', 'web', { disruptionsAllowed: 2 })], 'web', 'db', 'web', 'web', 'db')).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});

test('a pod of several budgets counts for each', () => {
  const budgets = [budget('a', 'web', { disruptionsAllowed: 5 }), budget('b', 'web', { disruptionsAllowed: 1 })];
  expect(violated(budgets, 'web', 'web')).toEqual([false, true]);
});

test('who is on the way already does not count again', () => {
  const gone = budget('b', 'web', { disruptedPods: { 'web-0': '2026-01-01T00:00:00Z' } });
  expect(violated([gone], 'web', 'web')).toEqual([false, true]);
});

test('each look counts anew', () => {
  const shelves = new Shelves();
  shelves.shelf(podDisruptionBudgets).set(budget('b', 'web', { disruptionsAllowed: 1 }));
  const world = new InformerWorld(shelves as unknown as Informers);
  const web = podInfo(pod({ labels: { app: 'web' } }));
  expect([world.violations()(web), world.violations()(web)]).toEqual([false, false]);
});
