import type { HorizontalPodAutoscalerCondition as Condition } from '../../api/types/autoscaling-v2.gen.ts';
import { timestamp } from '../../base/clock.ts';

/** What one look at an autoscaler found. */
export interface Finding {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** The conditions after these findings, the last of each type counting. `now` in wall milliseconds. */
export function withFindings(
  conditions: readonly Condition[] | undefined,
  findings: readonly Finding[],
  now: number,
): Condition[] {
  const all = new Map((conditions ?? []).map((condition) => [condition.type, condition]));
  for (const finding of findings) {
    const old = all.get(finding.type);
    const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : timestamp(now);
    all.set(finding.type, { ...finding, ...(lastTransitionTime !== undefined && { lastTransitionTime }) });
  }
  return [...all.values()];
}
