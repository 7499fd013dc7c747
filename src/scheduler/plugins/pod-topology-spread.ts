import { LabelSelector, labelSelectorOf, requirement } from '../../api/selector.ts';
import type { Taint, Toleration, TopologySpreadConstraint } from '../../api/types/core-v1.gen.ts';
import type { PodTopologySpreadArgs } from '../config/types.ts';
import { podTopologySpreadEvents } from '../hints/pod-topology-spread.ts';
import { type DomainRule, maxScore, type Plugin, refusal, type Slots } from '../plugin.ts';
import { requiredNodes } from '../rules/required-nodes.ts';
import { tolerates } from '../rules/tolerations.ts';
import type { NodeSlot, NodeTable } from '../state/node-table.ts';
import type { PodSet } from '../state/pod-counts.ts';
import type { PodInfo } from '../state/pod-info.ts';
import type { DomainCounts, SlotCounts } from '../state/slot-counts.ts';
import type { NodeMask, Topology } from '../state/topology.ts';
import type { World } from '../state/world.ts';

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

/** What is wanted of pods that say nothing themselves. */
interface Defaults {
  readonly constraints: readonly TopologySpreadConstraint[];
  /** Whether they are upstream's own: those count only nodes that have the label, and rule out none. */
  readonly system: boolean;
}

const whenUnsatisfiable = 'ScheduleAnyway';
const systemDefaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostname, maxSkew: 3, whenUnsatisfiable },
  { topologyKey: zone, maxSkew: 5, whenUnsatisfiable },
];

function defaultsOf({ defaultingType, defaultConstraints = [] }: PodTopologySpreadArgs): Defaults {
  return defaultingType === 'List'
    ? { constraints: defaultConstraints, system: false }
    : { constraints: systemDefaults, system: true };
}

type Action = TopologySpreadConstraint['whenUnsatisfiable'];

const ofAction = (all: readonly TopologySpreadConstraint[], action: Action) =>
  all.filter((constraint) => constraint.whenUnsatisfiable === action);

const hasOwn = ({ pod }: PodInfo) => (pod.spec?.topologySpreadConstraints?.length ?? 0) > 0;

function compile(constraint: TopologySpreadConstraint, { labels }: PodInfo, given: LabelSelector): Constraint {
  const keyed = (constraint.matchLabelKeys ?? [])
    .filter((key) => Object.hasOwn(labels, key))
    .map((key) => requirement(key, 'in', [labels[key]!]));
  return {
    key: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector: given.nothing ? given : new LabelSelector([...given.requirements, ...keyed]),
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}

/** The constraints of a pod; of one without any, the defaults, over the pods that its Services and controller select. */
function constraintsOf(pod: PodInfo, action: Action, world: World, defaults: Defaults): Constraint[] {
  if (hasOwn(pod)) {
    const own = ofAction(pod.pod.spec?.topologySpreadConstraints ?? [], action);
    return own.map((constraint) => compile(constraint, pod, labelSelectorOf(constraint.labelSelector)));
  }
  const wanted = ofAction(defaults.constraints, action);
  const selector = wanted.length > 0 ? world.spreadSelector(pod) : undefined;
  return selector ? wanted.map((constraint) => compile(constraint, pod, selector)) : [];
}

/** The pods of a namespace that a selector matches. Terminating ones do not count. */
function podsSelected(namespace: string, selector: LabelSelector): PodSet {
  return {
    id: `${namespace} ${selector.nothing ? '!' : selector.toString()}`,
    namespaces: [namespace],
    has: ({ terminating, labels }) => !terminating && selector.matches(labels),
  };
}

/** How many pods the constraint means are on each node. */
function podsOf({ selector }: Constraint, pod: PodInfo, nodes: NodeTable): SlotCounts {
  return nodes.count(podsSelected(pod.namespace, selector));
}

/** The nodes that count as domains of a constraint: they have all the labels, and its policies let them; undefined: all. */
function counting(
  { key, honorAffinity, honorTaints }: Constraint,
  keys: readonly string[],
  pod: PodInfo,
  nodes: NodeTable,
): NodeMask | undefined {
  const others = keys.filter((other) => other !== key);
  const { nodeSelector, affinity, tolerations } = pod.pod.spec ?? {};
  const required = honorAffinity ? requiredNodes(pod) : undefined;
  if (others.length === 0 && !required && !honorTaints) return undefined;
  const asks = [others, required && [nodeSelector, affinity?.nodeAffinity], honorTaints && (tolerations ?? [])];
  return nodes.mask(JSON.stringify(asks), (slot: NodeSlot) => {
    if (!others.every((other) => Object.hasOwn(slot.labels, other))) return false;
    return (!required || required(slot)) && (!honorTaints || toleratesAll(tolerations, slot.taints));
  });
}

function toleratesAll(tolerations: readonly Toleration[] | undefined, taints: readonly Taint[]): boolean {
  return taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint));
}

/** The least count over the domains there are; 0 when there are fewer than asked for. */
function leastOf({ values }: DomainCounts, minDomains: number): number {
  let least = Number.POSITIVE_INFINITY;
  let present = 0;
  for (const count of values) {
    if (count < 0) continue;
    present++;
    if (count < least) least = count;
  }
  return present === 0 || present < minDomains ? 0 : least;
}

