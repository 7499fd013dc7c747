import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isReady, isTerminating } from '../pod-state.ts';
import { burst, created, moreRestartsFirst, phaseRank, readySince } from '../replicaset/plan.ts';
import { endOf, remainingDelay } from './backoff.ts';
import { failuresBefore } from './index-failures.ts';
import { firstMissing, union, withIndexes } from './index-set.ts';
import { completionIndex, isIndexed, isSuspended, limitsPerIndex, waitsForEnd } from './job-facts.ts';
import type { Survey } from './survey.ts';

/** Which pods to remove, or for which completion indexes (undefined: none) to create pods, or how long to wait first. */
export type PodPlan =
  | { readonly remove: readonly Pod[] }
  | { readonly create: readonly (number | undefined)[] }
  | { readonly wait: number };

/** Compares the pods of a job that is not over with those it needs. Removing goes first. Source: upstream's manageJob. */
export function planPods(survey: Survey, now: number): PodPlan {
  const { job, active, terminating } = survey;
  if (isSuspended(job)) return { remove: podsToRemove(survey, active.length) };
  const wanted = wantedPods(survey);
  const remove = podsToRemove(survey, Math.max(0, active.length - wanted)).slice(0, burst);
  if (remove.length > 0) return { remove };
  const missing = Math.min(wanted - active.length - (waitsForEnd(job) ? terminating : 0), burst);
  if (missing <= 0) return { create: [] };
  if (limitsPerIndex(job)) return planIndexes(survey, nextIndexes(survey, missing), now);
  const wait = remainingDelay(survey.backoff, now);
  if (wait > 0) return { wait };
  return { create: isIndexed(job) ? nextIndexes(survey, missing) : new Array<undefined>(missing).fill(undefined) };
}

/** No more than remain to be completed. Without a number, pods decide themselves when the work is done: the first success. */
function wantedPods({ job, active, succeeded }: Survey): number {
  const { completions, parallelism = 1 } = job.spec!;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** The lowest indexes that nobody works on and that are not over. */
function nextIndexes({ job, pods, active, done, failedIndexes = [] }: Survey, count: number): number[] {
  const busy = waitsForEnd(job) ? [...active, ...pods.filter(isTerminating)] : active;
  const indexes = busy.map(completionIndex).filter((index) => index !== undefined);
  return firstMissing(withIndexes(union(done, failedIndexes), indexes), count, job.spec!.completions ?? 0);
}

/** Indexes wait each for themselves; those that need not go ahead. */
function planIndexes({ toReplace }: Survey, indexes: readonly number[], now: number): PodPlan {
  const delays = indexes.map((index) => {
    const failed = toReplace.get(index);
    return failed ? remainingDelay({ failures: failuresBefore(failed) + 1, last: endOf(failed) }, now) : 0;
  });
  const create = indexes.filter((_, i) => delays[i] === 0);
  return create.length > 0 || indexes.length === 0 ? { create } : { wait: Math.min(...delays) };
}

/** At least `count` active pods whose loss hurts least. Pods without an index of the job, or with another's, go anyway. */
export function podsToRemove({ job, active }: Survey, count: number): Pod[] {
  const { superfluous, left } = isIndexed(job)
    ? splitByIndex(active, job.spec?.completions ?? 0)
    : { superfluous: [], left: [...active] };
  const more = Math.max(0, count - superfluous.length);
  return more === 0 ? superfluous : [...superfluous, ...left.sort(removalOrder).slice(0, more)];
}

function splitByIndex(active: readonly Pod[], completions: number): { superfluous: Pod[]; left: Pod[] } {
  const superfluous: Pod[] = [];
  const byIndex = Map.groupBy(active, completionIndex);
  const left: Pod[] = [];
  for (const [index, pods] of byIndex) {
    const keep = index !== undefined && index < completions ? pods.sort(removalOrder).pop() : undefined;
    superfluous.push(...pods);
    if (keep) left.push(keep);
  }
  return { superfluous, left };
}

/** Negative when `a` goes before `b`: the pod that got less far, then the newer one. Source: upstream's ActivePods. */
function removalOrder(a: Pod, b: Pod): number {
  const bound = (pod: Pod) => (pod.spec?.nodeName ? 1 : 0);
  const ready = (pod: Pod) => (isReady(pod) ? 1 : 0);
  return (
    bound(a) - bound(b) ||
    phaseRank(a) - phaseRank(b) ||
    ready(a) - ready(b) ||
    newerFirst(readySince(a), readySince(b)) ||
    moreRestartsFirst(a, b) ||
    newerFirst(created(a), created(b))
  );
}

/** What has no time is newest. */
function newerFirst(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  return (b ?? Number.POSITIVE_INFINITY) - (a ?? Number.POSITIVE_INFINITY);
}
