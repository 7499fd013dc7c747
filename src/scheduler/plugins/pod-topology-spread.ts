import { LabelSelector, labelSelectorOf, requirement } from '../../api/selector.ts';
import type { Taint, Toleration, TopologySpreadConstraint } from '../../api/types/core-v1.gen.ts';
import type { NodeTable, Topology } from '../node-table.ts';
import { maxScore, type NodeFilter, type Plugin, refusal, type World } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { tolerates } from '../tolerations.ts';
import { requiredNodes } from './node-affinity.ts';

const hostname = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';

const skewed = refusal("node(s) didn't match pod topology spread constraints", false);
const unlabelled = refusal("node(s) didn't match pod topology spread constraints (missing required label)", true);

interface Constraint {
  readonly key: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelSelector;
  /** Whether nodes the pod's affinity excludes, and nodes whose taints it does not tolerate, count as domains. */
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

/** What the cluster wants of pods that say nothing themselves, softly (upstream's system defaulting). */
const defaults = [
  { key: hostname, maxSkew: 3 },
  { key: zone, maxSkew: 5 },
];

function compile(constraint: TopologySpreadConstraint, pod: PodInfo): Constraint {
  const given = labelSelectorOf(constraint.labelSelector);
  const keyed = (constraint.matchLabelKeys ?? [])
    .filter((key) => pod.labels[key] !== undefined)
    .map((key) => requirement(key, 'in', [pod.labels[key]!]));
  return {
    key: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector: given.nothing ? given : new LabelSelector([...given.requirements, ...keyed]),
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}

function constraintsOf(pod: PodInfo, action: 'DoNotSchedule' | 'ScheduleAnyway'): Constraint[] {
  return (pod.pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => compile(constraint, pod));
}

/** Over the nodes that count for a constraint: matching pods per topology value; -1 where no such node has the value. */
function domains(
  constraint: Constraint,
  pod: PodInfo,
  nodes: NodeTable,
  slots: readonly number[],
  required: ((slot: number) => boolean) | undefined,
): Int32Array {
  const matching = nodes.matching(pod.namespace, constraint.selector);
  const { ids, size } = nodes.topology(constraint.key);
  const tolerations = pod.pod.spec?.tolerations;
  const counts = new Int32Array(size).fill(-1);
  for (const slot of slots) {
    const id = ids[slot]!;
    if (id < 0) continue;
    if (constraint.honorAffinity && required && !required(slot)) continue;
    if (constraint.honorTaints && !toleratesAll(tolerations, nodes.slots[slot]!.taints)) continue;
    counts[id] = Math.max(counts[id]!, 0) + matching[slot]!;
  }
  return counts;
}

function toleratesAll(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[]): boolean {
  return taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint));
}

/** The least count over the domains there are; 0 when there are fewer than asked for. */
function leastOf(counts: Int32Array, minDomains: number): number {
  let least = Number.POSITIVE_INFINITY;
  let present = 0;
  for (const count of counts) {
    if (count < 0) continue;
    present++;
    least = Math.min(least, count);
  }
  return present === 0 || present < minDomains ? 0 : least;
}

function requiredBy(pod: PodInfo, nodes: NodeTable): ((slot: number) => boolean) | undefined {
  const required = requiredNodes(pod);
  return required && ((slot) => required(nodes.slots[slot]!));
}

/** The nodes that have the labels of all constraints: others are no domain of any of them. */
function labelled(constraints: readonly Constraint[], nodes: NodeTable): (slot: number) => boolean {
  const topologies = constraints.map(({ key }) => nodes.topology(key).ids);
  return (slot) => topologies.every((ids) => ids[slot]! >= 0);
}

function hardFilter(pod: PodInfo, nodes: NodeTable): NodeFilter | undefined {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  if (constraints.length === 0) return undefined;
  const required = requiredBy(pod, nodes);
  const slots = nodes.live().filter(labelled(constraints, nodes));
  const checks = constraints.map((constraint) => {
    const counts = domains(constraint, pod, nodes, slots, required);
    return {
      counts,
      ids: nodes.topology(constraint.key).ids,
      // A node may have this many matching pods in its domain before this one makes it too many.
      most:
        constraint.maxSkew + leastOf(counts, constraint.minDomains) - (constraint.selector.matches(pod.labels) ? 1 : 0),
    };
  });
  return (slot) => {
    for (const { counts, ids, most } of checks) {
      const id = ids[slot]!;
      if (id < 0) return unlabelled;
      if (Math.max(counts[id]!, 0) > most) return skewed;
    }
    return undefined;
  };
}

/** How many different topology values the feasible nodes have. */
function spreadOf({ ids, size }: Topology, feasible: readonly number[]): number {
  const seen = new Uint8Array(size);
  let different = 0;
  for (const slot of feasible) {
    const id = ids[slot]!;
    if (id < 0 || seen[id]) continue;
    seen[id] = 1;
    different++;
  }
  return different;
}

function softScore(pod: PodInfo, nodes: NodeTable, feasible: readonly number[], world: World) {
  // Constraints of its own, hard ones included, replace the defaults; and only for them must a node have every label.
  const own = (pod.pod.spec?.topologySpreadConstraints?.length ?? 0) > 0;
  const constraints = own ? constraintsOf(pod, 'ScheduleAnyway') : defaultConstraints(pod, nodes, world);
  if (constraints.length === 0) return undefined;
  const has = own ? labelled(constraints, nodes) : () => true;
  const counting = own ? feasible.filter(has) : feasible;
  const required = requiredBy(pod, nodes);
  const slots = nodes.live().filter(has);
  const scores = new Float64Array(feasible.length);
  for (const constraint of constraints) {
    const topology = nodes.topology(constraint.key);
    const perNode = constraint.key === hostname;
    const counts = perNode
      ? nodes.matching(pod.namespace, constraint.selector)
      : domains(constraint, pod, nodes, slots, required);
    // Many domains dilute each; the logarithm keeps constraints of different width comparable.
    const weight = Math.log(spreadOf(topology, counting) + 2);
    for (let i = 0; i < feasible.length; i++) {
      const slot = feasible[i]!;
      const id = topology.ids[slot]!;
      if (id >= 0) scores[i]! += Math.max(perNode ? counts[slot]! : counts[id]!, 0) * weight + (constraint.maxSkew - 1);
    }
  }
  return fewestBest(scores.map(Math.round), own ? feasible.map((slot) => !has(slot)) : undefined);
}

/** Turns counts around so that the fewest pods score 100. */
function fewestBest(scores: Float64Array, ignored: readonly boolean[] | undefined): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  scores.forEach((score, i) => {
    if (ignored?.[i]) return;
    least = Math.min(least, score);
    most = Math.max(most, score);
  });
  return scores.map((score, i) => {
    if (ignored?.[i]) return 0;
    return most === 0 ? maxScore : Math.trunc((maxScore * (most + least - score)) / most);
  });
}

function defaultConstraints(pod: PodInfo, nodes: NodeTable, world: World): Constraint[] {
  const selector = world.spreadSelector(pod);
  if (!selector) return [];
  const known = defaults.filter(({ key }) => nodes.topology(key).size > 0);
  return known.map((constraint) => ({
    ...constraint,
    selector,
    minDomains: 1,
    honorAffinity: true,
    honorTaints: false,
  }));
}

/** Spreads pods over topology domains: by the pod's own constraints, else softly by its Services and controller. */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  retryOn: ['NodeLabels', 'NodeTaints', 'PodAssigned', 'PodGone', 'PodLabels'],
  filter: hardFilter,
  score: softScore,
};
