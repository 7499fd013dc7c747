import { scaledValue } from '../../api/int-or-string.ts';
import type { StatefulSet, StatefulSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable, isReady, isTerminal } from '../pod-state.ts';
import { firstOrdinal, ordinalOf, revisionLabel } from './identity.ts';

/** Names of the revision that is being left and of the one rolled out to. */
export interface Revisions {
  readonly current: string;
  readonly update: string;
}

/** One step for one ordinal. A pod that failed is deleted to be made anew. */
export type Step =
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  | { readonly do: 'delete'; readonly pod: Pod; readonly why: 'failed' | 'scale' | 'update' };

const going = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined;
const revisionOf = (pod: Pod) => pod.metadata.labels?.[revisionLabel];
const runs = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod);

/** Whether a pod counts as up: running, ready for long enough, and not being deleted. */
function isUp(set: StatefulSet, pod: Pod, now: number): boolean {
  return runs(pod) && !going(pod) && isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
}

interface Sorted {
  /** By ordinal from the first; holes are missing pods. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Beyond the wanted number, highest ordinal first. */
  readonly condemned: readonly Pod[];
}

function sort(set: StatefulSet, pods: readonly Pod[]): Sorted {
  const first = firstOrdinal(set);
  const count = set.spec?.replicas ?? 1;
  const replicas: (Pod | undefined)[] = new Array(count).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)!;
    if (ordinal >= first && ordinal < first + count) replicas[ordinal - first] = pod;
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
    } else if (isTerminal(pod) && !going(pod)) {
      steps.push({ do: 'delete', pod, why: 'failed' });
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
      steps: condemned.filter((pod) => !going(pod)).map((pod) => ({ do: 'delete', pod, why: 'scale' })),
      waits: false,
    };
  }
  const [last] = condemned;
  if (!last) return { steps: [], waits: false };
  // The lowest pod that is not up may go, so that a set that will never be healthy can still be scaled down.
  const sick = [...replicas, ...condemned.toReversed()].find((pod) => pod !== undefined && !isUp(set, pod, now));
  if (going(last) || (!isUp(set, last, now) && last !== sick)) return { steps: [], waits: true };
  return { steps: [{ do: 'delete', pod: last, why: 'scale' }], waits: true };
}

/** From the highest ordinal down to the partition, so many at once as may be missing. */
function planUpdate(set: StatefulSet, replicas: readonly (Pod | undefined)[], update: string, now: number): Step[] {
  const { partition = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const most = Math.max(1, scaledValue(maxUnavailable, replicas.length, false));
  let missing = replicas.filter((pod) => !pod || !isUp(set, pod, now)).length;
  const steps: Step[] = [];
  for (const pod of replicas.slice(partition).reverse()) {
    if (!pod || going(pod) || revisionOf(pod) === update) continue;
    const up = isUp(set, pod, now);
    // A pod that is down anyway costs nothing; one that is up must wait until another may be missing.
    if (up && missing >= most) continue;
    if (up) missing++;
    steps.push({ do: 'delete', pod, why: 'update' });
  }
  return steps;
}

/** The status the pods give. A finished update makes the new revision the current one. */
export function setStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  collisions: number,
  now: number,
): StatefulSetStatus {
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const created = pods.filter((pod) => pod.status?.phase);
  const ready = created.filter(runs).length;
  const available = created.filter((pod) => runs(pod) && isAvailable(pod, minReadySeconds, now)).length;
  const at = (revision: string) => created.filter((pod) => !going(pod) && revisionOf(pod) === revision).length;
  const wanted = set.spec?.replicas ?? 1;
  const updated = at(revisions.update);
  const rolling = set.spec?.updateStrategy?.type !== 'OnDelete';
  const complete = rolling && updated === wanted && ready === wanted && created.length === wanted;
  const current = complete ? updated : at(revisions.current);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: created.length,
    ...(ready > 0 && { readyReplicas: ready }),
    ...(current > 0 && { currentReplicas: current }),
    ...(updated > 0 && { updatedReplicas: updated }),
    currentRevision: complete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: collisions,
    availableReplicas: available,
  };
}
