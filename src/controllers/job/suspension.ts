import type { Job, JobCondition } from '../../api/types/batch-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { isSuspended, newCondition, trueCondition, withCondition } from './job-facts.ts';

/** A job that was suspended or resumed: what its status says then, and the event about it. */
export interface Turn {
  readonly conditions: readonly JobCondition[];
  /** Since when it is active, if it was resumed: it gets its whole deadline again. */
  readonly startTime?: string;
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
  return { conditions, event, message, ...(event === 'Resumed' && { startTime: timestamp(now) }) };
}

/** Since when the job has been active, in wall milliseconds; a job that is being resumed or started, since now. */
export function activeSince(job: Job, now: number): number | undefined {
  if (isSuspended(job)) return undefined;
  const { startTime } = job.status ?? {};
  return startTime === undefined || trueCondition(job.status, 'Suspended') ? now : Date.parse(startTime);
}
