import type { ReplicaSetCondition, ReplicaSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod, PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { availableAt, isActive, isReady, isTerminating } from '../pod-state.ts';

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
  const active = pods.filter(isActive);
  const wanted = Object.entries(owner.template?.metadata?.labels ?? {});
  const labelled = active.filter((pod) => wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
  const ready = active.filter(isReady);
  const available = ready.filter((pod) => availableAt(pod, owner.minReadySeconds)! <= now);
  const conditions = failureConditions(owner.conditions, failure, now);
  return {
    replicas: active.length,
    ...count('fullyLabeledReplicas', labelled.length),
    ...count('readyReplicas', ready.length),
    ...count('availableReplicas', available.length),
    terminatingReplicas: pods.filter(isTerminating).length,
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