function rules(pod: PodInfo, nodes: NodeTable, constraints: readonly Constraint[]): DomainRule[] {
  const keys = constraints.map(({ key }) => key);
  return constraints.map((constraint) => {
    const topology = nodes.topology(constraint.key);
    const counts = podsOf(constraint, pod, nodes).by(topology, counting(constraint, keys, pod, nodes));
    // A node may have this many matching pods in its domain before this one makes it too many.
    const self = constraint.selector.matches(pod.labels) ? 1 : 0;
    const most = constraint.maxSkew + leastOf(counts, constraint.minDomains) - self;
    const least = Number.NEGATIVE_INFINITY;
    return { topology, counts: counts.values, least, most, refusal: skewed, unlabelled };
  });
}

/** How many different topology values the feasible nodes have; to have none counts as one. */
function spreadOf({ ids, size, key }: Topology, feasible: Slots): number {
  if (key === hostname) return feasible.length;
  const seen = new Uint8Array(size + 1);
  let different = 0;
  for (let i = 0; i < feasible.length; i++) {
    const value = ids[feasible[i]!]! + 1;
    if (seen[value]) continue;
    seen[value] = 1;
    different++;
  }
  return different;
}

/** `strict`: nodes that lack one of the labels count for none of the constraints. */
function score(
  pod: PodInfo,
  nodes: NodeTable,
  feasible: Slots,
  constraints: readonly Constraint[],
  strict: boolean,
): Float64Array | undefined {
  if (constraints.length === 0) return undefined;
  const keys = strict ? constraints.map(({ key }) => key) : [];
  const ignored = strict ? lacking(keys, nodes, feasible) : undefined;
  const labelled = ignored ? feasible.filter((_: number, i: number) => !ignored[i]) : feasible;
  const scores = new Float64Array(feasible.length);
  for (const constraint of constraints) {
    const topology = nodes.topology(constraint.key);
    const counts = podsOf(constraint, pod, nodes);
    // Many domains dilute each; the logarithm keeps constraints of different width comparable.
    const weight = Math.log(spreadOf(topology, labelled) + 2);
    if (constraint.key === hostname)
      count(scores, feasible, topology.ids, undefined, counts.bySlot, weight, constraint);
    else {
      const { values } = counts.by(topology, counting(constraint, keys, pod, nodes));
      count(scores, feasible, topology.ids, topology.ids, values, weight, constraint);
    }
  }
  for (let i = 0; i < scores.length; i++) scores[i] = Math.round(scores[i]!);
  fewestBest(scores, ignored);
  return scores;
}

/** Adds what a constraint makes of the pods in each node's domain. `index` says where a slot's count is; else by slot. */
function count(
  scores: Float64Array,
  slots: Slots,
  ids: Int32Array,
  index: Int32Array | undefined,
  counts: Int32Array,
  weight: number,
  { maxSkew }: Constraint,
): void {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    if (ids[slot]! < 0) continue;
    scores[i]! += Math.max(counts[index ? index[slot]! : slot]!, 0) * weight + (maxSkew - 1);
  }
}

/** Which of the slots lack one of the labels; undefined when none does. */
function lacking(keys: readonly string[], nodes: NodeTable, slots: Slots): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (const key of keys) {
    const { ids } = nodes.topology(key);
    for (let i = 0; i < slots.length; i++) if (ids[slots[i]!]! < 0) (found ??= new Uint8Array(slots.length))[i] = 1;
  }
  return found;
}

/** Turns counts around so that the fewest pods score 100. */
function fewestBest(scores: Float64Array, ignored: Uint8Array | undefined): void {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i]) continue;
    if (scores[i]! < least) least = scores[i]!;
    if (scores[i]! > most) most = scores[i]!;
  }
  for (let i = 0; i < scores.length; i++) {
    if (ignored?.[i]) scores[i] = 0;
    else scores[i] = most === 0 ? maxScore : Math.trunc((maxScore * (most + least - scores[i]!)) / most);
  }
}

const fallback: PodTopologySpreadArgs = { defaultingType: 'System' };

/** Spreads pods over topology domains: by the pod's own constraints, else by its Services and controller. */
export function podTopologySpreadPlugin(args: PodTopologySpreadArgs = fallback): Plugin {
  const defaults = defaultsOf(args);
  const hardKeys = ofAction(defaults.constraints, 'DoNotSchedule').map(({ topologyKey }) => topologyKey);
  return {
    name: 'PodTopologySpread',
    weight: 2,
    events: podTopologySpreadEvents(hardKeys),
    rules: (pod, nodes, world) => rules(pod, nodes, constraintsOf(pod, 'DoNotSchedule', world, defaults)),
    score(pod, nodes, feasible, world) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', world, defaults);
      if (hasOwn(pod) || !defaults.system) return score(pod, nodes, feasible, constraints, true);
      const known = constraints.filter(({ key }) => nodes.topology(key).size > 0);
      return score(pod, nodes, feasible, known, false);
    },
  };
}

export const podTopologySpread = podTopologySpreadPlugin();
