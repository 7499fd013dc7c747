import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../../../../src/api/selector.ts';
import type { HorizontalPodAutoscaler } from '../../../../src/api/types/autoscaling-v2.gen.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { newHistory } from '../../../../src/controllers/horizontalpodautoscaler/history.ts';
import {
  able,
  byMetrics,
  statusAfter,
  tolerancesOf,
  unable,
  withoutMetrics,
} from '../../../../src/controllers/horizontalpodautoscaler/plan.ts';
import { MetricFailure } from '../../../../src/controllers/horizontalpodautoscaler/proposals.ts';
import { Selectors } from '../../../../src/controllers/horizontalpodautoscaler/selectors.ts';

const autoscaler = (spec: object = {}, status?: HorizontalPodAutoscaler['status']): HorizontalPodAutoscaler => ({
  metadata: { namespace: 'default', name: 'a' },
  spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 2, maxReplicas: 10, ...spec },
  ...(status && { status }),
});

describe('without asking for metrics', () => {
  test.each([
    ['a target at zero is left alone', 0, 0, ''],
    ['a target above the maximum is brought there', 11, 10, 'Current number of replicas above Spec.MaxReplicas'],
    ['a target below the minimum is brought there', 1, 2, 'Current number of replicas below Spec.MinReplicas'],
  ])('%s', (_, current, replicas, reason) => {
    expect(withoutMetrics(autoscaler(), current)).toMatchObject({ replicas, reason });
  });

  test('a target within its bounds is asked about', () => {
    expect(withoutMetrics(autoscaler(), 2)).toBeUndefined();
  });

  test('it is said that scaling is off', () => {
    const message = 'scaling is disabled since the replica count of the target is zero';
    expect(withoutMetrics(autoscaler(), 0)?.findings).toEqual([
      { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message },
    ]);
  });
});

describe('by metrics', () => {
  const proposed = (name: string, replicas: number) => ({ name, replicas, status: { type: name } });
  const failure = new MetricFailure('FailedGetPodsMetric', 'no luck', 'failed to get pods metric value: no luck');
  const decide = (current: number, ...outcomes: Parameters<typeof byMetrics>[2]) =>
    byMetrics(autoscaler(), current, outcomes, newHistory(1, 0), 0);

  test('the one that asks for most counts', () => {
    const decision = decide(3, proposed('cpu resource', 4), proposed('memory resource', 6), proposed('x', 2));
    expect(decision).toMatchObject({ replicas: 6, reason: 'memory resource above target' });
    expect(decision.findings[0]).toEqual({
      type: 'ScalingActive',
      status: 'True',
      reason: 'ValidMetricFound',
      message: 'the HPA was able to successfully calculate a replica count from memory resource',
    });
  });

  test('all below target', () => {
    expect(decide(6, proposed('cpu', 4), proposed('memory', 3))).toMatchObject({
      replicas: 4,
      reason: 'All metrics below target',
    });
  });

  test('a bad one does not keep the others from scaling up', () => {
    expect(decide(3, failure, proposed('cpu', 5))).toMatchObject({
      replicas: 5,
      metrics: [{ type: '' }, { type: 'cpu' }],
    });
  });

  test.each([
    ['from scaling down', [failure, proposed('cpu', 2)], '1 invalid out of 2'],
    ['alone', [failure], '1 invalid out of 1'],
  ])('but %s', (_, outcomes, count) => {
    expect(decide(3, ...outcomes)).toMatchObject({
      failure: `invalid metrics (${count}), first error is: failed to get pods metric value: no luck`,
      findings: [
        {
          type: 'ScalingActive',
          status: 'False',
          reason: 'FailedGetPodsMetric',
          message: 'the HPA was unable to compute the replica count: no luck',
        },
      ],
    });
  });
});

describe('the status', () => {
  const before = {
    lastScaleTime: '2026-01-01T00:00:00Z',
    currentReplicas: 3,
    desiredReplicas: 3,
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'ReadyForNewScale',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  };
  const now = Date.parse('2026-01-01T00:01:00Z');

  test('keeps everything but conditions when the scale is unknown', () => {
    const findings = [unable('FailedGetScale', 'gone')];
    expect(statusAfter(autoscaler({}, before), { findings }, now)).toEqual({
      ...before,
      conditions: [
        {
          type: 'AbleToScale',
          status: 'False',
          reason: 'FailedGetScale',
          message: 'gone',
          lastTransitionTime: '2026-01-01T00:01:00Z',
        },
      ],
    });
  });

  test('a condition keeps its time while its status is the same', () => {
    const findings = [able('SucceededGetScale', 'a'), able('SucceededRescale', 'b')];
    const outcome = { findings, current: 3, desired: 5, rescaled: true };
    expect(statusAfter(autoscaler({}, before), outcome, now)).toEqual({
      lastScaleTime: '2026-01-01T00:01:00Z',
      currentReplicas: 3,
      desiredReplicas: 5,
      conditions: [{ ...before.conditions[0], reason: 'SucceededRescale', message: 'b' }],
    });
  });

  test('what was wanted stays where nothing could be decided', () => {
    expect(statusAfter(autoscaler({}, before), { findings: [], current: 4 }, now)).toMatchObject({
      currentReplicas: 4,
      desiredReplicas: 3,
      lastScaleTime: before.lastScaleTime,
    });
  });
});

test('tolerances are a tenth unless a direction has its own', () => {
  expect(tolerancesOf(autoscaler())).toEqual({ down: 0.1, up: 0.1 });
  expect(tolerancesOf(autoscaler({ behavior: { scaleUp: { tolerance: '50m' } } }))).toEqual({ down: 0.1, up: 0.05 });
});

describe('autoscalers about the same pods', () => {
  const pod = (labels: Record<string, string>) => ({ metadata: { name: 'p', labels } }) as Pod;
  const selector = parseLabelSelector('app=web');
  const all = new Selectors();
  all.set('default', 'b', selector);
  all.set('default', 'a', parseLabelSelector('tier in (front, back)'));
  all.set('default', 'other', parseLabelSelector('app=other'));
  all.set('elsewhere', 'b', selector);

  test('are found by a pod that both select, in their own namespace', () => {
    expect(all.sharing('default', selector, [pod({ app: 'web', tier: 'front' })])).toEqual(['default/a', 'default/b']);
    expect(all.sharing('default', selector, [pod({ app: 'web' })])).toEqual(['default/b']);
    expect(all.sharing('default', selector, [])).toEqual([]);
  });

  test('are forgotten when they go', () => {
    all.delete('default', 'a');
    expect(all.sharing('default', selector, [pod({ app: 'web', tier: 'front' })])).toEqual(['default/b']);
  });
});
