import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { endOf } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { hasIndex, type IndexSet, withIndexes } from './index-set.ts';
import { completionIndex, countsFor, hasFailed, isTracked } from './job-facts.ts';

/** Failures per index are counted on its pods: each new one carries the count of those before it. */

const failureKey = 'batch.kubernetes.io/job-index-failure-count';
const ignoredKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

function count(pod: Pod, key: string): number {
  const text = pod.metadata.annotations?.[key];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : 0;
}

/** All failures of the pod's index before it, ignored ones too: they grow the back-off. */
export const failuresBefore = (pod: Pod): number => count(pod, failureKey) + count(pod, ignoredKey);

/** The annotations of a pod for an index; `failed` is the one it replaces. */
export function failureAnnotations(job: Job, failed: Pod | undefined): Record<string, string> {
  if (!failed) return { [failureKey]: '0' };
  const { counts } = judgeFailure(job.spec?.podFailurePolicy, failed);
  const failures = count(failed, failureKey) + (counts ? 1 : 0);
  const ignored = count(failed, ignoredKey) + (counts ? 0 : 1);
  return { [failureKey]: String(failures), ...(ignored > 0 && { [ignoredKey]: String(ignored) }) };
}

/** The indexes that have failed for good: those known, and those whose pod has used up the limit or met a FailIndex rule. */
export function failedIndexes(job: Job, known: IndexSet, pods: readonly Pod[]): IndexSet {
  const news = pods.filter((pod) => isTracked(pod) && countsFor(job, pod) && endsIndex(job, pod));
  return withIndexes(known, news.map(completionIndex) as number[]);
}

function endsIndex(job: Job, pod: Pod): boolean {
  if (!hasFailed(pod, job)) return false;
  const { counts, action } = judgeFailure(job.spec?.podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && count(pod, failureKey) >= (job.spec?.backoffLimitPerIndex ?? 0));
}

/**
 * The last failed pod of each index that needs another: it is kept until its replacement carries the count on.
 */
export function podsToReplace(
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
  over: readonly IndexSet[],
): ReadonlyMap<number, Pod> {
  const busy = new Set(active.map(completionIndex));
  const last = new Map<number, Pod>();
  for (const pod of pods) {
    if (!isTracked(pod) || !countsFor(job, pod) || !hasFailed(pod, job)) continue;
    const index = completionIndex(pod)!;
    if (busy.has(index) || over.some((set) => hasIndex(set, index))) continue;
    const known = last.get(index);
    const later = !known || (failuresBefore(known) <= failuresBefore(pod) && endOf(pod) >= endOf(known));
    if (later) last.set(index, pod);
  }
  return last;
}
