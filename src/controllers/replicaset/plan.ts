import type { ContainerStatus, Pod } from '../../api/types/core-v1.gen.ts';
import { isReady, podCondition } from '../pod-state.ts';

/** How many pods one reconcile may create or delete. Upstream's BurstReplicas. */
export const burst = 500;

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** How many pods to create, or which to delete. */
export type ReplicaPlan = { readonly create: number } | { readonly remove: readonly Pod[] };

/**
 * Compares what is there with what is wanted. `related` are the active pods of all ReplicaSets under the same owner:
 * where a node holds many of them, one there goes first.
 */
export function planReplicas(
  active: readonly Pod[],
  wanted: number,
  related: readonly Pod[],
  now: number,
): ReplicaPlan {
  const missing = wanted - active.length;
  if (missing >= 0) return { create: Math.min(missing, burst) };
  return { remove: podsToRemove(active, Math.min(-missing, burst), related, now) };
}

/** The `count` pods whose loss hurts least, in upstream's order. */
export function podsToRemove(active: readonly Pod[], count: number, related: readonly Pod[], now: number): Pod[] {
  if (count >= active.length) return [...active];
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName;
    if (node) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const rankOf = (pod: Pod) => perNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return [...active].sort((a, b) => removalOrder(a, b, rankOf, now)).slice(0, count);
}

/** Negative when `a` goes before `b`. */
function removalOrder(a: Pod, b: Pod, rankOf: (pod: Pod) => number, now: number): number {
  const bound = (pod: Pod) => (pod.spec?.nodeName ? 1 : 0);
  const ready = (pod: Pod) => (isReady(pod) ? 1 : 0);
  return (
    bound(a) - bound(b) ||
    phaseRank(a) - phaseRank(b) ||
    ready(a) - ready(b) ||
    cost(a) - cost(b) ||
    rankOf(b) - rankOf(a) ||
    youngerFirst(readySince(a), readySince(b), a, b, now) ||
    moreRestartsFirst(a, b) ||
    youngerFirst(created(a), created(b), a, b, now)
  );
}

/** How far a pod has come. */
export const phaseRank = (pod: Pod): number => phaseOrder[pod.status?.phase ?? 'Pending'] ?? 0;

function cost(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCost];
  return text !== undefined && /^(-?[1-9]\d*|0)$/.test(text) ? Number(text) : 0;
}

/** Ages are compared by their logarithm, and pods of about one age by uid, so that a scale-down does not always hit the newest. */
function youngerFirst(a: number | undefined, b: number | undefined, podA: Pod, podB: Pod, now: number): number {
  if (a === b) return 0;
  // A pod without the time counts as youngest.
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const ranks = logarithmicRank(a, now) - logarithmicRank(b, now);
  if (ranks !== 0) return ranks;
  return (podA.metadata.uid ?? '') < (podB.metadata.uid ?? '') ? -1 : 1;
}

function logarithmicRank(time: number, now: number): number {
  const nanos = (now - time) * 1e6;
  return nanos <= 0 ? 0 : Math.floor(Math.log2(nanos));
}

/** Since when the pod has been ready, in wall milliseconds. */
export function readySince(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready');
  if (condition?.status !== 'True' || !condition.lastTransitionTime) return undefined;
  return Date.parse(condition.lastTransitionTime);
}

/** When the pod was created, in wall milliseconds. */
export const created = (pod: Pod): number | undefined => Date.parse(pod.metadata.creationTimestamp ?? '') || undefined;

/**
 * Compares pods by the container that restarted most often, more restarts first; where they are equal, by the sidecar
 * that did. Source: upstream's compareMaxContainerRestarts.
 */
export const moreRestartsFirst = (a: Pod, b: Pod): number =>
  most(b.status?.containerStatuses) - most(a.status?.containerStatuses) || most(sidecars(b)) - most(sidecars(a));

const most = (statuses: readonly ContainerStatus[] = []): number =>
  Math.max(0, ...statuses.map(({ restartCount }) => restartCount));

function sidecars({ spec, status }: Pod): ContainerStatus[] {
  const names = new Set(spec?.initContainers?.filter((c) => c.restartPolicy === 'Always').map(({ name }) => name));
  return status?.initContainerStatuses?.filter(({ name }) => names.has(name)) ?? [];
}
