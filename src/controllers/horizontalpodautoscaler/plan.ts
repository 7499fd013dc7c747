import { quantityToNumber } from '../../api/quantity.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/types/autoscaling-v2.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { type Finding, withFindings } from './conditions.ts';
import type { History } from './history.ts';
import { normalize } from './normalize.ts';
import { MetricFailure, type Proposed } from './proposals.ts';
import type { Tolerances } from './replica-calculator.ts';

/** What an autoscaler does about its target. Source: pkg/controller/podautoscaler `reconcileAutoscaler`. */

/** How many replicas there are to be, and why. */
export interface Decision {
  readonly replicas: number;
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly metrics?: readonly MetricStatus[];
}

/** Nothing can be decided, because of what the first bad metric says. */
export interface Undecided {
  readonly failure: string;
  readonly findings: readonly Finding[];
  readonly metrics?: readonly MetricStatus[];
}

/** Source: --horizontal-pod-autoscaler-tolerance. */
const defaultTolerance = 0.1;

export function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const { scaleDown, scaleUp } = behavior ?? {};
  return {
    down: scaleDown?.tolerance === undefined ? defaultTolerance : quantityToNumber(scaleDown.tolerance),
    up: scaleUp?.tolerance === undefined ? defaultTolerance : quantityToNumber(scaleUp.tolerance),
  };
}

/** What is to be done whatever the metrics say; undefined when they are to be asked. */
export function withoutMetrics({ spec }: HorizontalPodAutoscaler, current: number): Decision | undefined {
  const { minReplicas = 1, maxReplicas } = spec;
  if (current === 0 && minReplicas !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return {
      replicas: 0,
      reason: '',
      findings: [{ type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }],
    };
  }
  if (current > maxReplicas) {
    return { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas', findings: [] };
  }
  if (current < minReplicas) {
    return { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas', findings: [] };
  }
  return undefined;
}

/**
 * What all metrics together ask for, held back as the spec wants. The metric that asks for most counts; one that could
 * not be judged forbids to scale down. `now` in steady milliseconds.
 */
export function byMetrics(
  hpa: HorizontalPodAutoscaler,
  current: number,
  outcomes: readonly (Proposed | MetricFailure)[],
  history: History,
  now: number,
): Decision | Undecided {
  const metrics = outcomes.map((outcome) => (outcome instanceof MetricFailure ? { type: '' } : outcome.status));
  const failures = outcomes.filter((outcome) => outcome instanceof MetricFailure);
  const proposed = outcomes.filter((outcome): outcome is Proposed => !(outcome instanceof MetricFailure));
  const most = proposed.reduce<Proposed | undefined>(
    (best, next) => (best === undefined || best.replicas === 0 || next.replicas > best.replicas ? next : best),
    undefined,
  );
  if (most === undefined || (failures.length > 0 && most.replicas < current)) {
    const [first] = failures;
    return {
      failure: `invalid metrics (${failures.length} invalid out of ${outcomes.length}), first error is: ${first?.summary}`,
      findings: [inactive(first?.reason ?? '', `the HPA was unable to compute the replica count: ${first?.message}`)],
      metrics,
    };
  }
  const { replicas, findings } = normalize(hpa, current, most.replicas, history, now);
  const message = `the HPA was able to successfully calculate a replica count from ${most.name}`;
  const reason =
    most.replicas > current ? `${most.name} above target` : most.replicas < current ? 'All metrics below target' : '';
  return {
    replicas,
    reason,
    findings: [{ type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message }, ...findings],
    metrics,
  };
}

export const inactive = (reason: string, message: string): Finding => ({
  type: 'ScalingActive',
  status: 'False',
  reason,
  message,
});

export const able = (reason: string, message: string): Finding => ({
  type: 'AbleToScale',
  status: 'True',
  reason,
  message,
});

export const unable = (reason: string, message: string): Finding => ({
  type: 'AbleToScale',
  status: 'False',
  reason,
  message,
});

/** What a look at an autoscaler changes of its status. */
export interface Outcome {
  readonly findings: readonly Finding[];
  /** Absent where the target's scale is unknown: then nothing but the conditions changes. */
  readonly current?: number;
  /** Absent where nothing was decided. */
  readonly desired?: number;
  readonly metrics?: readonly MetricStatus[];
  readonly rescaled?: boolean;
}

/** The status after a look. `now` in wall milliseconds. */
export function statusAfter(
  { status }: HorizontalPodAutoscaler,
  { findings, current, desired, metrics, rescaled }: Outcome,
  now: number,
): HorizontalPodAutoscalerStatus {
  const conditions = withFindings(status?.conditions, findings, now);
  if (current === undefined) return { desiredReplicas: 0, ...status, conditions };
  const lastScaleTime = rescaled ? timestamp(now) : status?.lastScaleTime;
  return {
    ...(lastScaleTime !== undefined && { lastScaleTime }),
    // As the server shows it: zero is not written.
    ...(current !== 0 && { currentReplicas: current }),
    desiredReplicas: desired ?? status?.desiredReplicas ?? 0,
    ...(metrics && { currentMetrics: metrics }),
    conditions,
  };
}
