import type { Job } from '../../api/types/batch-v1.gen.ts';
import { finalCondition } from '../finished-job.ts';

/**
 * When a finished job has outlived its TTL, in wall milliseconds; undefined while it has not finished, has no TTL or is
 * going already. Throws for a job that does not say when it finished. Source: pkg/controller/ttlafterfinished.
 */
export function expiryOf(job: Job): number | undefined {
  const { namespace, name, deletionTimestamp } = job.metadata;
  const ttl = job.spec?.ttlSecondsAfterFinished;
  const final = finalCondition(job);
  if (ttl === undefined || !final || deletionTimestamp) return undefined;
  if (!final.lastTransitionTime) throw new Error(`unable to find the time when the Job ${namespace}/${name} finished`);
  return Date.parse(final.lastTransitionTime) + ttl * 1000;
}
