import type { DefaultPreemptionArgs } from './config/types.ts';
import type { NodeTable } from './node-table.ts';
import type { World } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** Pods to evict from a node so that another fits. */
export interface Victims {
  readonly node: string;
  /** The most important first. */
  readonly pods: readonly PodInfo[];
}

export interface Candidate extends Victims {
  /** How many victims a disruption budget would protect. */
  readonly violations: number;
}

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

/** How many candidates are enough, of the nodes where eviction could help (DefaultPreemption.calculateNumCandidates). */
export function enoughCandidates(nodes: number, args: DefaultPreemptionArgs): number {
  const share = Math.trunc((nodes * args.minCandidateNodesPercentage) / 100);
  return Math.min(nodes, Math.max(share, args.minCandidateNodesAbsolute));
}

/**
 * Looks among the given slots for nodes where evicting less important pods makes room (upstream's DefaultPreemption), until
 * there are enough, one of them without violating a budget. `fits` judges a slot as the table is when it is called; the
 * table is changed on the way and left as it was.
 */
export function findCandidates(
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
  fits: (slot: number) => boolean,
  slots: readonly number[],
  enough: number,
): Candidate[] {
  const found: Candidate[] = [];
  let harmless = false;
  for (const slot of slots) {
    if (harmless && found.length >= enough) break;
    const lower = [...nodes.slots[slot]!.pods.values()].filter(({ priority }) => priority < pod.priority);
    if (lower.length === 0) continue;
    const candidate = victimsOn(nodes, world, fits, slot, lower);
    if (!candidate) continue;
    found.push(candidate);
    harmless ||= candidate.violations === 0;
  }
  return found;
}

/** The candidate where the fewest and least important pods have to go. */
export function bestCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, candidate) => (best && !better(candidate, best) ? best : candidate),
    undefined,
  );
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
