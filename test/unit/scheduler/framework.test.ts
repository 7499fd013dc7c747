import { expect, test } from 'vitest';
import { type extensionPoints, knownPlugins } from '../../../src/scheduler/config/known-plugins.ts';
import { readSchedulerConfig } from '../../../src/scheduler/config/scheduler-config.ts';
import { availablePlugins, buildFramework } from '../../../src/scheduler/framework.ts';
import { plugins as descriptors } from '../../../src/scheduler/plugins/index.ts';
import { podInfo } from '../../../src/scheduler/state/pod-info.ts';
import { pod, table, world } from './kit.ts';
import { handle } from './shelf.ts';

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** The framework of a scheduler's one profile, from what is written of it. */
function framework(profile = '') {
  const { config } = readSchedulerConfig(`${head}profiles: [{${profile}}]\n`, availablePlugins);
  const recorder = { event: () => undefined };
  const scene = { nodes: table([]), world: world(), extenders: [], preempting: new Set(['uid-default-preemptor']) };
  return buildFramework(config.profiles[0]!, handle(), scene, recorder);
}

test('every plugin there is can be configured, by the extension points it takes part in', () => {
  const known = new Map(knownPlugins.map((plugin) => [plugin.name, plugin]));
  for (const { name, build } of descriptors) {
    const points = known.get(name)?.points;
    expect(points, name).toBeDefined();
    const plugin = build(handle());
    const takesPart = {
      preEnqueue: plugin.gate,
      filter: plugin.filter ?? plugin.rules,
      score: plugin.score ?? plugin.rate,
      reserve: plugin.reserve,
      bind: plugin.bind,
    };
    for (const [point, step] of Object.entries(takesPart)) {
      expect(points!.includes(point as keyof typeof extensionPoints), `${name} at ${point}`).toBe(step !== undefined);
    }
  }
});

test('by default plugins filter and score as they come', () => {
  const { plugins } = framework();
  const filters = plugins.filter(({ filter }) => filter).map(({ name }) => name);
  expect(filters.slice(0, 3)).toEqual(['NodeUnschedulable', 'NodeName', 'TaintToleration']);
  expect(plugins.find(({ name }) => name === 'TaintToleration')!.weight).toBe(3);
});

test('a plugin may be there for its score alone, with another weight, or for its filter alone', () => {
  const { plugins } = framework(
    'plugins: {filter: {disabled: [{name: NodeAffinity}]}, score: {disabled: [{name: TaintToleration}], enabled: [{name: NodeAffinity, weight: 7}]}}',
  );
  const affinity = plugins.find(({ name }) => name === 'NodeAffinity')!;
  expect(affinity.filter).toBeUndefined();
  expect(affinity.narrow).toBeUndefined();
  expect(affinity.rate).toBeDefined();
  expect(affinity.weight).toBe(7);
  const taints = plugins.find(({ name }) => name === 'TaintToleration')!;
  expect(taints.filter).toBeDefined();
  expect(taints.rate).toBeUndefined();
});

test('a profile without DefaultPreemption evicts nobody', () => {
  expect(framework().preemption).toEqual({ minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 });
  expect(framework('plugins: {postFilter: {disabled: [{name: "*"}]}}').preemption).toBeUndefined();
});

test('pods with gates wait, and pods for which others are just being evicted', () => {
  const { gates } = framework();
  const waits = (fields: Parameters<typeof pod>[0]) =>
    [...gates].filter(([, gate]) => gate(podInfo(pod(fields)))).map(([name]) => name);
  expect(waits({})).toEqual([]);
  expect(waits({ schedulingGates: [{ name: 'a' }] })).toEqual(['SchedulingGates']);
  expect(waits({ name: 'preemptor' })).toEqual(['DefaultPreemption']);
});
