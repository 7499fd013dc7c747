import { comparable } from '../../api/json-number.ts';
import type { Job, JobCondition } from '../../api/types/batch-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { judgeFailure } from './failure-policy.ts';
import { sizeOf } from './index-set.ts';
import { hasFailed, isIndexed, isSuspended, newCondition, trueCondition } from './job-facts.ts';
import { earlySuccess } from './success-policy.ts';
import type { Survey } from './survey.ts';

/**
 * Whether the job is over, and how: an announcement (FailureTarget, SuccessCriteriaMet), or Failed when failure was
 * announced before. Several reasons may hold at once: what was announced stands, then failures are looked for in this
 * order, then success. `startTime` in wall milliseconds, undefined while the job has not started.
 */
export function verdictOf(survey: Survey, startTime: number | undefined, now: number): JobCondition | undefined {
  const { status } = survey.job;
  const announced = trueCondition(status, 'SuccessCriteriaMet');
  if (announced) return announced;
  const failing = trueCondition(status, 'FailureTarget');
  if (failing) return newCondition('Failed', failing.reason ?? '', failing.message ?? '', now);
  const failure = failureOf(survey, startTime, now);
  if (failure) return newCondition('FailureTarget', failure[0], failure[1], now);
  if (!isIndexed(survey.job)) return undefined;
  const early = earlySuccess(survey.job.spec?.successPolicy, survey.job.spec?.completions ?? 0, survey.done);
  return early === undefined ? undefined : newCondition('SuccessCriteriaMet', 'SuccessPolicy', early, now);
}

type Failure = readonly [reason: string, message: string];

function failureOf(survey: Survey, startTime: number | undefined, now: number): Failure | undefined {
  const { job, pods, failed } = survey;
  const ruled = pods
    .filter((pod) => job.spec?.podFailurePolicy && hasFailed(pod, job))
    .map((pod) => judgeFailure(job.spec?.podFailurePolicy, pod).message)
    .find((message) => message !== undefined);
  if (ruled !== undefined) return ['PodFailurePolicy', ruled];
  if (failed > (job.spec?.backoffLimit ?? 6) || restartsExceeded(job, pods)) {
    return ['BackoffLimitExceeded', 'Job has reached the specified backoff limit'];
  }
  const left = deadlineIn(job, startTime, now);
  if (left !== undefined && left <= 0) return ['DeadlineExceeded', 'Job was active longer than specified deadline'];
  return failedByIndexes(survey);
}

function failedByIndexes({ job, failedIndexes, done }: Survey): Failure | undefined {
  if (!failedIndexes) return undefined;
  const { maxFailedIndexes, completions = 0 } = job.spec!;
  const lost = sizeOf(failedIndexes);
  if (maxFailedIndexes !== undefined && lost > maxFailedIndexes) {
    return ['MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes'];
  }
  return lost > 0 && lost + sizeOf(done) >= completions ? ['FailedIndexes', 'Job has failed indexes'] : undefined;
}

/** Where containers are restarted in their pods, the restarts count. */
function restartsExceeded({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    const { containerStatuses = [], initContainerStatuses = [] } = status;
    for (const container of [...containerStatuses, ...initContainerStatuses]) restarts += container.restartCount;
  }
  return restarts >= Math.max(1, spec.backoffLimit ?? 6);
}

/** Milliseconds until the job has been active too long; undefined when it may be for ever, or is not active. */
export function deadlineIn(job: Job, startTime: number | undefined, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds;
  if (seconds === undefined || startTime === undefined || isSuspended(job)) return undefined;
  return startTime + comparable(seconds) * 1000 - now;
}

/** Success by numbers, judged after pods were created or removed. A job without completions needs one success and no pod left. */
export function completionOf({ job, succeeded }: Survey, active: number, now: number): JobCondition | undefined {
  const reached = succeeded >= Math.max(job.spec?.completions ?? 1, 0);
  if (!reached || active > 0) return undefined;
  return newCondition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods', now);
}
