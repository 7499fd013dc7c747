import type { Pod } from '../../api/types/core-v1.gen.ts';
import { podCondition } from '../pod-state.ts';

/** What was measured in one pod. */
export interface PodMetric {
  /** Thousandths of the metric's unit. */
  readonly value: number;
  /** Wall milliseconds. */
  readonly at: number;
  readonly windowMs: number;
}

/** By the pod's name. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** The pods of a target by what their metrics are worth. Names. */
export interface PodGroups {
  /** How many pods' metrics count. */
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  /** On their way out, or failed. */
  readonly ignored: readonly string[];
}

type Group = Exclude<keyof PodGroups, 'ready'> | 'ready';

/** For so long after its start a pod's CPU use says little. Source: --horizontal-pod-autoscaler-cpu-initialization-period. */
const cpuInitialization = 5 * 60_000;
/** A pod that became unready so soon after its start has never been ready. Source: --horizontal-pod-autoscaler-initial-readiness-delay. */
const initialReadinessDelay = 30_000;

/** `now` in wall milliseconds. Source: pkg/controller/podautoscaler `groupPods`. */
export function groupPods(pods: readonly Pod[], metrics: PodMetrics, resource: string, now: number): PodGroups {
  const groups = Map.groupBy(pods, (pod) => groupOf(pod, metrics.get(pod.metadata.name!), resource, now));
  const names = (group: Group) => (groups.get(group) ?? []).map((pod) => pod.metadata.name!);
  return {
    ready: groups.get('ready')?.length ?? 0,
    unready: names('unready'),
    missing: names('missing'),
    ignored: names('ignored'),
  };
}

function groupOf(pod: Pod, metric: PodMetric | undefined, resource: string, now: number): Group {
  const phase = pod.status?.phase;
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed') return 'ignored';
  if (phase === 'Pending') return 'unready';
  if (!metric) return 'missing';
  return resource === 'cpu' && isStarting(pod, metric, now) ? 'unready' : 'ready';
}

/** Whether what the pod uses of the CPU is still about its start. */
function isStarting(pod: Pod, metric: PodMetric, now: number): boolean {
  const ready = podCondition(pod, 'Ready');
  const started = Date.parse(pod.status?.startTime ?? '');
  if (!ready || Number.isNaN(started)) return true;
  const since = Date.parse(ready.lastTransitionTime ?? '') || 0;
  const unready = ready.status === 'False';
  // A whole window must have been measured since the pod is as it is.
  if (started + cpuInitialization > now) return unready || metric.at < since + metric.windowMs;
  return unready && started + initialReadinessDelay > since;
}
