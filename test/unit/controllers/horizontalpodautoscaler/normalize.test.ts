import { describe, expect, test } from 'vitest';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../../../src/api/types/autoscaling-v2.gen.ts';
import { type History, newHistory } from '../../../../src/controllers/horizontalpodautoscaler/history.ts';
import { normalize } from '../../../../src/controllers/horizontalpodautoscaler/normalize.ts';
import { downLimit, noteChange, upLimit } from '../../../../src/controllers/horizontalpodautoscaler/scaling-limits.ts';

const start = 1_000_000;
const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds });

interface Behavior {
  readonly scaleUp?: HPAScalingRules;
  readonly scaleDown?: HPAScalingRules;
}

const autoscaler = (behavior?: Behavior, maxReplicas = 100, minReplicas = 1): HorizontalPodAutoscaler => ({
  metadata: { name: 'a' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas, maxReplicas, ...(behavior && { behavior }) },
});

/** Normalizes recommendations one after the other, given as [seconds since the start, replicas there, wanted]. */
function run(hpa: HorizontalPodAutoscaler, looks: readonly (readonly [number, number, number])[]) {
  const history = newHistory(looks[0]![1], start);
  return looks.map(([seconds, current, wanted]) => {
    const { replicas, findings } = normalize(hpa, current, wanted, history, start + seconds * 1000);
    return [replicas, ...findings.map(({ status, reason }) => `${reason} ${status}`)];
  });
}

describe('without behavior', () => {
  test.each<[string, number, number, number, string]>([
    ['within range', 3, 5, 5, 'DesiredWithinRange False'],
    ['at most twice of what there is', 10, 50, 20, 'ScaleUpLimit True'],
    ['but four from the start', 1, 50, 4, 'ScaleUpLimit True'],
    ['at most the maximum', 60, 500, 100, 'TooManyReplicas True'],
    ['at least the minimum', 3, 0, 2, 'TooFewReplicas True'],
  ])('%s', (_, current, wanted, replicas, limit) => {
    // The first recommendation is long ago: nothing is held back in time.
    const history: History = { recommendations: [{ replicas: 1, at: start - 400_000 }], ups: [], downs: [] };
    const done = normalize(autoscaler(undefined, 100, 2), current, wanted, history, start);
    expect([done.replicas, `${done.findings[1]?.reason} ${done.findings[1]?.status}`]).toEqual([replicas, limit]);
  });

  test('a smaller recommendation waits five minutes, a larger one counts at once', () => {
    const inRange = 'DesiredWithinRange False';
    expect(
      run(autoscaler(), [
        [0, 5, 5],
        [15, 5, 2],
        [299, 5, 2],
        [301, 5, 2],
        [315, 2, 4],
      ]),
    ).toEqual([
      [5, 'ReadyForNewScale True', inRange],
      [5, 'ScaleDownStabilized True', inRange],
      [5, 'ScaleDownStabilized True', inRange],
      [2, 'ReadyForNewScale True', inRange],
      [4, 'ReadyForNewScale True', inRange],
    ]);
  });
});

