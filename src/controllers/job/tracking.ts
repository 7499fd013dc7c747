import type { JobCondition, JobStatus, UncountedTerminatedPods } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexSet, hasIndex, sizeOf, withIndexes } from './index-set.ts';
import {
  completionIndex,
  countsFor,
  hasFailed,
  isIndexed,
  isTracked,
  newCondition,
  withCondition,
} from './job-facts.ts';
import type { Survey } from './survey.ts';

/**
 * Counting exactly: the uids of ended pods are written into the status before their finalizers go, and move into the
 * counters afterwards. However often an attempt is cut short, no pod is counted twice and none is missed.
 */

/** How many uids a status may hold: about 20 kB. Source: upstream's MaxUncountedPods. */
export const maxUncounted = 500;

/** What an attempt has made of a survey. */
export interface Outcome {
  readonly conditions: readonly JobCondition[];
  readonly startTime: string | undefined;
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly verdict: JobCondition | undefined;
}

export interface Tracking {
  /** To be written before the finalizers are removed. */
  readonly status: JobStatus;
  /** Pods whose finalizer can go. */
  readonly release: readonly Pod[];
  /** Uids of the pods that have the finalizer now. */
  readonly tracked: ReadonlySet<string>;
  /** The condition with which the job ends once everything is counted. */
  readonly final: JobCondition | undefined;
}

/** Which pods are counted now. Source: upstream's trackJobStatusAndRemoveFinalizers. */
export function planTracking(survey: Survey, outcome: Outcome, now: number): Tracking {
  const { job, pods } = survey;
  const { verdict } = outcome;
  const tracked = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid!));
  const before = settle(job.status ?? {}, (uid) => tracked.has(uid));
  const known = job.status?.uncountedTerminatedPods;
  const succeeded = [...(before.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(before.uncountedTerminatedPods?.failed ?? [])];
  const indexes: number[] = [];
  const release: Pod[] = [];
  let full = false;
  for (const pod of inIndexOrder(survey)) {
    if (!isTracked(pod) || !mayRelease(survey, verdict, pod)) continue;
    release.push(pod);
    const uid = pod.metadata.uid!;
    if (pod.status?.phase === 'Succeeded' && !known?.failed?.includes(uid)) {
      if (!isIndexed(job)) {
        if (!known?.succeeded?.includes(uid)) succeeded.push(uid);
        // An index tells by itself that it was counted.
      } else if (countsFor(job, pod) && !hasIndex(survey.doneBefore, completionIndex(pod)!)) {
        indexes.push(completionIndex(pod)!);
      }
    } else if (countsAsFailed(survey, verdict, pod) && !known?.failed?.includes(uid)) {
      failed.push(uid);
    }
    full = indexes.length + succeeded.length + failed.length >= maxUncounted;
    if (full) break;
  }
  const done = withIndexes(survey.done, indexes);
  const { startTime: _, ...others } = before;
  const { startTime, active, ready, terminating } = outcome;
  const status: JobStatus = {
    ...others,
    ...(startTime !== undefined && { startTime }),
    ...{ active, ready, terminating },
    conditions: verdict && verdict.type !== 'Failed' ? announce(outcome.conditions, verdict) : outcome.conditions,
    uncountedTerminatedPods: uncounted(succeeded, failed),
    ...(isIndexed(job) && { succeeded: sizeOf(done), completedIndexes: formatIndexSet(done) }),
    ...(survey.failedIndexes && { failedIndexes: formatIndexSet(survey.failedIndexes) }),
  };
  return { status: trimStatus(status), release, tracked, final: full ? undefined : verdict && finalOf(verdict, now) };
}

/** Sorted so that completed indexes are written in order. */
function inIndexOrder({ job, pods }: Survey): readonly Pod[] {
  if (!isIndexed(job)) return pods;
  return pods.toSorted((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1));
}

/** A failed pod that another will follow in its index stays until then. */
function mayRelease({ job, toReplace }: Survey, verdict: JobCondition | undefined, pod: Pod): boolean {
  if (job.metadata.deletionTimestamp || verdict || pod.status?.phase === 'Succeeded') return true;
  if (!hasFailed(pod, job)) return false;
  const index = completionIndex(pod);
  return index === undefined || toReplace.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** When a job fails, so do its pods that have not ended. */
function countsAsFailed({ job }: Survey, verdict: JobCondition | undefined, pod: Pod): boolean {
  const lost = verdict !== undefined && verdict.type !== 'SuccessCriteriaMet';
  if (!hasFailed(pod, job) && !lost) return false;
  return countsFor(job, pod) && judgeFailure(job.spec?.podFailurePolicy, pod).counts;
}

const announce = (list: readonly JobCondition[], verdict: JobCondition): readonly JobCondition[] =>
  list.some((c) => c.type === verdict.type && c.status === 'True') ? list : [...list, verdict];

const finals: Readonly<Record<string, string>> = { FailureTarget: 'Failed', SuccessCriteriaMet: 'Complete' };

function finalOf({ type, reason = '', message = '' }: JobCondition, now: number): JobCondition {
  return newCondition(finals[type] ?? type, reason, message, now);
}

/** Moves what is no longer tracked from the uids into the counters. */
export function settle(status: JobStatus, tracked: (uid: string) => boolean): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const [left, lost] = [succeeded, failed].map((uids) => uids.filter(tracked));
  return trimStatus({
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - left!.length,
    failed: (status.failed ?? 0) + failed.length - lost!.length,
    uncountedTerminatedPods: uncounted(left!, lost!),
  });
}

/** The status with which the job is over; undefined while pods are not counted or not gone. */
export function finish(status: JobStatus, final: JobCondition | undefined): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (!final || succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return undefined;
  const completed = final.type === 'Complete' ? { completionTime: final.lastTransitionTime! } : {};
  return { ...status, ...completed, conditions: withCondition(status.conditions ?? [], final) };
}

const uncounted = (succeeded: readonly string[], failed: readonly string[]): UncountedTerminatedPods => ({
  ...(succeeded.length > 0 && { succeeded }),
  ...(failed.length > 0 && { failed }),
});

/** Without the fields that are left out when they say nothing. */
function trimStatus(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, conditions, ...rest } = status;
  return {
    ...rest,
    ...(active && { active }),
    ...(succeeded && { succeeded }),
    ...(failed && { failed }),
    ...(completedIndexes && { completedIndexes }),
    ...(conditions && conditions.length > 0 && { conditions }),
  };
}
