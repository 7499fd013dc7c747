import { LabelSelector, labelSelectorOf, requirement } from '../../api/selector.ts';
import type { TopologySpreadConstraint } from '../../api/types/core-v1.gen.ts';
import type { NodeTable } from '../node-table.ts';
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

/** Matching pods per value of a topology label, over the nodes that count for the constraint. */
function domains(
  constraint: Constraint,
  pod: PodInfo,
  nodes: NodeTable,
  slots: readonly number[],
  required: (slot: number) => boolean,
): Map<string, number> {
  const matching = nodes.matching(pod.namespace, constraint.selector);
  const tolerations = pod.pod.spec?.tolerations;
  const counts = new Map<string, number>();
  for (const slot of slots) {
    const node = nodes.slots[slot]!;
    const value = node.labels[constraint.key];
    if (value === undefined) continue;
    if (constraint.honorAffinity && !required(slot)) continue;
    if (
      constraint.honorTaints &&
      node.taints.some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint))
    )
      continue;
    counts.set(value, (counts.get(value) ?? 0) + matching[slot]!);
  }
  return counts;
}

function requiredBy(pod: PodInfo, nodes: NodeTable): (slot: number) => boolean {
  const required = requiredNodes(pod);
  return (slot) => !required || required(nodes.slots[slot]!);
}

function hardFilter(pod: PodInfo, nodes: NodeTable): NodeFilter | undefined {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  if (constraints.length === 0) return undefined;
  const required = requiredBy(pod, nodes);
  // A node without all the labels is no domain of any of the constraints.
  const slots = nodes
    .live()
    .filter((slot) => constraints.every(({ key }) => nodes.slots[slot]!.labels[key] !== undefined));
  const checks = constraints.map((constraint) => {
    const counts = domains(constraint, pod, nodes, slots, required);
    const least = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
    const self = constraint.selector.matches(pod.labels) ? 1 : 0;
    return { constraint, counts, least: Number.isFinite(least) ? least : 0, self };
  });
  return (slot) => {
    const { labels } = nodes.slots[slot]!;
    for (const { constraint, counts, least, self } of checks) {
      const value = labels[constraint.key];
      if (value === undefined) return unlabelled;
      if ((counts.get(value) ?? 0) + self - least > constraint.maxSkew) return skewed;
    }
    return undefined;
  };
}

function softScore(pod: PodInfo, nodes: NodeTable, feasible: readonly number[], world: World) {
  const own = constraintsOf(pod, 'ScheduleAnyway');
  const all = pod.pod.spec?.topologySpreadConstraints ?? [];
  const constraints = all.length > 0 ? own : defaultConstraints(pod, world);
  if (constraints.length === 0) return undefined;
  const needsAll = all.length > 0;
  const labelled = (slot: number) => constraints.every(({ key }) => nodes.slots[slot]!.labels[key] !== undefined);
  const ignored = feasible.map((slot) => needsAll && !labelled(slot));
  const required = requiredBy(pod, nodes);
  const slots = needsAll ? nodes.live().filter(labelled) : nodes.live();
  const parts = constraints.map((constraint) => {
    const perNode = constraint.key === hostname;
    const values = new Set<string>();
    feasible.forEach((slot, i) => {
      const value = nodes.slots[slot]!.labels[constraint.key];
      if (!ignored[i] && value !== undefined) values.add(value);
    });
    return {
      constraint,
      // Many domains dilute each; the logarithm keeps constraints of different width comparable.
      weight: Math.log(values.size + 2),
      matching: perNode ? nodes.matching(pod.namespace, constraint.selector) : undefined,
      counts: perNode ? undefined : domains(constraint, pod, nodes, slots, required),
    };
  });
  const scores = new Float64Array(feasible.length);
  feasible.forEach((slot, i) => {
    if (ignored[i]) return;
    let score = 0;
    for (const { constraint, weight, matching, counts } of parts) {
      const value = nodes.slots[slot]!.labels[constraint.key];
      if (value === undefined) continue;
      const count = matching ? matching[slot]! : (counts!.get(value) ?? 0);
      score += count * weight + (constraint.maxSkew - 1);
    }
    scores[i] = Math.round(score);
  });
  return fewestBest(scores, ignored);
}

/** Turns counts around so that the fewest pods score 100. */
function fewestBest(scores: Float64Array, ignored: readonly boolean[]): Float64Array {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  scores.forEach((score, i) => {
    if (ignored[i]) return;
    least = Math.min(least, score);
    most = Math.max(most, score);
  });
  return scores.map((score, i) => {
    if (ignored[i]) return 0;
    return most === 0 ? maxScore : Math.trunc((maxScore * (most + least - score)) / most);
  });
}

function defaultConstraints(pod: PodInfo, world: World): Constraint[] {
  const selector = world.spreadSelector(pod);
  if (!selector) return [];
  return defaults.map((constraint) => ({
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
