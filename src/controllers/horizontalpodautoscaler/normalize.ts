import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling-v2.gen.ts';
import type { Finding } from './conditions.ts';
import type { History } from './history.ts';
import { downLimit, plainUpLimit, upLimit } from './scaling-limits.ts';
import { highestRecent, stabilized, windowsOf } from './stabilization.ts';

/** What becomes of a recommendation: the number of replicas to have now, and what is said of it. */
export interface Normalized {
  readonly replicas: number;
  readonly findings: readonly Finding[];
}

type Limit = readonly [replicas: number, reason: string, message: string];

const inRange = ['DesiredWithinRange', 'the desired count is within the acceptable range'] as const;
const tooFast = ['ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate'] as const;
const tooSlow = [
  'ScaleDownLimit',
  'the desired replica count is decreasing faster than the maximum scale rate',
] as const;
const tooMany = ['TooManyReplicas', 'the desired replica count is more than the maximum replica count'] as const;
const tooFew = ['TooFewReplicas', 'the desired replica count is less than the minimum replica count'] as const;

const held = {
  up: [
    'ScaleUpStabilized',
    'recent recommendations were lower than current one, applying the lowest recent recommendation',
  ],
  down: [
    'ScaleDownStabilized',
    'recent recommendations were higher than current one, applying the highest recent recommendation',
  ],
} as const;

/**
 * Holds a recommendation back as the spec wants: in time, in speed, and within its bounds. `now` in steady milliseconds.
 * Source: pkg/controller/podautoscaler `normalizeDesiredReplicas` and `normalizeDesiredReplicasWithBehaviors`.
 */
export function normalize(
  { spec: { behavior, minReplicas = 1, maxReplicas } }: HorizontalPodAutoscaler,
  current: number,
  wanted: number,
  history: History,
  now: number,
): Normalized {
  if (!behavior) {
    const calm = highestRecent(history, wanted, now);
    return said(wanted, calm, 'down', plainLimit(current, calm, minReplicas, maxReplicas));
  }
  const { scaleUp, scaleDown } = behavior;
  const calm = stabilized(history, current, wanted, windowsOf(scaleUp, scaleDown), now);
  const direction = wanted >= current ? 'up' : 'down';
  if (calm > current) {
    const fastest = upLimit(current, scaleUp ?? {}, history, now);
    const limit: Limit = maxReplicas > fastest ? [fastest, ...tooFast] : [maxReplicas, ...tooMany];
    return said(wanted, calm, direction, calm > limit[0] ? limit : [calm, ...inRange]);
  }
  if (calm < current) {
    const fastest = downLimit(current, scaleDown ?? {}, history, now);
    const limit: Limit = minReplicas < fastest ? [fastest, ...tooSlow] : [minReplicas, ...tooFew];
    return said(wanted, calm, direction, calm < limit[0] ? limit : [calm, ...inRange]);
  }
  return said(wanted, calm, direction, [calm, ...inRange]);
}

function plainLimit(current: number, calm: number, min: number, max: number): Limit {
  const fastest = plainUpLimit(current);
  if (calm < min) return [min, ...tooFew];
  const limit: Limit = max > fastest ? [fastest, ...tooFast] : [max, ...tooMany];
  return calm > limit[0] ? limit : [calm, ...inRange];
}

function said(wanted: number, calm: number, direction: keyof typeof held, limit: Limit): Normalized {
  const [reason, message] =
    calm === wanted ? ['ReadyForNewScale', 'recommended size matches current size'] : held[direction];
  const [replicas, limitReason, limitMessage] = limit;
  return {
    replicas,
    findings: [
      { type: 'AbleToScale', status: 'True', reason, message },
      {
        type: 'ScalingLimited',
        status: replicas === calm ? 'False' : 'True',
        reason: limitReason,
        message: limitMessage,
      },
    ],
  };
}