describe('with behavior', () => {
  const atOnce = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(100, 15)] };

  test('each direction has a window of its own', () => {
    const scaleUp = { ...atOnce, stabilizationWindowSeconds: 60, policies: [percent(900, 15)] };
    const scaleDown = { ...atOnce, stabilizationWindowSeconds: 120 };
    expect(
      run(autoscaler({ scaleUp, scaleDown }), [
        [0, 5, 5],
        [15, 5, 9],
        [45, 5, 8],
        [61, 5, 9],
        [80, 8, 3],
        [200, 8, 3],
      ]).map(([replicas, reason]) => [replicas, reason]),
    ).toEqual([
      [5, 'ReadyForNewScale True'],
      [5, 'ScaleUpStabilized True'],
      [5, 'ScaleUpStabilized True'],
      [8, 'ScaleUpStabilized True'],
      [8, 'ScaleDownStabilized True'],
      [3, 'ReadyForNewScale True'],
    ]);
  });

  test('without a window downwards, five minutes are waited', () => {
    const { stabilizationWindowSeconds: _, ...scaleDown } = atOnce;
    expect(
      run(autoscaler({ scaleUp: atOnce, scaleDown }), [
        [0, 5, 5],
        [299, 5, 1],
        [301, 5, 1],
      ]).map(([replicas]) => replicas),
    ).toEqual([5, 5, 1]);
  });

  test('what limits is said', () => {
    const scaleUp = { ...atOnce, policies: [pods(2)] };
    const scaleDown = { ...atOnce, policies: [pods(1)] };
    const limited = (current: number, wanted: number, max = 100, min = 1) =>
      run(autoscaler({ scaleUp, scaleDown }, max, min), [[0, current, wanted]])[0];
    expect(limited(5, 9)).toEqual([7, 'ReadyForNewScale True', 'ScaleUpLimit True']);
    expect(limited(5, 9, 6)).toEqual([6, 'ReadyForNewScale True', 'TooManyReplicas True']);
    expect(limited(5, 6)).toEqual([6, 'ReadyForNewScale True', 'DesiredWithinRange False']);
    expect(limited(5, 1)).toEqual([4, 'ReadyForNewScale True', 'ScaleDownLimit True']);
    expect(limited(5, 1, 100, 5)).toEqual([5, 'ReadyForNewScale True', 'TooFewReplicas True']);
  });
});

describe('policies', () => {
  const rules = (selectPolicy: string, ...policies: HPAScalingRules['policies'] & object): HPAScalingRules => ({
    selectPolicy,
    policies,
  });
  const none: History = { recommendations: [], ups: [], downs: [] };

  test.each<[string, HPAScalingRules, number, number]>([
    ['the larger of two changes', rules('Max', pods(4), percent(50)), 20, 30],
    ['the smaller of two changes', rules('Min', pods(4), percent(50)), 20, 24],
    ['a share is rounded up', rules('Max', percent(10)), 1, 2],
    ['none', rules('Disabled', pods(4)), 20, 20],
  ])('upwards: %s', (_, given, current, limit) => {
    expect(upLimit(current, given, none, start)).toBe(limit);
  });

  test.each<[string, HPAScalingRules, number, number]>([
    ['the larger of two changes', rules('Max', pods(4), percent(50)), 20, 10],
    ['the smaller of two changes', rules('Min', pods(4), percent(50)), 20, 16],
    ['a share is cut off', rules('Max', percent(10)), 5, 4],
    ['none', rules('Disabled', pods(4)), 20, 20],
  ])('downwards: %s', (_, given, current, limit) => {
    expect(downLimit(current, given, none, start)).toBe(limit);
  });

  test('what was added and removed within a period counts against it', () => {
    const behavior = { scaleUp: rules('Max', pods(4)), scaleDown: rules('Max', pods(3)) };
    const history: History = { recommendations: [], ups: [], downs: [] };
    noteChange(history, 5, 8, behavior, start);
    expect(upLimit(8, behavior.scaleUp, history, start + 30_000)).toBe(9);
    noteChange(history, 8, 9, behavior, start + 30_000);
    expect(upLimit(9, behavior.scaleUp, history, start + 59_000)).toBe(9);
    expect(upLimit(9, behavior.scaleUp, history, start + 60_000)).toBe(12);
    noteChange(history, 9, 7, behavior, start + 61_000);
    expect(downLimit(7, behavior.scaleDown, history, start + 62_000)).toBe(5);
    // What is out of every period is forgotten.
    noteChange(history, 7, 8, behavior, start + 200_000);
    expect(history).toMatchObject({ ups: [{ replicas: 1 }], downs: [{ replicas: 2 }] });
  });

  test('nothing is noted of an autoscaler without policies', () => {
    const history: History = { recommendations: [], ups: [], downs: [] };
    noteChange(history, 1, 2, undefined, start);
    expect(history.ups).toEqual([]);
  });
});
