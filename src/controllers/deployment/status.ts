import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { actualReplicasOf, availableReplicasOf, maxUnavailable, replicasOf, wantedReplicas } from './sizing.ts';

type Conditions = readonly DeploymentCondition[];
type Finding = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A deadline of MaxInt32 means none. */
const noDeadline = 2147483647;

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== noDeadline;
}

export function conditionOf(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((c) => c.type === type);
}

/** Sets a condition. One of the same status and reason stands as it is; one of the same status keeps its transition time. */
export function withCondition(conditions: Conditions, finding: Finding, now: number): Conditions {
  const current = conditionOf(conditions, finding.type);
  if (current?.status === finding.status && current.reason === finding.reason) return conditions;
  const stamp = timestamp(now);
  const since = current?.status === finding.status ? current.lastTransitionTime : stamp;
  const condition = { ...finding, lastUpdateTime: stamp, lastTransitionTime: since ?? stamp };
  return [...conditions.filter((c) => c.type !== finding.type), condition];
}

const without = (conditions: Conditions, type: string): Conditions => conditions.filter((c) => c.type !== type);

/** Sets the Progressing condition. */
export function progressing(
  conditions: Conditions,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
): Conditions {
  return withCondition(conditions, { type: 'Progressing', status, reason, message }, now);
}

/** The counts and the Available condition that the ReplicaSets give. */
export function deploymentStatus(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): DeploymentStatus {
  const all = fresh ? [fresh, ...old] : old;
  const available = availableReplicasOf(all);
  const enough = available >= wantedReplicas(deployment) - maxUnavailable(deployment);
  const finding: Finding = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  };
  const collisionCount = deployment.status?.collisionCount;
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...count('replicas', actualReplicasOf(all)),
    ...count('updatedReplicas', fresh ? actualReplicasOf([fresh]) : 0),
    ...count(
      'readyReplicas',
      sum(all, (set) => set.status?.readyReplicas),
    ),
    ...count('availableReplicas', available),
    ...count('unavailableReplicas', replicasOf(all) - available),
    terminatingReplicas: sum(all, (set) => set.status?.terminatingReplicas),
    conditions: withCondition(deployment.status?.conditions ?? [], finding, now),
    ...(collisionCount !== undefined && { collisionCount }),
  };
}

const sum = (sets: readonly ReplicaSet[], value: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (value(set) ?? 0), 0);
const count = (name: string, value: number) => (value > 0 ? { [name]: value } : {});

/** All pods are of the current template and available, and none is left over. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether `next` is nearer to completion than what was last recorded. */
function hasProgressed(old: DeploymentStatus, next: DeploymentStatus): boolean {
  const outdated = (s: DeploymentStatus) => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** The moment (wall milliseconds) at which a deployment that does not move has failed; undefined when none will come. */
export function progressDeadline(deployment: Deployment, status: DeploymentStatus): number | undefined {
  const condition = conditionOf(status.conditions, 'Progressing');
  if (!hasProgressDeadline(deployment) || !condition?.lastUpdateTime) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return Date.parse(condition.lastUpdateTime) + deployment.spec!.progressDeadlineSeconds! * 1000;
}

/** The status during a rollout: counts, Available, Progressing and ReplicaFailure. */
export function rolloutStatus(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): DeploymentStatus {
  const status = deploymentStatus(deployment, fresh, old, now);
  const progressed = progressConditions(deployment, status, fresh, now);
  return { ...status, conditions: failureConditions(progressed, fresh, old, now) };
}

function progressConditions(
  deployment: Deployment,
  status: DeploymentStatus,
  fresh: ReplicaSet | undefined,
  now: number,
): Conditions {
  const conditions = status.conditions ?? [];
  if (!hasProgressDeadline(deployment)) return without(conditions, 'Progressing');
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (settled) return conditions;
  const subject = fresh ? `ReplicaSet "${fresh.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    return progressing(conditions, 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now);
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    // Each step renews lastUpdateTime, from which the deadline counts, but not the transition time.
    const next = progressing(
      without(conditions, 'Progressing'),
      'True',
      'ReplicaSetUpdated',
      `${subject} is progressing.`,
      now,
    );
    if (current?.status !== 'True') return next;
    return next.map((c) => (c.type === 'Progressing' ? { ...c, lastTransitionTime: current.lastTransitionTime! } : c));
  }
  const deadline = progressDeadline(deployment, status);
  if (deadline === undefined || deadline >= now) return conditions;
  return progressing(conditions, 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now);
}

/** The new ReplicaSet's failure counts; the old ones' only when it has none. */
function failureConditions(
  conditions: Conditions,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): Conditions {
  const failures = (sets: readonly ReplicaSet[]) =>
    sets.flatMap((set) => set.status?.conditions?.filter((c) => c.type === 'ReplicaFailure') ?? []);
  const failure = failures(fresh ? [fresh] : [])[0] ?? failures(old)[0];
  if (!failure) return without(conditions, 'ReplicaFailure');
  const { type, status, reason, message, lastTransitionTime } = failure;
  const finding = { type, status, ...(reason && { reason }), ...(message && { message }) };
  // It is as old as what it repeats.
  return withCondition(conditions, finding, lastTransitionTime ? Date.parse(lastTransitionTime) : now);
}
