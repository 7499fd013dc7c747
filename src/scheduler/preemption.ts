import type { NodeTable } from './node-table.ts';
import type { World } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** Pods to evict from a node so that another fits. */
export interface Victims {
  readonly node: string;
  /** The most important first. */
  readonly pods: readonly PodInfo[];
}

interface Candidate extends Victims {
  /** How many victims a disruption budget would protect. */
  readonly violations: number;
}

/** So many nodes are tried at most; more choice is not worth the time (upstream's minCandidateNodesAbsolute). */
const maxCandidates = 100;

const startOf = ({ pod }: PodInfo) => pod.status?.startTime ?? '';

/** More important pods first; between equals, those that have run longest. */
const byImportance = (a: PodInfo, b: PodInfo) => b.priority - a.priority || (startOf(a) < startOf(b) ? -1 : 1);

/** Whether a pod may evict others now; else why not, as upstream words it. */
export function preemptionBar(pod: PodInfo, nodes: NodeTable): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.pod.status?.nominatedNodeName;
  const slot = nominated ? nodes.slotOf(nominated) : undefined;
  if (slot === undefined) return undefined;
  for (const other of nodes.slots[slot]!.pods.values()) {
    if (other.terminating && other.priority < pod.priority) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

/**
 * Looks among the given slots for the node where evicting the fewest and least important pods makes room
 * (upstream's DefaultPreemption). `fits` judges a slot as the table is when it is called; the table is changed on the way
 * and left as it was.
 */
export function findVictims(
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
  fits: (slot: number) => boolean,
  slots: readonly number[],
): Victims | undefined {
  let best: Candidate | undefined;
  let tried = 0;
  for (const slot of slots) {
    const lower = [...nodes.slots[slot]!.pods.values()].filter(({ priority }) => priority < pod.priority);
    if (lower.length === 0) continue;
    if (tried++ === maxCandidates) break;
    const candidate = victimsOn(nodes, world, fits, slot, lower);
    if (candidate && (!best || better(candidate, best))) best = candidate;
  }
  return best;
}

function victimsOn(
  nodes: NodeTable,
  world: World,
  fits: (slot: number) => boolean,
  slot: number,
  lower: readonly PodInfo[],
): Candidate | undefined {
  const { name } = nodes.slots[slot]!;
  for (const { uid } of lower) nodes.removePod(uid);
  try {
    if (!fits(slot)) return undefined;
    const victims: PodInfo[] = [];
    let violations = 0;
    // Protected pods are spared first, then the important ones.
    const [guarded, free] = split(lower.toSorted(byImportance), (other) => world.guarded(other));
    for (const other of [...guarded, ...free]) {
      nodes.addPod(other, name);
      if (fits(slot)) continue;
      nodes.removePod(other.uid);
      victims.push(other);
      if (guarded.includes(other)) violations++;
    }
    return { node: name, pods: victims.sort(byImportance), violations };
  } finally {
    for (const other of lower) nodes.addPod(other, name);
  }
}

/** Upstream's order: fewest violations, least important top victim, least importance in sum, fewest, youngest. */
function better(a: Candidate, b: Candidate): boolean {
  const sum = ({ pods }: Candidate) => pods.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  const ranks: ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ pods }) => pods[0]?.priority ?? Number.NEGATIVE_INFINITY,
    sum,
    ({ pods }) => pods.length,
  ];
  for (const rank of ranks) if (rank(a) !== rank(b)) return rank(a) < rank(b);
  const eldest = ({ pods }: Candidate) => (pods[0] ? startOf(pods[0]) : '');
  return eldest(a) > eldest(b);
}

function split<T>(items: readonly T[], first: (item: T) => boolean): [T[], T[]] {
  return [items.filter(first), items.filter((item) => !first(item))];
}
