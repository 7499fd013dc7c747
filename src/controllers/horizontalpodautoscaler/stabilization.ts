import type { HPAScalingRules } from '../../api/types/autoscaling-v2.gen.ts';
import type { History } from './history.ts';

/**
 * Recommendations follow metrics, which swing: of those of the last minutes the one that changes least counts.
 * Source: pkg/controller/podautoscaler `stabilizeRecommendation`, `stabilizeRecommendationWithBehaviors`.
 */

/** Seconds for which a smaller recommendation waits. Source: --horizontal-pod-autoscaler-downscale-stabilization. */
export const downscaleStabilization = 300;

/** Without behavior: the highest recommendation of the last five minutes. Notes this one in the history. */
export function highestRecent(history: History, replicas: number, now: number): number {
  const recent = history.recommendations.filter(({ at }) => at >= now - downscaleStabilization * 1000);
  history.recommendations = [...recent, { replicas, at: now }];
  return Math.max(replicas, ...recent.map((recommendation) => recommendation.replicas));
}

/** With behavior: as near to what is there as the windows in both directions let it be. Notes this one in the history. */
export function stabilized(
  history: History,
  current: number,
  replicas: number,
  windows: { readonly up: number; readonly down: number },
  now: number,
): number {
  const within = (seconds: number) =>
    history.recommendations
      .filter(({ at }) => at > now - seconds * 1000)
      .map((recommendation) => recommendation.replicas);
  const least = Math.min(replicas, ...within(windows.up));
  const most = Math.max(replicas, ...within(windows.down));
  const longest = Math.max(windows.up, windows.down) * 1000;
  const kept = history.recommendations.filter(({ at }) => at >= now - longest);
  history.recommendations = [...kept, { replicas, at: now }];
  return Math.min(Math.max(current, least), most);
}

export const windowsOf = (up: HPAScalingRules | undefined, down: HPAScalingRules | undefined) => ({
  up: up?.stabilizationWindowSeconds ?? 0,
  down: down?.stabilizationWindowSeconds ?? downscaleStabilization,
});
