import type { CronJob, CronJobStatus, Job } from '../../api/types/batch-v1.gen.ts';
import type { ObjectReference } from '../../api/types/core-v1.gen.ts';
import { finalCondition } from '../finished-job.ts';
import type { Note } from './decision.ts';

/** What a look at the jobs of a cron job has shown. */
export interface Review {
  readonly status: CronJobStatus;
  readonly notes: readonly Note[];
  /** Jobs that the status calls active and that are not there. */
  readonly missing: readonly ObjectReference[];
}

/** The status once the jobs that have ended are taken into account. Source: the first part of upstream's syncCronJob. */
export function reviewJobs(before: CronJobStatus, jobs: readonly Job[]): Review {
  let status = before;
  const notes: Note[] = [];
  const there = new Set<string>();
  for (const job of jobs) {
    const { uid, name } = job.metadata;
    there.add(uid!);
    const active = status.active?.some((reference) => reference.uid === uid) ?? false;
    const final = finalCondition(job);
    if (!final) {
      if (active) continue;
      // Made by a process that ended before it wrote the status, or by a user for this cron job.
      const message = `Saw a job that the controller did not create or forgot: ${name}`;
      notes.push(['Warning', 'UnexpectedJob', message]);
      continue;
    }
    if (active) {
      status = withoutActive(status, uid!);
      notes.push(['Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${final.type}`]);
    }
    if (final.type === 'Complete') status = withSuccess(status, job.status?.completionTime);
  }
  const missing = (status.active ?? []).filter(({ uid }) => !there.has(uid!));
  return { status, notes, missing };
}

/** The status without a job that is no longer active. */
export function withoutActive({ active = [], ...rest }: CronJobStatus, uid: string): CronJobStatus {
  const left = active.filter((reference) => reference.uid !== uid);
  return { ...rest, ...(left.length > 0 && { active: left }) };
}

function withSuccess(status: CronJobStatus, time: string | null | undefined): CronJobStatus {
  const { lastSuccessfulTime: known } = status;
  if (!time || (known && Date.parse(known) >= Date.parse(time))) return status;
  return { ...status, lastSuccessfulTime: time };
}

/** The finished jobs beyond the limits of a cron job's history, the oldest of each kind. */
export function surplusJobs({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const limits = { Complete: spec?.successfulJobsHistoryLimit, Failed: spec?.failedJobsHistoryLimit };
  return Object.entries(limits).flatMap(([type, limit]) => {
    if (limit === undefined) return [];
    const finished = jobs.filter((job) => finalCondition(job)?.type === type);
    return finished.sort(byStart).slice(0, Math.max(0, finished.length - limit));
  });
}

/** Earlier first; what has not started comes last. */
function byStart(a: Job, b: Job): number {
  const startOf = ({ status }: Job) => (status?.startTime ? Date.parse(status.startTime) : Number.POSITIVE_INFINITY);
  const [first, second] = [startOf(a), startOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a.metadata.name! < b.metadata.name! ? -1 : 1;
}
