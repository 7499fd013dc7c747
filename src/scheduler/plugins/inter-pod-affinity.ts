import type { InterPodAffinityArgs } from '../config/types.ts';
import { interPodAffinityEvents } from '../hints/inter-pod-affinity.ts';
import { type DomainRule, maxScore, type Plugin, refusal, type Slots } from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import { means } from '../state/placed-terms.ts';
import type { PodSet } from '../state/pod-counts.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { Term } from '../state/pod-terms.ts';
import type { Topology } from '../state/topology.ts';
import type { World } from '../state/world.ts';

const noAffinity = refusal("node(s) didn't match pod affinity rules", true);
const antiAffinity = refusal("node(s) didn't match pod anti-affinity rules", false);
const existingAnti = refusal("node(s) didn't satisfy existing pods anti-affinity rules", false);

const anyNumber = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

interface Meant {
  readonly version: number;
  readonly set: PodSet;
}

const meant = new WeakMap<World, Map<string, Meant>>();
const meantLimit = 1024;

/** The pods that all of some terms mean. Namespaces are resolved now: after their labels change it is another set. */
function podsMeant(terms: readonly Term[], world: World): PodSet {
  const key = terms.length === 1 ? terms[0]!.id : JSON.stringify(terms.map(({ id }) => id));
  let sets = meant.get(world);
  if (!sets || sets.size >= meantLimit) meant.set(world, (sets = new Map()));
  const known = sets.get(key);
  if (known?.version === world.namespacesVersion) return known.set;
  const [first, ...others] = terms.map((term) => namespacesOf(term, world));
  const namespaces = [...first!].filter((name) => others.every((set) => set.has(name))).sort();
  const set: PodSet = {
    id: `${key} ${namespaces.join()}`,
    namespaces,
    has: ({ labels }) => terms.every(({ selector }) => selector.matches(labels)),
  };
  sets.set(key, { version: world.namespacesVersion, set });
  return set;
}

function namespacesOf({ namespaces, namespaceSelector }: Term, world: World): ReadonlySet<string> {
  return namespaceSelector ? new Set([...namespaces, ...world.namespacesMatching(namespaceSelector)]) : namespaces;
}

/** Near pods that match every required term at once, in the topology of each. */
function togetherRules(pod: PodInfo, nodes: NodeTable, world: World): DomainRule[] {
  const { together } = pod.terms;
  if (together.length === 0) return [];
  const counts = nodes.count(podsMeant(together, world));
  const domains = together.map(({ key }) => ({ topology: nodes.topology(key), sums: counts.by(nodes.topology(key)) }));
  // The first pod of a group that wants to be together may go anywhere its topology reaches.
  const first = domains.every(({ sums }) => sums.total === 0) && together.every((term) => means(term, pod, world));
  return domains.map(({ topology, sums }) => ({
    ...anyNumber,
    ...(!first && { least: 1 }),
    topology,
    counts: sums.values,
    refusal: noAffinity,
    unlabelled: noAffinity,
  }));
}

function rules(pod: PodInfo, nodes: NodeTable, world: World): DomainRule[] {
  const found = togetherRules(pod, nodes, world);
  const without = (topology: Topology, counts: Int32Array, reason: typeof antiAffinity) =>
    found.push({ ...anyNumber, most: 0, topology, counts, refusal: reason, unlabelled: undefined });
  for (const term of pod.terms.apart) {
    const topology = nodes.topology(term.key);
    without(topology, nodes.count(podsMeant([term], world)).by(topology).values, antiAffinity);
  }
  for (const { wish, term, pods } of nodes.terms.about(pod, world)) {
    const topology = nodes.topology(term.key);
    if (wish === 'apart') without(topology, pods.by(topology).values, existingAnti);
  }
  return found;
}

interface Pull {
  readonly topology: Topology;
  readonly counts: Int32Array;
  readonly weight: number;
}

const defaults: InterPodAffinityArgs = { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false };

/**
 * What draws the pod to domains or from them: its own preferences, and the terms of pods already there. A pod that
 * requires company counts as one that prefers it by `hardPodAffinityWeight`.
 */
function pulls(pod: PodInfo, nodes: NodeTable, world: World, { hardPodAffinityWeight }: InterPodAffinityArgs): Pull[] {
  const found: Pull[] = [];
  for (const { term, weight } of pod.terms.preferred) {
    const topology = nodes.topology(term.key);
    found.push({ topology, counts: nodes.count(podsMeant([term], world)).by(topology).values, weight });
  }
  for (const placed of nodes.terms.about(pod, world)) {
    if (placed.wish === 'apart') continue;
    const topology = nodes.topology(placed.term.key);
    const weight = placed.wish === 'together' ? hardPodAffinityWeight : placed.weight;
    if (weight !== 0) found.push({ topology, counts: placed.pods.by(topology).values, weight });
  }
  return found;
}

function score(
  pod: PodInfo,
  nodes: NodeTable,
  feasible: Slots,
  world: World,
  args: InterPodAffinityArgs,
): Float64Array | undefined {
  if (args.ignorePreferredTermsOfExistingPods && pod.terms.preferred.length === 0) return undefined;
  const found = pulls(pod, nodes, world, args);
  if (found.length === 0) return undefined;
  const sums = new Float64Array(feasible.length);
  for (const { topology, counts, weight } of found) pull(sums, feasible, topology.ids, counts, weight);
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const sum of sums) {
    if (sum < least) least = sum;
    if (sum > most) most = sum;
  }
  const width = most - least;
  for (let i = 0; i < sums.length; i++) {
    sums[i] = width > 0 ? Math.trunc(maxScore * ((sums[i]! - least) / width)) : 0;
  }
  return sums;
}

function pull(sums: Float64Array, slots: Slots, ids: Int32Array, counts: Int32Array, weight: number): void {
  for (let i = 0; i < slots.length; i++) {
    const id = ids[slots[i]!]!;
    if (id >= 0) sums[i]! += weight * counts[id]!;
  }
}

/** Keeps pods near to or away from others, as either side asks. */
export const interPodAffinityPlugin = (args: InterPodAffinityArgs = defaults): Plugin => ({
  name: 'InterPodAffinity',
  weight: 2,
  events: interPodAffinityEvents,
  rules,
  score: (pod, nodes, feasible, world) => score(pod, nodes, feasible, world, args),
});

export const interPodAffinity = interPodAffinityPlugin();
