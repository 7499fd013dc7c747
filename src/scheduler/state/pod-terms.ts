import { type LabelSelector, labelSelectorOf } from '../../api/selector.ts';
import type { Pod, PodAffinityTerm } from '../../api/types/core-v1.gen.ts';

/** A term of some pod's affinity: which other pods it means, and in which topology. */
export interface Term {
  /** Terms of one id mean the same. */
  readonly id: string;
  readonly key: string;
  readonly selector: LabelSelector;
  readonly namespaces: ReadonlySet<string>;
  /** Further namespaces by their labels; undefined for none. */
  readonly namespaceSelector: LabelSelector | undefined;
}

export interface WeightedTerm {
  readonly term: Term;
  /** Negative for pods to keep away from. */
  readonly weight: number;
}

/** What a pod asks of the pods near it. */
export interface PodTerms {
  readonly together: readonly Term[];
  readonly apart: readonly Term[];
  readonly preferred: readonly WeightedTerm[];
}

const none: PodTerms = { together: [], apart: [], preferred: [] };

const compiled = new Map<string, Term>();
const compiledLimit = 4096;

/** Compiles a term. The pods of one set bring the same terms over and over. */
function termOf(term: PodAffinityTerm, owner: string): Term {
  const named = term.namespaces ?? [];
  const namespaces = named.length === 0 && !term.namespaceSelector ? [owner] : named;
  const id = JSON.stringify([term.topologyKey, term.labelSelector, namespaces, term.namespaceSelector]);
  let known = compiled.get(id);
  if (!known) {
    known = {
      id,
      key: term.topologyKey,
      selector: labelSelectorOf(term.labelSelector),
      namespaces: new Set(namespaces),
      namespaceSelector: term.namespaceSelector && labelSelectorOf(term.namespaceSelector),
    };
    if (compiled.size >= compiledLimit) compiled.clear();
    compiled.set(id, known);
  }
  return known;
}

/** The terms of a pod. Keys to match and mismatch labels by are in the selectors already: the API server put them there. */
export function podTerms({ metadata, spec }: Pod): PodTerms {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return none;
  const owner = metadata?.namespace ?? '';
  const weighted = (sign: 1 | -1, terms: typeof podAffinity) =>
    (terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      term: termOf(podAffinityTerm, owner),
      weight: sign * weight,
    }));
  const required = (terms: typeof podAffinity) =>
    (terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => termOf(term, owner));
  return {
    together: required(podAffinity),
    apart: required(podAntiAffinity),
    preferred: [...weighted(1, podAffinity), ...weighted(-1, podAntiAffinity)],
  };
}
