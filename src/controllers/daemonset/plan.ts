import { scaledValue } from '../../api/int-or-string.ts';
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import { isAvailable, isReady, isTerminal } from '../pod-state.ts';
import { nodeOf, placementOn, revisionLabel } from './placement.ts';

export interface DaemonPlan {
  /** Nodes that need a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Of those to remove, the ones that failed: a user should hear of them. */
  readonly failed: readonly Pod[];
}

const going = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined;
const isNew = (pod: Pod, revision: string) => pod.metadata.labels?.[revisionLabel] === revision;
const isUp = (set: DaemonSet, pod: Pod, now: number) =>
  !going(pod) && isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);

/** The set's pods by the node they are for. Pods for nodes that do not exist are left to the pod garbage collector. */
export function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    if (node === undefined) continue;
    const list = byNode.get(node);
    if (list) list.push(pod);
    else byNode.set(node, [pod]);
  }
  return byNode;
}

const created = (pod: Pod) => pod.metadata.creationTimestamp ?? '';

/** One pod per fitting node: missing ones are made, failed, doubled and misplaced ones removed, outdated ones replaced. */
export function planDaemons(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: string,
  now: number,
): DaemonPlan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const failed: Pod[] = [];
  const byNode = podsByNode(pods);
  const { surge } = limits(set, nodes);
  for (const node of nodes) {
    const name = node.metadata.name!;
    const own = byNode.get(name) ?? [];
    const { run, stay } = placementOn(set, node);
    if (!run) {
      // What runs on a node that takes no more may stay, unless the node drives it out.
      remove.push(...own.filter((pod) => !going(pod) && (!stay || !pod.spec?.nodeName)));
      if (!stay) continue;
    }
    const ended = own.filter((pod) => isTerminal(pod) && !going(pod));
    failed.push(...ended);
    const alive = own
      .filter((pod) => !isTerminal(pod) && !going(pod))
      .sort((a, b) => (created(a) < created(b) ? -1 : 1));
    remove.push(...ended, ...doubles(alive, revision, surge > 0));
    // A pod that has failed or is going still holds its node: its successor comes when it is gone.
    if (run && own.length === 0) create.push(name);
  }
  if (set.spec?.updateStrategy?.type === 'OnDelete') return { create, remove, failed };
  const update =
    surge > 0 ? planSurge(set, nodes, byNode, revision, now) : planReplace(set, nodes, byNode, revision, now);
  return { create: [...create, ...update.create], remove: [...remove, ...update.remove], failed };
}

/** The oldest stays; with surge one of each revision may stand side by side. */
function doubles(alive: readonly Pod[], revision: string, surging: boolean): Pod[] {
  if (!surging) return alive.slice(1);
  return [
    ...alive.filter((pod) => isNew(pod, revision)).slice(1),
    ...alive.filter((pod) => !isNew(pod, revision)).slice(1),
  ];
}

function limits(set: DaemonSet, nodes: readonly Node[]): { surge: number; unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const wanted = nodes.filter((node) => placementOn(set, node).run).length;
  const surge = scaledValue(maxSurge, wanted, true);
  const unavailable = scaledValue(maxUnavailable, wanted, true);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

interface Update {
  readonly create: string[];
  readonly remove: Pod[];
}

const livePods = (pods: readonly Pod[] | undefined) => (pods ?? []).filter((pod) => !going(pod) && !isTerminal(pod));

/** Outdated pods that are down go at once; others as far as that many nodes may be without. */
function planReplace(
  set: DaemonSet,
  nodes: readonly Node[],
  byNode: ReadonlyMap<string, Pod[]>,
  revision: string,
  now: number,
): Update {
  let missing = 0;
  const down: Pod[] = [];
  const up: Pod[] = [];
  for (const node of nodes) {
    if (!placementOn(set, node).run) continue;
    const [pod] = livePods(byNode.get(node.metadata.name!));
    const standing = pod !== undefined && isUp(set, pod, now);
    if (!standing) missing++;
    if (pod && !isNew(pod, revision)) (standing ? up : down).push(pod);
  }
  const room = Math.max(0, limits(set, nodes).unavailable - missing);
  return { create: [], remove: [...down, ...up.slice(0, room)] };
}

/** A second pod of the new revision comes first; the old one goes when that is available. */
function planSurge(
  set: DaemonSet,
  nodes: readonly Node[],
  byNode: ReadonlyMap<string, Pod[]>,
  revision: string,
  now: number,
): Update {
  const create: string[] = [];
  const remove: Pod[] = [];
  let surging = 0;
  const waiting: string[] = [];
  for (const node of nodes) {
    const live = livePods(byNode.get(node.metadata.name!));
    const old = live.find((pod) => !isNew(pod, revision));
    const fresh = live.find((pod) => isNew(pod, revision));
    if (!old || !placementOn(set, node).run) continue;
    if (fresh && isUp(set, fresh, now)) remove.push(old);
    else if (fresh) surging++;
    else if (!isUp(set, old, now)) remove.push(old);
    else waiting.push(node.metadata.name!);
  }
  create.push(...waiting.slice(0, Math.max(0, limits(set, nodes).surge - surging)));
  return { create, remove };
}

/** The status the nodes and pods give. */
export function daemonStatus(
  set: DaemonSet,
  nodes: readonly Node[],
  pods: readonly Pod[],
  revision: string,
  collisions: number,
  now: number,
): DaemonSetStatus {
  const byNode = podsByNode(pods);
  const count = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const own = livePods(byNode.get(node.metadata.name!)).sort((a, b) => (created(a) < created(b) ? -1 : 1));
    if (!placementOn(set, node).run) {
      if (own.length > 0) count.misplaced++;
      continue;
    }
    count.desired++;
    const [oldest] = own;
    if (!oldest) continue;
    count.current++;
    if (own.some(isReady)) count.ready++;
    if (own.some((pod) => isUp(set, pod, now))) count.available++;
    if (isNew(own.at(-1)!, revision)) count.updated++;
  }
  const unavailable = count.desired - count.available;
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misplaced,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...(count.updated > 0 && { updatedNumberScheduled: count.updated }),
    ...(count.available > 0 && { numberAvailable: count.available }),
    ...(unavailable > 0 && { numberUnavailable: unavailable }),
    ...(collisions > 0 && { collisionCount: collisions }),
  };
}
