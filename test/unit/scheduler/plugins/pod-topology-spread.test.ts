import { describe, expect, test } from 'vitest';
import { labelsAsSelector } from '../../../../src/api/selector.ts';
import type { TopologySpreadConstraint } from '../../../../src/api/types/core-v1.gen.ts';
import { podTopologySpread } from '../../../../src/scheduler/plugins/pod-topology-spread.ts';
import { filtered, scored } from '../kit.ts';

const labels = { app: 'web' };
const zone = 'topology.kubernetes.io/zone';
const skewed = "node(s) didn't match pod topology spread constraints";
const constraint = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: zone,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: labels },
  ...more,
});
const nodes = [
  { name: 'a1', labels: { [zone]: 'a' }, pods: [{ labels }, { labels }] },
  { name: 'a2', labels: { [zone]: 'a' } },
  {
    name: 'b1',
    labels: { [zone]: 'b' },
    pods: [{ labels }, { labels, deleted: true }, { labels, namespace: 'other' }],
  },
  { name: 'none' },
];

describe('filter', () => {
  test('keeps the skew between domains; terminating and foreign pods do not count', () => {
    expect(filtered(podTopologySpread, { labels, topologySpreadConstraints: [constraint()] }, nodes)).toEqual({
      a1: skewed,
      a2: skewed,
      b1: 'ok',
      none: `${skewed} (missing required label) (unresolvable)`,
    });
  });
  test('a wider skew lets more in', () => {
    const result = filtered(
      podTopologySpread,
      { labels, topologySpreadConstraints: [constraint({ maxSkew: 2 })] },
      nodes,
    );
    expect(result).toMatchObject({ a1: 'ok', b1: 'ok' });
  });
  test('with too few domains none is counted as empty', () => {
    const topologySpreadConstraints = [constraint({ minDomains: 3 })];
    expect(filtered(podTopologySpread, { labels, topologySpreadConstraints }, nodes)).toMatchObject({
      a1: skewed,
      b1: skewed,
    });
  });
  test('domains the pod may not use do not count', () => {
    const pod = { labels, nodeSelector: { [zone]: 'a' }, topologySpreadConstraints: [constraint()] };
    expect(filtered(podTopologySpread, pod, nodes)).toMatchObject({ a1: 'ok', a2: 'ok' });
  });
});

describe('score', () => {
  test('pods of one set spread over nodes by default', () => {
    const flat = [
      { name: 'two', pods: [{ labels }, { labels }] },
      { name: 'one', pods: [{ labels }] },
      { name: 'none' },
    ];
    const scores = scored(podTopologySpread, { labels }, flat, { spread: labelsAsSelector(labels) })!;
    expect(scores['none']).toBeGreaterThan(scores['one']!);
    expect(scores['one']).toBeGreaterThan(scores['two']!);
    expect(scores['none']).toBe(100);
  });
  test('soft constraints of its own replace the defaults', () => {
    const topologySpreadConstraints = [constraint({ whenUnsatisfiable: 'ScheduleAnyway' })];
    const scores = scored(podTopologySpread, { labels, topologySpreadConstraints }, nodes)!;
    expect(scores['b1']).toBeGreaterThan(scores['a2']!);
    expect(scores['a1']).toBe(scores['a2']);
    expect(scores['none']).toBe(0);
  });
  test('no opinion on a pod nothing selects', () => {
    expect(scored(podTopologySpread, {}, nodes)).toBeUndefined();
  });
});
