import { scaledValue } from '../../api/int-or-string.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable, isReady, isTerminal } from '../pod-state.ts';
import { revisionLabel } from '../revision-history.ts';
import { firstOrdinal, isWanted, ordinalOf, wantedReplicas } from './identity.ts';

/** Names of the revision that is being left and of the one rolled out to. */
export interface Revisions {
  readonly current: string;
  readonly update: string;
}

/** One step for one ordinal. A pod that has ended is deleted to be made anew. */
export type Step =
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly do: 'delete'; readonly pod: Pod; readonly why: 'ended' | 'scale' | 'update' };

export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const revisionOf = (pod: Pod): string | undefined => pod.metadata.labels?.[revisionLabel];
export const runs = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod);

/** Whether a pod counts as up: running, ready for long enough, and not being deleted. */
function isUp(set: StatefulSet, pod: Pod, now: number): boolean {
  return runs(pod) && !isGoing(pod) && isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
}

interface Sorted {
  /** By ordinal from the first; holes are missing pods. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Beyond the wanted number, highest ordinal first. */
  readonly condemned: readonly Pod[];
}

function sort(set: StatefulSet, pods: readonly Pod[]): Sorted {
  const first = firstOrdinal(set);
  const replicas: (Pod | undefined)[] = new Array(wantedReplicas(set)).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)!;
    if (isWanted(set, ordinal)) replicas[ordinal - first] = pod;
    else condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  return { replicas, condemned };
}

/** What to do now. Ordered sets do one thing at a time and wait for each pod; parallel ones wait for none. */
export function planSteps(set: StatefulSet, pods: readonly Pod[], revisions: Revisions, now: number): Step[] {
  const sorted = sort(set, pods);
  const ordered = set.spec?.podManagementPolicy !== 'Parallel';
  const fill = planReplicas(set, sorted, revisions, ordered, now);
  if (fill.waits) return fill.steps;
  const shrink = planCondemned(set, sorted, ordered, now);
  const steps = [...fill.steps, ...shrink.steps];
  if (shrink.waits || steps.length > 0 || set.spec?.updateStrategy?.type === 'OnDelete') return steps;
  return planUpdate(set, sorted.replicas, revisions.update, now);
}

interface Part {
  readonly steps: Step[];
  /** Nothing that comes later may happen yet. */
  readonly waits: boolean;
}

function planReplicas(
  set: StatefulSet,
  { replicas }: Sorted,
  revisions: Revisions,
  ordered: boolean,
  now: number,
): Part {
  const steps: Step[] = [];
  for (const [i, pod] of replicas.entries()) {
    const ordinal = firstOrdinal(set) + i;
    if (!pod) {
      steps.push({ do: 'create', ordinal, revision: revisionFor(set, ordinal, revisions) });
      if (ordered) return { steps, waits: true };
    } else if (isTerminal(pod) && !isGoing(pod)) {
      steps.push({ do: 'delete', pod, why: 'ended' });
      if (ordered) return { steps, waits: true };
    } else if (ordered && !isUp(set, pod, now)) {
      return { steps, waits: true };
    }
  }
  return { steps, waits: false };
}

/** Ordinals below the partition, or not yet reached by the update, are made from the revision that is being left. */
function revisionFor(set: StatefulSet, ordinal: number, { current, update }: Revisions): string {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return update;
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status?.currentReplicas ?? 0);
  return ordinal < firstOrdinal(set) + kept ? current : update;
}

function planCondemned(set: StatefulSet, { replicas, condemned }: Sorted, ordered: boolean, now: number): Part {
  if (!ordered) {
    return {
      steps: condemned.filter((pod) => !isGoing(pod)).map((pod) => ({ do: 'delete', pod, why: 'scale' })),
      waits: false,
    };
  }
  const [last] = condemned;
  if (!last) return { steps: [], waits: false };
  // The lowest pod that is not up may go, so that a set that will never be healthy can still be scaled down.
  const sick = [...replicas, ...condemned.toReversed()].find((pod) => pod !== undefined && !isUp(set, pod, now));
  if (isGoing(last) || (!isUp(set, last, now) && last !== sick)) return { steps: [], waits: true };
  return { steps: [{ do: 'delete', pod: last, why: 'scale' }], waits: true };
}

type Replicas = readonly (Pod | undefined)[];

/** Replaces pods of other revisions, from the highest ordinal down to the partition. */
function planUpdate(set: StatefulSet, replicas: Replicas, update: string, now: number): Step[] {
  const { partition = 0, maxUnavailable } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const isUnavailable = (pod: Pod | undefined) => !pod || !isUp(set, pod, now);
  const targets = replicas.slice(partition).reverse();
  if (maxUnavailable === undefined) return oneByOne(targets, update, isUnavailable);
  const most = Math.max(1, scaledValue(maxUnavailable, replicas.length, false));
  const budget = most - replicas.filter(isUnavailable).length;
  const outdated = targets.filter((pod) => pod !== undefined && isOutdated(pod, update)) as Pod[];
  if (set.spec?.podManagementPolicy !== 'Parallel') return outdated.slice(0, Math.max(0, budget)).map(replaced);
  // A pod that is down anyway costs nothing; the others wait until another may be missing.
  const [down, up] = [true, false].map((want) => outdated.filter((pod) => isUnavailable(pod) === want));
  return [...down!, ...up!.slice(0, Math.max(0, budget))].map(replaced);
}

const isOutdated = (pod: Pod, update: string): boolean => !isGoing(pod) && revisionOf(pod) !== update;
const replaced = (pod: Pod): Step => ({ do: 'delete', pod, why: 'update' });

/** The next pod to replace, once all above it are new and up. One that is outdated goes whether or not it is up. */
function oneByOne(targets: Replicas, update: string, isUnavailable: (pod: Pod | undefined) => boolean): Step[] {
  const next = targets.find((pod) => isUnavailable(pod) || isOutdated(pod!, update));
  return next && isOutdated(next, update) ? [replaced(next)] : [];
}
