import type { Job, JobCondition, JobStatus } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';

/** Keeps a pod until the job has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
export const completionIndexKey = 'batch.kubernetes.io/job-completion-index';

/** The controller that a job without `managedBy` belongs to. */
const ownName = 'kubernetes.io/job-controller';

export const isManagedElsewhere = ({ spec }: Job): boolean =>
  spec?.managedBy !== undefined && spec.managedBy !== ownName;

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';
export const isSuspended = ({ spec }: Job): boolean => spec?.suspend === true;
export const limitsPerIndex = (job: Job): boolean => isIndexed(job) && job.spec?.backoffLimitPerIndex !== undefined;

/** Pods that are being deleted are not replaced, and have not failed, before they have ended. */
export const waitsForEnd = ({ spec }: Job): boolean =>
  spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;

/** The condition of a type that is True. */
export const trueCondition = (status: JobStatus | undefined, type: string): JobCondition | undefined =>
  status?.conditions?.find((c) => c.type === type && c.status === 'True');

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(trackingFinalizer) ?? false;

/** The completion index a pod works on, undefined when it has none. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[completionIndexKey];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether the pod counts for its job: pods of indexed jobs need an index that the job has. */
export function countsFor(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true;
  const index = completionIndex(pod);
  return index !== undefined && index < (job.spec?.completions ?? 0);
}

/** A pod that is being deleted has failed too, since it may never get to say so; unless the job waits for that. */
export function hasFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (waitsForEnd(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

export function newCondition(
  type: string,
  reason: string,
  message: string,
  now: number,
  status = 'True',
): JobCondition {
  const at = timestamp(now);
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
}

/** The list with the condition in it; the same list when it says that already. One that is False is never added. */
export function withCondition(list: readonly JobCondition[], condition: JobCondition): readonly JobCondition[] {
  const { type, status, reason, message } = condition;
  const known = list.find((c) => c.type === type);
  if (!known) return status === 'False' ? list : [...list, condition];
  if (known.status === status && known.reason === reason && known.message === message) return list;
  return list.map((c) => (c === known ? condition : c));
}
