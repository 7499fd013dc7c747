import type { HPAScalingPolicy, HPAScalingRules } from '../../api/types/autoscaling-v2.gen.ts';
import { changedWithin, type History } from './history.ts';

/**
 * How far a target may be scaled at once. Source: pkg/controller/podautoscaler `calculateScaleUpLimit`,
 * `calculateScaleUpLimitWithScalingRules`, `calculateScaleDownLimitWithBehaviors`.
 */

/** Without behavior: twice of what there is, but four at any time. */
export const plainUpLimit = (current: number): number => Math.max(2 * current, 4);

/** How many replicas there were when a policy's period began. */
const atStart = (current: number, { periodSeconds }: HPAScalingPolicy, { ups, downs }: History, now: number): number =>
  current - changedWithin(ups, periodSeconds, now) + changedWithin(downs, periodSeconds, now);

/** The most replicas that the policies allow, never less than there are. */
export function upLimit(current: number, rules: HPAScalingRules, history: History, now: number): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map((policy) => {
    const before = atStart(current, policy, history, now);
    // Rounded up, since a share of few replicas would else never add one.
    return policy.type === 'Pods' ? before + policy.value : Math.ceil(before * (1 + policy.value / 100));
  });
  const limit = rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
  return Math.max(limit, current);
}

/** The fewest replicas that the policies allow, never more than there are. */
export function downLimit(current: number, rules: HPAScalingRules, history: History, now: number): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map((policy) => {
    const before = atStart(current, policy, history, now);
    return policy.type === 'Pods' ? before - policy.value : Math.trunc(before * (1 - policy.value / 100));
  });
  const limit = rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
  return Math.min(limit, current);
}

const longestPeriod = (rules: HPAScalingRules | undefined): number =>
  Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds));

/** Notes that a target was scaled, for the policies. */
export function noteChange(
  history: History,
  from: number,
  to: number,
  behavior: { readonly scaleUp?: HPAScalingRules; readonly scaleDown?: HPAScalingRules } | undefined,
  now: number,
): void {
  if (!behavior) return;
  // Each policy of either direction looks at the changes in both.
  const longest = Math.max(longestPeriod(behavior.scaleUp), longestPeriod(behavior.scaleDown)) * 1000;
  const change = { replicas: Math.abs(to - from), at: now };
  const list = to > from ? 'ups' : 'downs';
  history[list] = [...history[list].filter(({ at }) => at >= now - longest), change];
}
