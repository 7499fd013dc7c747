import { cronJobs as cronJobsRef } from '../../api/kinds.gen.ts';
import { type Mutable, thaw } from '../../api/object.ts';
import type { CronJob, Job } from '../../api/types/batch-v1.gen.ts';
import { type TimeZone, zonedTimestamp } from '../../base/time-zone.ts';
import { controllerReference } from '../ownership.ts';

/** Tells a job for which time it was made. */
const scheduledKey = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of a run's job, by which no run is made twice. `time`: of the run, in wall milliseconds. */
export const jobName = ({ metadata }: CronJob, time: number): string => `${metadata.name}-${Math.floor(time / 60_000)}`;

/** The job of a run. */
export function jobOf(cronJob: CronJob, time: number, zone: TimeZone): Mutable<Job> {
  const { metadata, spec } = thaw(cronJob.spec!.jobTemplate) as Mutable<Job>;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, time),
      namespace: cronJob.metadata.namespace!,
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, [scheduledKey]: zonedTimestamp(zone, time) },
      ownerReferences: [controllerReference(cronJob, cronJobsRef)],
    },
    ...(spec && { spec }),
  };
}
