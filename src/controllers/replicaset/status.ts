import type { ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { availableAt, isActive, isTerminating } from '../pod-state.ts';

/** What a reconcile found out, for the ReplicaFailure condition. */
export interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** The parts of a ReplicaSet or ReplicationController that its status follows from. */
export interface ReplicaOwner {
  readonly generation: number;
  readonly minReadySeconds: number;
  readonly template: PodTemplateSpec | undefined;
  readonly conditions: readonly ReplicaSetCondition[];
}

/** The status that `pods` (all that are owned) give. */
export function replicaStatus(
  owner: ReplicaOwner,
  pods: readonly Pod[],
  failure: Failure | undefined,
  now: number,
): ReplicaSetStatus {
  const labels = Object.entries(owner.template?.metadata?.labels ?? {});
  const counts = { active: 0, labelled: 0, ready: 0, available: 0, terminating: 0 };
  for (const pod of pods) {
    if (isTerminating(pod)) counts.terminating++;
    if (!isActive(pod)) continue;
    counts.active++;
    if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) counts.labelled++;
    const since = availableAt(pod, owner.minReadySeconds);
    if (since === undefined) continue;
    counts.ready++;
    if (since <= now) counts.available++;
  }
  const conditions = failureConditions(owner.conditions, failure, now);
  return {
    replicas: counts.active,
    ...count('fullyLabeledReplicas', counts.labelled),
    ...count('readyReplicas', counts.ready),
    ...count('availableReplicas', counts.available),
    terminatingReplicas: counts.terminating,
    observedGeneration: owner.generation,
    ...(conditions.length > 0 && { conditions }),
  };
}

const count = (name: string, value: number) => (value > 0 ? { [name]: value } : {});

/** The first failure stands until a reconcile succeeds. */
function failureConditions(
  conditions: readonly ReplicaSetCondition[],
  failure: Failure | undefined,
  now: number,
): readonly ReplicaSetCondition[] {
  const others = conditions.filter((c) => c.type !== 'ReplicaFailure');
  if (!failure) return others;
  if (others.length < conditions.length) return conditions;
  const { reason, message } = failure;
  return [...others, { type: 'ReplicaFailure', status: 'True', reason, message, lastTransitionTime: timestamp(now) }];
}

/** Milliseconds until the next ready pod becomes available; undefined when none is on its way. */
export function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const times = pods.filter(isActive).map((pod) => availableAt(pod, minReadySeconds));
  const next = Math.min(...times.filter((at) => at !== undefined && at > now).map((at) => at!));
  return Number.isFinite(next) ? next - now : undefined;
}
