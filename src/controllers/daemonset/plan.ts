import { scaledValue } from '../../api/int-or-string.ts';
import type { DaemonSet } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable, isReady, isTerminal } from '../pod-state.ts';
import { revisionLabel } from '../revision-history.ts';
import { nodeOf, placementOn } from './placement.ts';

export interface DaemonPlan {
  /** Nodes that need a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Of those to remove, the ones that have ended: a user should hear of them. */
  readonly ended: readonly Pod[];
}

export const isGoing = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isNew = (pod: Pod, revision: string): boolean => pod.metadata.labels?.[revisionLabel] === revision;

export const isUp = (set: DaemonSet, pod: Pod, now: number): boolean =>
  isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);

/** The set's pods by the node they are for, whether or not there is one; without those that have ended and are going. */
export function podsByNode(pods: readonly Pod[], revision: string): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    if (node === undefined || (isTerminal(pod) && isGoing(pod))) continue;
    const list = byNode.get(node);
    if (list) list.push(pod);
    else byNode.set(node, [pod]);
  }
  for (const list of byNode.values()) list.sort((a, b) => oldestFirst(a, b, revision));
  return byNode;
}

/** Pods that are bound first, then the older ones; times are whole seconds, so that the revision tells more than a name. */
function oldestFirst(a: Pod, b: Pod, revision: string): number {
  const unbound = (pod: Pod) => (pod.spec?.nodeName ? 0 : 1);
  const fresh = (pod: Pod) => (isNew(pod, revision) ? 1 : 0);
  const created = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
  return (
    unbound(a) - unbound(b) ||
    created(a) - created(b) ||
    fresh(a) - fresh(b) ||
    ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
  );
}

/** One pod per fitting node: missing ones are made, ended, doubled and misplaced ones removed, outdated ones replaced. */
export function planDaemons(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: string,
  now: number,
): DaemonPlan {
  const byNode = podsByNode(pods, revision);
  const fitting = nodes.filter((node) => placementOn(set, node).run).map((node) => node.metadata.name!);
  const limit = limits(set, fitting.length);
  const surging = limit.surge > 0;
  const create = fitting.filter((node) => !byNode.has(node));
  const remove = unscheduledWithoutNode(nodes, pods);
  const ended: Pod[] = [];
  for (const node of nodes) {
    const own = (byNode.get(node.metadata.name!) ?? []).filter((pod) => !isGoing(pod));
    if (!placementOn(set, node).stay) {
      remove.push(...own);
      continue;
    }
    ended.push(...own.filter(isTerminal));
    const alive = own.filter((pod) => !isTerminal(pod));
    remove.push(...(surging ? surplusOfSurge(set, alive, revision, now) : alive.slice(1)));
  }
  remove.push(...ended);
  if (set.spec?.updateStrategy?.type === 'OnDelete') return { create, remove, ended };
  const ofNodes = fitting.map((node) => [node, (byNode.get(node) ?? []).filter((pod) => !isGoing(pod))] as const);
  const up = (pod: Pod) => isUp(set, pod, now);
  const update = surging
    ? planSurge(ofNodes, limit.surge, revision, up)
    : planReplace(ofNodes, limit.unavailable, revision, up);
  return { create: [...create, ...update.create], remove: [...new Set([...remove, ...update.remove])], ended };
}

/** Pods that wait for a node that is gone are nobody else's business: they were never bound. */
function unscheduledWithoutNode(nodes: readonly Node[], pods: readonly Pod[]): Pod[] {
  const names = new Set(nodes.map((node) => node.metadata.name));
  return pods.filter((pod) => !pod.spec?.nodeName && !isGoing(pod) && !names.has(nodeOf(pod)));
}

/** With surge one of each revision may stand side by side, as long as the old one serves and the new one does not yet. */
function surplusOfSurge(set: DaemonSet, alive: readonly Pod[], revision: string, now: number): Pod[] {
  const [fresh, ...moreFresh] = alive.filter((pod) => isNew(pod, revision));
  const [old, ...moreOld] = alive.filter((pod) => !isNew(pod, revision));
  const replaced = fresh && old && (!isReady(old) || isUp(set, fresh, now));
  return [...moreFresh, ...moreOld, ...(replaced ? [old] : [])];
}

/** How many nodes may have two pods, or none, during an update. Both zero would never move. */
function limits(set: DaemonSet, wanted: number): { surge: number; unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, wanted, true);
  const unavailable = scaledValue(maxUnavailable, wanted, true);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

interface Update {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

type NodePods = readonly (readonly [node: string, pods: readonly Pod[]])[];

/** The pod of each revision on a node; undefined where one has several, which are thinned out first. */
function pair(pods: readonly Pod[], revision: string): { fresh?: Pod; old?: Pod } | undefined {
  const [fresh, ...moreFresh] = pods.filter((pod) => isNew(pod, revision));
  const [old, ...moreOld] = pods.filter((pod) => !isNew(pod, revision));
  if (moreFresh.length + moreOld.length > 0) return undefined;
  return { ...(fresh && { fresh }), ...(old && { old }) };
}

/** Outdated pods that are down go at once; others as far as that many nodes may be without. Source: upstream's rollingUpdate. */
function planReplace(nodes: NodePods, most: number, revision: string, up: (pod: Pod) => boolean): Update {
  let missing = 0;
  const down: Pod[] = [];
  const candidates: Pod[] = [];
  for (const [, pods] of nodes) {
    const { fresh, old } = pair(pods, revision) ?? {};
    if (old && !fresh && up(old)) candidates.push(old);
    else if (!fresh || old || !up(fresh)) missing++;
    if (old && !fresh && !up(old)) down.push(old);
  }
  return { create: [], remove: [...down, ...candidates.slice(0, Math.max(0, most - missing))] };
}

/** A second pod of the new revision comes first; the old one goes when that is available. */
function planSurge(nodes: NodePods, most: number, revision: string, up: (pod: Pod) => boolean): Update {
  let surging = 0;
  const allowed: string[] = [];
  const candidates: string[] = [];
  const remove: Pod[] = [];
  for (const [node, pods] of nodes) {
    const found = pair(pods, revision);
    if (!found) surging++;
    else if (found.old && found.fresh) {
      if (up(found.fresh)) remove.push(found.old);
      else surging++;
    } else if (found.old) {
      // Where the old one is down its successor costs nothing.
      (up(found.old) ? candidates : allowed).push(node);
    }
  }
  return { create: [...allowed, ...candidates.slice(0, Math.max(0, most - surging))], remove };
}
