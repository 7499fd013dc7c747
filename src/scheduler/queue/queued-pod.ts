import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { PodInfo } from '../state/pod-info.ts';

export type Place = 'active' | 'backoff' | 'unschedulable' | 'gated' | 'inFlight';

/** A pod waiting to be placed. */
export interface QueuedPod {
  info: PodInfo;
  place: Place;
  /** Grows with every move, so that entries left behind in a heap are recognised. */
  move: number;
  /** When it came to the queue last, steady milliseconds: between equal priorities the older goes first. */
  since: number;
  /** When it could be tried for the first time, and when the last attempt began, steady milliseconds. */
  firstActive: number | undefined;
  started: number;
  attempts: number;
  /** How often it was refused, and how often in a row placing it went wrong: each has its own back-off. */
  refusals: number;
  errors: number;
  backoffUntil: number;
  /** The plugins that refused it last, or the one that gates it; empty when it failed for another reason. */
  refusedBy: ReadonlySet<string>;
}

/** Makes a pod that has just come to the queue. */
export function queuedPod(info: PodInfo, since: number): QueuedPod {
  return {
    info,
    place: 'gated',
    move: 0,
    since,
    firstActive: undefined,
    started: since,
    attempts: 0,
    refusals: 0,
    errors: 0,
    backoffUntil: 0,
    refusedBy: new Set(),
  };
}

/** The profile that places the pod. */
export function profileOf({ spec }: Pod): string {
  return spec?.schedulerName ?? 'default-scheduler';
}

/** More important pods first; between equals, who waits longest (upstream's PrioritySort). */
export function goesFirst(a: QueuedPod, b: QueuedPod): boolean {
  return a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.since < b.since);
}
