import { describe, expect, test } from 'vitest';
import { labelsAsSelector } from '../../../../src/api/selector.ts';
import type { TopologySpreadConstraint } from '../../../../src/api/types/core-v1.gen.ts';
import { balancedAllocationPlugin } from '../../../../src/scheduler/plugins/balanced-allocation.ts';
import { interPodAffinityPlugin } from '../../../../src/scheduler/plugins/inter-pod-affinity.ts';
import { nodeAffinityPlugin } from '../../../../src/scheduler/plugins/node-affinity.ts';
import { podTopologySpreadPlugin } from '../../../../src/scheduler/plugins/pod-topology-spread.ts';
import { enoughCandidates } from '../../../../src/scheduler/preemption/preemption.ts';
import { filtered, type NodeFields, type PodFields, scored } from '../kit.ts';

const ssd = { matchExpressions: [{ key: 'disk', operator: 'In' as const, values: ['ssd'] }] };
const disks: NodeFields[] = [{ name: 'a', labels: { disk: 'ssd' } }, { name: 'b' }];

describe('an affinity that a profile adds', () => {
  test('keeps every pod to the nodes it names', () => {
    const plugin = nodeAffinityPlugin({
      addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [ssd] } },
    });
    const enforced = "node(s) didn't match scheduler-enforced node affinity (unresolvable)";
    const own = "node(s) didn't match Pod's node affinity/selector (unresolvable)";
    expect(filtered(plugin, {}, disks)).toEqual({ a: 'ok', b: enforced });
    expect(filtered(plugin, { nodeSelector: { disk: 'hdd' } }, disks)).toEqual({ a: own, b: enforced });
  });

  test('adds to what pods prefer themselves', () => {
    const preferred = (weight: number, preference: object) => ({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight, preference }],
    });
    const plugin = nodeAffinityPlugin({ addedAffinity: preferred(1, ssd) });
    expect(scored(plugin, {}, disks)).toEqual({ a: 100, b: 0 });
    const other = { matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' as const }] };
    expect(scored(plugin, { affinity: { nodeAffinity: preferred(4, other) } }, disks)).toEqual({ a: 25, b: 100 });
  });
});

describe('pods that want company', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } };
  const requires: PodFields = {
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  };
  const prefers: PodFields = {
    affinity: {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] },
    },
  };
  const nodes: NodeFields[] = [
    { name: 'a', pods: [requires] },
    { name: 'b', pods: [prefers, prefers] },
  ];
  const web: PodFields = { labels: { app: 'web' } };
  const args = { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false };

  test.each([
    [1, { a: 0, b: 100 }],
    [0, { a: 0, b: 100 }],
    [5, { a: 100, b: 0 }],
  ])('weigh %i where they require it', (hardPodAffinityWeight, scores) => {
    expect(scored(interPodAffinityPlugin({ ...args, hardPodAffinityWeight }), web, nodes)).toEqual(scores);
  });

  test('may be of no interest to pods that want none', () => {
    const plugin = interPodAffinityPlugin({ ...args, ignorePreferredTermsOfExistingPods: true });
    expect(scored(plugin, web, nodes)).toBeUndefined();
    expect(scored(plugin, { ...web, ...prefers }, nodes)).toBeDefined();
  });
});

describe('constraints that a profile has for pods without any', () => {
  const constraint = (whenUnsatisfiable: TopologySpreadConstraint['whenUnsatisfiable']) => ({
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable,
  });
  const web: PodFields = { labels: { app: 'web' } };
  const spread = labelsAsSelector({ app: 'web' });
  const nodes: NodeFields[] = [
    { name: 'a', labels: { zone: 'a' }, pods: [web] },
    { name: 'b', labels: { zone: 'b' } },
    { name: 'nowhere' },
  ];
  const plugin = (action: TopologySpreadConstraint['whenUnsatisfiable']) =>
    podTopologySpreadPlugin({ defaultingType: 'List', defaultConstraints: [constraint(action)] });
  const reason = "node(s) didn't match pod topology spread constraints";

  test('rule out what would be too many of those that Services and controllers select', () => {
    const hard = plugin('DoNotSchedule');
    expect(filtered(hard, web, nodes, { spread })).toEqual({
      a: reason,
      b: 'ok',
      nowhere: `${reason} (missing required label) (unresolvable)`,
    });
    expect(filtered(hard, web, nodes)).toEqual({ a: 'ok', b: 'ok', nowhere: 'ok' });
    const own = { ...web, topologySpreadConstraints: [{ ...constraint('ScheduleAnyway'), labelSelector: {} }] };
    expect(filtered(hard, own, nodes, { spread })).toEqual({ a: 'ok', b: 'ok', nowhere: 'ok' });
  });

  test('or are a wish', () => {
    expect(scored(plugin('ScheduleAnyway'), web, nodes, { spread })).toEqual({ a: 0, b: 100, nowhere: 0 });
  });
});

test('balance is struck between the resources that are named', () => {
  const resources = ['cpu', 'memory', 'ephemeral-storage'].map((name) => ({ name, weight: 1 }));
  const allocatable = { cpu: '4', memory: '4Gi', 'ephemeral-storage': '4Gi' };
  const wanted: PodFields = { requests: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '1Gi' } };
  const nodes = [{ name: 'n', allocatable }];
  expect(scored(balancedAllocationPlugin(), wanted, nodes)).toEqual({ n: 75 });
  // Of 1/2, 1/2 and 1/4 the standard deviation is 0.1178...: half of that is lost.
  expect(scored(balancedAllocationPlugin({ resources }), wanted, nodes)).toEqual({ n: 69 });
  expect(scored(balancedAllocationPlugin({ resources }), {}, nodes)).toBeUndefined();
});

test.each([
  [50, 10, 100, 50],
  [5000, 10, 100, 500],
  [5000, 1, 100, 100],
  [5000, 0, 7, 7],
])('of %i nodes, %i percent and at least %i: %i candidates', (nodes, percentage, absolute, enough) => {
  const args = { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute };
  expect(enoughCandidates(nodes, args)).toBe(enough);
});
