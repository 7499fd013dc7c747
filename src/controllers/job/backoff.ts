import type { Pod } from '../../api/types/core-v1.gen.ts';
import { podCondition } from '../pod-state.ts';

/** Delay before the first failed pod is replaced; it doubles with every failure. In milliseconds. */
const firstDelay = 10_000;
const longestDelay = 10 * 60_000;

/** Failures since the last success, and when the last one was. */
export interface Backoff {
  readonly failures: number;
  readonly last: number;
}

export const noBackoff: Backoff = { failures: 0, last: 0 };

/** The back-off after pods have ended that it does not know of yet. A success ends it. Source: upstream's backoff_utils. */
export function nextBackoff(before: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  const failures = failed.map(endOf);
  if (succeeded.length > 0) {
    const success = Math.max(...succeeded.map(endOf));
    const since = failures.filter((at) => at > success);
    return since.length > 0 ? { failures: since.length, last: Math.max(...since) } : noBackoff;
  }
  if (failures.length === 0) return before;
  return { failures: before.failures + failures.length, last: Math.max(...failures) };
}

/** Milliseconds until a pod may be created again. */
export function remainingDelay({ failures, last }: Backoff, now: number): number {
  if (failures === 0) return 0;
  const delay = Math.min(firstDelay * 2 ** (failures - 1), longestDelay);
  return Math.max(0, last + delay - now);
}

/**
 * When a pod ended: when its last container did, else when it stopped being ready, else when its deletion was asked for,
 * else when it was created.
 */
export function endOf(pod: Pod): number {
  return containersEnd(pod) ?? readinessEnd(pod) ?? deletionStart(pod) ?? parse(pod.metadata.creationTimestamp) ?? 0;
}

const parse = (time: string | null | undefined): number | undefined => (time ? Date.parse(time) : undefined);

function containersEnd(pod: Pod): number | undefined {
  const ends = (pod.status?.containerStatuses ?? []).map(({ state }) => parse(state?.terminated?.finishedAt));
  return ends.length > 0 && ends.every((end) => end !== undefined) ? Math.max(...ends) : undefined;
}

function readinessEnd(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  return ready?.status === 'False' ? parse(ready.lastTransitionTime) : undefined;
}

/** The timestamp of a deletion lies a grace period in the future. */
function deletionStart({ metadata }: Pod): number | undefined {
  const end = parse(metadata.deletionTimestamp);
  return end === undefined ? undefined : end - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}
