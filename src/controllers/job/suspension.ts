import type { Job, JobCondition } from '../../api/types/batch-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { isSuspended, newCondition, trueCondition, withCondition } from './job-facts.ts';

/** A job that was suspended or resumed: what its status says then, and the event about it. */
export interface Turn {
  readonly conditions: readonly JobCondition[];
  readonly event: 'Suspended' | 'Resumed';
  readonly message: string;
}

/** Whether the job has turned; undefined when its condition says so already. */
export function suspension(job: Job, now: number): Turn | undefined {
  const known = job.status?.conditions ?? [];
  const [event, message, status] = isSuspended(job)
    ? (['Suspended', 'Job suspended', 'True'] as const)
    : (['Resumed', 'Job resumed', 'False'] as const);
  const conditions = withCondition(known, newCondition('Suspended', `Job${event}`, message, now, status));
  if (conditions === known) return undefined;
  return { conditions, event, message };
}

/**
 * The start time that a job's status is to tell, undefined for none. A suspended job loses it, and has its whole deadline
 * again when it is resumed. One that is over has one, unless it had nothing to do. `managed`: its pods were brought in line.
 */
export function startTimeOf(
  job: Job,
  { managed, over }: { readonly managed: boolean; readonly over: boolean },
  turn: Turn | undefined,
  now: number,
): string | undefined {
  const known = job.status?.startTime;
  if (!isSuspended(job)) return (turn ? undefined : known) ?? timestamp(now);
  if (managed) return undefined;
  return known ?? (over && job.spec?.completions !== 0 ? timestamp(now) : undefined);
}

/** Since when the job has been active, in wall milliseconds; a job that is being resumed or started, since now. */
export function activeSince(job: Job, now: number): number | undefined {
  if (isSuspended(job)) return undefined;
  const { startTime } = job.status ?? {};
  return startTime === undefined || trueCondition(job.status, 'Suspended') ? now : Date.parse(startTime);
}
