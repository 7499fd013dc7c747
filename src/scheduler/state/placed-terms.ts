import type { PodInfo } from './pod-info.ts';
import type { Term } from './pod-terms.ts';
import { SlotCounts } from './slot-counts.ts';
import type { World } from './world.ts';

/** How a placed pod feels about the pods a term means: they must be near, must not be near, or it prefers either. */
export type Wish = 'together' | 'apart' | 'preferred';

/** All placed pods that have one term. */
export interface PlacedTerm {
  readonly wish: Wish;
  readonly term: Term;
  /** Of a preference; negative to keep away. */
  readonly weight: number;
  readonly pods: SlotCounts;
  /** How many there are. */
  size: number;
}

/** Whether a pod is one that a term means. */
export function means(term: Term, pod: PodInfo, world: World): boolean {
  if (!term.selector.matches(pod.labels)) return false;
  if (term.namespaces.has(pod.namespace)) return true;
  return term.namespaceSelector?.matches(world.namespaceLabels(pod.namespace)) ?? false;
}

/** The affinity terms of the pods on the nodes, which concern newcomers: each distinct one once. */
export class PlacedTerms {
  readonly #terms = new Map<string, PlacedTerm>();
  /** Those that mean pods of named namespaces only, by namespace; and all others. */
  readonly #byNamespace = new Map<string, Set<PlacedTerm>>();
  readonly #anywhere = new Set<PlacedTerm>();

  /** A pod came to a slot (1) or left it (-1). */
  note({ terms }: PodInfo, slot: number, by: 1 | -1): void {
    for (const term of terms.together) this.#add('together', term, 0, slot, by);
    for (const term of terms.apart) this.#add('apart', term, 0, slot, by);
    for (const { term, weight } of terms.preferred) this.#add('preferred', term, weight, slot, by);
  }

  /** Those that mean the pod. */
  about(pod: PodInfo, world: World): PlacedTerm[] {
    const found: PlacedTerm[] = [];
    for (const placed of this.#byNamespace.get(pod.namespace) ?? []) {
      if (placed.term.selector.matches(pod.labels)) found.push(placed);
    }
    for (const placed of this.#anywhere) if (means(placed.term, pod, world)) found.push(placed);
    return found;
  }

  #add(wish: Wish, term: Term, weight: number, slot: number, by: 1 | -1): void {
    const id = `${wish} ${weight} ${term.id}`;
    let placed = this.#terms.get(id);
    if (!placed) {
      placed = { wish, term, weight, pods: new SlotCounts(), size: 0 };
      this.#terms.set(id, placed);
      for (const places of this.#places(term)) places.add(placed);
    }
    placed.pods.add(slot, by);
    placed.size += by;
    if (placed.size > 0) return;
    this.#terms.delete(id);
    for (const places of this.#places(term)) places.delete(placed);
    for (const name of term.namespaces) if (this.#byNamespace.get(name)?.size === 0) this.#byNamespace.delete(name);
  }

  #places(term: Term): Set<PlacedTerm>[] {
    if (term.namespaceSelector) return [this.#anywhere];
    return Array.from(term.namespaces, (name) => {
      let places = this.#byNamespace.get(name);
      if (!places) this.#byNamespace.set(name, (places = new Set()));
      return places;
    });
  }
}
