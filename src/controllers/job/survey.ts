import type { Job } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isActive, isReady, isTerminating } from '../pod-state.ts';
import { type Backoff, nextBackoff } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { failedIndexes, podsToReplace } from './index-failures.ts';
import { type IndexSet, parseIndexSet, sizeOf, withIndexes } from './index-set.ts';
import { completionIndex, countsFor, hasFailed, isIndexed, isTracked, limitsPerIndex } from './job-facts.ts';

/** What an attempt finds: the job, its pods and what follows from them. */
export interface Survey {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Counted so far and newly ended. */
  readonly succeeded: number;
  readonly failed: number;
  readonly backoff: Backoff;
  /** Indexes that had succeeded before this attempt, and that have now. Empty unless the job is indexed. */
  readonly doneBefore: IndexSet;
  readonly done: IndexSet;
  /** Indexes that have failed for good; undefined unless indexes have limits of their own. */
  readonly failedIndexes: IndexSet | undefined;
  /** By index, the failed pod that its next one follows. */
  readonly toReplace: ReadonlyMap<number, Pod>;
}

const none: ReadonlyMap<number, Pod> = new Map();

/** Counts the pods (all that the job owns). `before` is the back-off of the attempt before. */
export function surveyJob(job: Job, pods: readonly Pod[], before: Backoff): Survey {
  const { spec, status } = job;
  const uncounted = status?.uncountedTerminatedPods;
  const fresh = pods.filter((pod) => isTracked(pod) && countsFor(job, pod));
  const isNew = (list: readonly string[] | undefined) => (pod: Pod) => !list?.includes(pod.metadata.uid!);
  const succeeded = fresh.filter((pod) => pod.status?.phase === 'Succeeded').filter(isNew(uncounted?.succeeded));
  const failed = fresh.filter((pod) => hasFailed(pod, job)).filter(isNew(uncounted?.failed));
  const counted = failed.filter((pod) => judgeFailure(spec?.podFailurePolicy, pod).counts);
  const active = pods.filter(isActive);

  const indexed = isIndexed(job);
  const completions = spec?.completions ?? 0;
  const doneBefore = indexed ? parseIndexSet(status?.completedIndexes ?? '', completions) : [];
  const ended = fresh.filter((pod) => pod.status?.phase === 'Succeeded');
  const done = indexed ? withIndexes(doneBefore, ended.map(completionIndex) as number[]) : [];
  const known = parseIndexSet(status?.failedIndexes ?? '', completions);
  const lost = limitsPerIndex(job) ? failedIndexes(job, known, pods) : undefined;
  return {
    job,
    pods,
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: indexed
      ? sizeOf(done)
      : (status?.succeeded ?? 0) + succeeded.length + (uncounted?.succeeded?.length ?? 0),
    failed: (status?.failed ?? 0) + counted.length + (uncounted?.failed?.length ?? 0),
    // Pods that wait to be replaced stay new; their indexes have delays of their own.
    backoff: lost ? before : nextBackoff(before, succeeded, failed),
    doneBefore,
    done,
    failedIndexes: lost,
    toReplace: lost ? podsToReplace(job, pods, active, [done, lost]) : none,
  };
}
