import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { isTerminal } from '../pod-state.ts';
import { byAge, desiredAnnotation, maxAnnotation, rememberedSize, sizeAnnotations } from './revision.ts';
import {
  actualReplicasOf,
  availableReplicasOf,
  isRolling,
  maxSurge,
  maxUnavailable,
  newReplicas,
  replicasOf,
  wantedReplicas,
} from './sizing.ts';

/** A ReplicaSet to be given a size. The size may be the one it has, when only what it remembers changes. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly to: number;
}

const sizeOf = (set: ReplicaSet): number => set.spec?.replicas ?? 0;
const active = (sets: readonly (ReplicaSet | undefined)[]): ReplicaSet[] =>
  sets.filter((set): set is ReplicaSet => set !== undefined && sizeOf(set) > 0);

/** Whether the wanted size changed since the ReplicaSets were last sized. */
export function isScalingEvent(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): boolean {
  return active([fresh, ...old]).some((set) => {
    const desired = rememberedSize(set, desiredAnnotation);
    return desired !== undefined && desired !== wantedReplicas(deployment);
  });
}

/** Brings the sizes to the wanted number without moving the rollout: one active set takes it all, several share in proportion. */
export function planScale(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Scaling[] {
  const wanted = wantedReplicas(deployment);
  const only = activeOrLatest(fresh, old);
  if (only) return sizeOf(only) === wanted ? [] : [{ set: only, to: wanted }];
  if (isSaturated(deployment, fresh)) return active(old).map((set) => ({ set, to: 0 }));
  return isRolling(deployment) ? shareOut(deployment, active([...old, fresh])) : [];
}

/** The only active ReplicaSet, or the newest when none is active; undefined when several are. */
function activeOrLatest(fresh: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const some = active([fresh, ...old]);
  if (some.length > 1) return undefined;
  return some[0] ?? fresh ?? old.toSorted(byAge).at(-1);
}

/** The new ReplicaSet has, wants and knows it wants all pods, and all are available. */
function isSaturated(deployment: Deployment, fresh: ReplicaSet | undefined): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    fresh !== undefined &&
    sizeOf(fresh) === wanted &&
    rememberedSize(fresh, desiredAnnotation) === wanted &&
    (fresh.status?.availableReplicas ?? 0) === wanted
  );
}

/** Proportional scaling: each set grows or shrinks by its share, the largest takes what rounding leaves. */
function shareOut(deployment: Deployment, sets: readonly ReplicaSet[]): Scaling[] {
  const wanted = wantedReplicas(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - replicasOf(sets);
  const ageSign = toAdd > 0 ? -1 : 1;
  const sorted = sets.toSorted((a, b) => sizeOf(b) - sizeOf(a) || ageSign * byAge(a, b));
  let added = 0;
  const sizes = sorted.map((set) => {
    const share = toAdd === 0 ? 0 : proportion(deployment, set, toAdd, added);
    added += share;
    return sizeOf(set) + share;
  });
  return sorted.map((set, i) => ({ set, to: Math.max(0, sizes[i]! + (i === 0 ? toAdd - added : 0)) }));
}

function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  const rest = toAdd - added;
  if (sizeOf(set) === 0 || rest === 0) return 0;
  const share = fraction(deployment, set);
  return toAdd > 0 ? Math.min(share, rest) : Math.max(share, rest);
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const wanted = wantedReplicas(deployment);
  if (wanted === 0) return -sizeOf(set);
  const before = rememberedSize(set, maxAnnotation) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((sizeOf(set) * (wanted + maxSurge(deployment))) / before) - sizeOf(set);
}

/** The next step of a rolling update: first the new ReplicaSet, then, if that stands, the old ones. */
export function planRolling(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): Scaling[] {
  const grow = planNew(deployment, fresh, old);
  return grow.length > 0 ? grow : planOld(deployment, fresh, old);
}

function planNew(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): Scaling[] {
  const wanted = wantedReplicas(deployment);
  const size = sizeOf(fresh);
  const to = size > wanted ? wanted : newReplicas(deployment, replicasOf([fresh, ...old]), size);
  return to === size ? [] : [{ set: fresh, to }];
}

function planOld(deployment: Deployment, fresh: ReplicaSet, sets: readonly ReplicaSet[]): Scaling[] {
  // A set just emptied may still call its pods available.
  const old = active(sets);
  if (old.length === 0) return [];
  const all = [fresh, ...old];
  const floor = wantedReplicas(deployment) - maxUnavailable(deployment);
  const freshMissing = sizeOf(fresh) - (fresh.status?.availableReplicas ?? 0);
  const room = replicasOf(all) - floor - freshMissing;
  if (room <= 0) return [];
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  const oldestFirst = old.toSorted(byAge);
  // Pods that do not work go first: losing them costs nothing.
  take(room, oldestFirst, sizes, (set, size) => size - (set.status?.availableReplicas ?? 0));
  const spare = availableReplicasOf(all) - floor;
  if (spare > 0) take(spare, oldestFirst, sizes, (_, size) => size);
  return oldestFirst.filter((set) => sizes.get(set) !== sizeOf(set)).map((set) => ({ set, to: sizes.get(set)! }));
}

/** Takes up to `total` replicas off the sets in order, from each at most what `most` allows. */
function take(
  total: number,
  sets: readonly ReplicaSet[],
  sizes: Map<ReplicaSet, number>,
  most: (set: ReplicaSet, size: number) => number,
): void {
  let left = total;
  for (const set of sets) {
    const size = sizes.get(set)!;
    const step = Math.max(0, Math.min(left, size, most(set, size)));
    sizes.set(set, size - step);
    left -= step;
  }
}

/** What a Recreate deployment does next. */
export type RecreateStep =
  | { readonly step: 'empty'; readonly scalings: readonly Scaling[] }
  | { readonly step: 'wait' }
  | { readonly step: 'fill' };

/** Old ReplicaSets are emptied, their pods waited for, and only then the new one is filled. */
export function planRecreate(old: readonly ReplicaSet[], podsOf: (set: ReplicaSet) => readonly Pod[]): RecreateStep {
  const scalings = active(old).map((set) => ({ set, to: 0 }));
  if (scalings.length > 0) return { step: 'empty', scalings };
  const running = actualReplicasOf(old) > 0 || old.some((set) => podsOf(set).some((pod) => !isTerminal(pod)));
  return running ? { step: 'wait' } : { step: 'fill' };
}

/** What a ReplicaSet looks like after a scaling; undefined when it already does. */
export function scaled(deployment: Deployment, { set, to }: Scaling): ReplicaSet | undefined {
  const annotations = sizeAnnotations(deployment);
  const remembered = Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (sizeOf(set) === to && remembered) return undefined;
  return {
    ...set,
    metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } },
    spec: { ...set.spec!, replicas: to },
  };
}
