import type { DefaultPreemptionArgs } from '../config/types.ts';
import type { NodeFilter, Refusal } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { World } from '../state/world.ts';

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

/** Whether the scheduler itself has asked a pod to go, which takes its time. */
function makesRoom({ terminating, pod }: PodInfo): boolean {
  if (!terminating) return false;
  const asked = pod.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  return asked?.reason === 'PreemptionByScheduler';
}

/**
 * Whether a pod may evict others now; else why not, as upstream words it (PodEligibleToPreemptOthers). `resolvable` are the
 * slots where eviction could help.
 */
export function preemptionBar(pod: PodInfo, nodes: NodeTable, resolvable: readonly number[]): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.pod.status?.nominatedNodeName;
  const slot = nominated ? nodes.slotOf(nominated) : undefined;
  // On a node that will not do whoever leaves it there is nothing to wait for.
  if (slot === undefined || !resolvable.includes(slot)) return undefined;
  for (const other of nodes.slots[slot]!.pods.values()) {
    if (other.priority < pod.priority && makesRoom(other)) {
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

/** What comes of evicting pods from one node: whom it would take, or why it does not help. */
export type DryRun = (slot: number) => Candidate | Refusal;

export interface Candidates {
  readonly found: readonly Candidate[];
  /** Why other nodes are none: how many gave each reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

const nobodyLesser: Refusal = { reasons: ['No preemption victims found for incoming pod'], unresolvable: true };

/**
 * Looks among the given slots for nodes where evicting less important pods makes room (upstream's DefaultPreemption), until
 * there are enough, one of them without violating a budget. `judge` says why not of a slot as the table is when it is
 * called; the table is changed on the way and left as it was. `keep` may know from before what comes of it on a node.
 */
export function findCandidates(
  pod: PodInfo,
  nodes: NodeTable,
  world: World,
  judge: NodeFilter,
  slots: readonly number[],
  enough: number,
  keep = (run: DryRun): DryRun => run,
): Candidates {
  const run = keep((slot) => victimsOn(slot, pod, nodes, world, judge));
  const found: Candidate[] = [];
  const reasons = new Map<string, number>();
  let harmless = false;
  for (const slot of slots) {
    if (harmless && found.length >= enough) break;
    // Where extenders were asked meanwhile, a node may have gone.
    if (!nodes.slots[slot]?.node) continue;
    const candidate = run(slot);
    if ('reasons' in candidate) {
      for (const reason of candidate.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      continue;
    }
    found.push(candidate);
    harmless ||= candidate.violations === 0;
  }
  return { found, reasons };
}

/** The candidate where the fewest and least important pods have to go; there is at least one. */
export function bestCandidate(candidates: readonly Candidate[]): Candidate {
  let best = candidates[0]!;
  for (const candidate of candidates) if (candidate !== best && better(candidate, best)) best = candidate;
  return best;
}

function victimsOn(slot: number, pod: PodInfo, nodes: NodeTable, world: World, judge: NodeFilter): Candidate | Refusal {
  const { name, pods } = nodes.slots[slot]!;
  const lower = [...pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return nobodyLesser;
  for (const { uid } of lower) nodes.removePod(uid);
  try {
    const refusal = judge(slot);
    if (refusal) return refusal;
    const victims: PodInfo[] = [];
    let violations = 0;
    // Protected pods are spared first, then the important ones.
    const [guarded, free] = split(lower.toSorted(byImportance), world.violations());
    for (const other of [...guarded, ...free]) {
      nodes.addPod(other, name);
      if (!judge(slot)) continue;
      nodes.removePod(other.uid);
      victims.push(other);
      if (guarded.includes(other)) violations++;
    }
    return { node: name, pods: victims.sort(byImportance), violations };
  } finally {
    for (const other of lower) nodes.addPod(other, name);
  }
}

const ranks = new WeakMap<Candidate, readonly number[]>();

/** Upstream's order: fewest violations, least important top victim, least importance in sum, fewest victims. */
function rankOf(candidate: Candidate): readonly number[] {
  let rank = ranks.get(candidate);
  if (!rank) {
    const { violations, pods } = candidate;
    const sum = pods.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
    ranks.set(candidate, (rank = [violations, pods[0]?.priority ?? Number.NEGATIVE_INFINITY, sum, pods.length]));
  }
  return rank;
}

/** Between equals the one whose eldest victim is the youngest. */
function better(a: Candidate, b: Candidate): boolean {
  const [mine, others] = [rankOf(a), rankOf(b)];
  for (let i = 0; i < mine.length; i++) if (mine[i] !== others[i]) return mine[i]! < others[i]!;
  const eldest = ({ pods }: Candidate) => (pods[0] ? startOf(pods[0]) : '');
  return eldest(a) > eldest(b);
}

function split<T>(items: readonly T[], first: (item: T) => boolean): [T[], T[]] {
  const [those, others]: [T[], T[]] = [[], []];
  for (const item of items) (first(item) ? those : others).push(item);
  return [those, others];
}
