import { type LabelSelector, labelSelectorOf } from '../../api/selector.ts';
import type { PodAffinityTerm } from '../../api/types/core-v1.gen.ts';
import type { NodeTable } from '../node-table.ts';
import { maxScore, type NodeFilter, type Plugin, refusal, type World } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';

const noAffinity = refusal("node(s) didn't match pod affinity rules", true);
const antiAffinity = refusal("node(s) didn't match pod anti-affinity rules", false);
const existingAnti = refusal("node(s) didn't satisfy existing pods anti-affinity rules", false);

/** How much a pod that requires company counts as one that prefers it (upstream's hardPodAffinityWeight). */
const requiredWeight = 1;

/** A term of some pod: which other pods it means, and in which topology. */
interface Term {
  readonly key: string;
  readonly selector: LabelSelector;
  readonly namespaces: ReadonlySet<string>;
  /** Further namespaces by their labels; undefined for none. */
  readonly namespaceSelector: LabelSelector | undefined;
}

const compiled = new WeakMap<PodAffinityTerm, Term>();

/** Compiles a term; objects are immutable, so once per term is enough. */
function termOf(term: PodAffinityTerm, owner: PodInfo): Term {
  let known = compiled.get(term);
  if (!known) {
    const named = term.namespaces ?? [];
    known = {
      key: term.topologyKey,
      selector: labelSelectorOf(term.labelSelector),
      namespaces: new Set(named.length === 0 && !term.namespaceSelector ? [owner.namespace] : named),
      namespaceSelector: term.namespaceSelector && labelSelectorOf(term.namespaceSelector),
    };
    compiled.set(term, known);
  }
  return known;
}

function means(term: Term, pod: PodInfo, world: World): boolean {
  if (!term.selector.matches(pod.labels)) return false;
  if (term.namespaces.has(pod.namespace)) return true;
  return term.namespaceSelector?.matches(world.namespaceLabels(pod.namespace)) ?? false;
}

/** Adds to `values`, by topology value, `weight` for every pod the term means. */
function tally(term: Term, nodes: NodeTable, world: World, weight: number, values: Map<string, number>): void {
  const namespaces = new Set(term.namespaces);
  if (term.namespaceSelector) for (const name of world.namespacesMatching(term.namespaceSelector)) namespaces.add(name);
  for (const namespace of namespaces) {
    const counts = nodes.matching(namespace, term.selector);
    for (let slot = 0; slot < nodes.slots.length; slot++) {
      if (!counts[slot]) continue;
      const value = nodes.slots[slot]?.labels[term.key];
      if (value !== undefined) values.set(value, (values.get(value) ?? 0) + weight * counts[slot]!);
    }
  }
}

const required = <T>(
  affinity: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly T[] } | undefined,
) => affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const preferred = <T>(
  affinity: { readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly T[] } | undefined,
) => affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

interface Check {
  readonly term: Term;
  readonly values: ReadonlyMap<string, number>;
}

function checksOf(terms: readonly PodAffinityTerm[], pod: PodInfo, nodes: NodeTable, world: World): Check[] {
  return terms.map((raw) => {
    const term = termOf(raw, pod);
    const values = new Map<string, number>();
    tally(term, nodes, world, 1, values);
    return { term, values };
  });
}

/** The topology values that pods already placed keep this pod away from, by topology key. */
function forbidden(pod: PodInfo, nodes: NodeTable, world: World): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { info, slot } of nodes.affine.values()) {
    for (const raw of required(info.pod.spec?.affinity?.podAntiAffinity)) {
      const term = termOf(raw, info);
      const value = nodes.slots[slot]?.labels[term.key];
      if (value === undefined || !means(term, pod, world)) continue;
      const values = found.get(term.key);
      if (values) values.add(value);
      else found.set(term.key, new Set([value]));
    }
  }
  return found;
}

function hardFilter(pod: PodInfo, nodes: NodeTable, world: World): NodeFilter | undefined {
  const affinity = pod.pod.spec?.affinity;
  const together = checksOf(required(affinity?.podAffinity), pod, nodes, world);
  const apart = checksOf(required(affinity?.podAntiAffinity), pod, nodes, world);
  const kept = nodes.affine.size > 0 ? forbidden(pod, nodes, world) : new Map<string, Set<string>>();
  if (together.length === 0 && apart.length === 0 && kept.size === 0) return undefined;
  // The first pod of a group that wants to be together may go anywhere its topology reaches.
  const first =
    together.every(({ values }) => values.size === 0) && together.every(({ term }) => means(term, pod, world));
  return (slot) => {
    const { labels } = nodes.slots[slot]!;
    for (const { term, values } of together) {
      const value = labels[term.key];
      if (value === undefined || (!first && !values.get(value))) return noAffinity;
    }
    for (const { term, values } of apart) {
      const value = labels[term.key];
      if (value !== undefined && values.get(value)) return antiAffinity;
    }
    for (const [key, values] of kept) {
      const value = labels[key];
      if (value !== undefined && values.has(value)) return existingAnti;
    }
    return undefined;
  };
}

function softScore(pod: PodInfo, nodes: NodeTable, feasible: readonly number[], world: World) {
  const byKey = new Map<string, Map<string, number>>();
  const valuesOf = (key: string) => {
    let values = byKey.get(key);
    if (!values) byKey.set(key, (values = new Map()));
    return values;
  };
  const affinity = pod.pod.spec?.affinity;
  const wish = (weighted: { weight: number; podAffinityTerm: PodAffinityTerm }, sign: 1 | -1) => {
    const term = termOf(weighted.podAffinityTerm, pod);
    tally(term, nodes, world, sign * weighted.weight, valuesOf(term.key));
  };
  for (const weighted of preferred(affinity?.podAffinity)) wish(weighted, 1);
  for (const weighted of preferred(affinity?.podAntiAffinity)) wish(weighted, -1);
  for (const { info, slot } of nodes.affine.values()) {
    const labels = nodes.slots[slot]?.labels;
    const counts = (raw: PodAffinityTerm, weight: number) => {
      const term = termOf(raw, info);
      const value = labels?.[term.key];
      if (value === undefined || !means(term, pod, world)) return;
      const values = valuesOf(term.key);
      values.set(value, (values.get(value) ?? 0) + weight);
    };
    const other = info.pod.spec?.affinity;
    for (const raw of required(other?.podAffinity)) counts(raw, requiredWeight);
    for (const { weight, podAffinityTerm } of preferred(other?.podAffinity)) counts(podAffinityTerm, weight);
    for (const { weight, podAffinityTerm } of preferred(other?.podAntiAffinity)) counts(podAffinityTerm, -weight);
  }
  if (byKey.size === 0) return undefined;
  const sums = Float64Array.from(feasible, (slot) => {
    let sum = 0;
    for (const [key, values] of byKey) sum += values.get(nodes.slots[slot]!.labels[key] ?? '\0') ?? 0;
    return sum;
  });
  const least = sums.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = sums.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return sums.map((sum) => (most > least ? Math.trunc((maxScore * (sum - least)) / (most - least)) : 0));
}

/** Keeps pods near to or away from others, as either side asks. */
export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  weight: 2,
  retryOn: ['PodAssigned', 'PodGone', 'PodLabels', 'NodeLabels', 'NamespaceLabels'],
  filter: hardFilter,
  score: softScore,
};
