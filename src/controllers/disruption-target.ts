import { timestamp } from '../base/clock.ts';

/** A status patch that says why a pod is about to be deleted by the system. */
export function disruptionTarget(reason: string, message: string, now: number): object {
  return { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: timestamp(now) };
}
