import type { PodInfo } from './pod-info.ts';
import { SlotCounts } from './slot-counts.ts';

/** Some of the pods, for counting them. */
export interface PodSet {
  /** Says all that the set depends on: sets of one id hold the same pods. */
  readonly id: string;
  /** Pods elsewhere are not in it. */
  readonly namespaces: Iterable<string>;
  /** Whether a pod of one of the namespaces is in it. */
  has(pod: PodInfo): boolean;
}

interface Counter {
  readonly set: PodSet;
  readonly counts: SlotCounts;
}

/** More sets than this are not kept counted; the one unused for longest goes. */
const maxCounters = 256;

/** How many pods of a set are on each node: counted when first asked for, and from then on with every pod. */
export class PodCounts {
  /** In order of use, oldest first. */
  readonly #counters = new Map<string, Counter>();
  readonly #byNamespace = new Map<string, Set<Counter>>();

  /** `scan` visits every pod, for the first time somebody asks. */
  of(set: PodSet, scan: (visit: (pod: PodInfo, slot: number) => void) => void): SlotCounts {
    let counter = this.#counters.get(set.id);
    if (counter) this.#counters.delete(set.id);
    else counter = this.#start(set, scan);
    this.#counters.set(set.id, counter);
    return counter.counts;
  }

  /** A pod came to a slot (1) or left it (-1). */
  note(pod: PodInfo, slot: number, by: 1 | -1): void {
    const counters = this.#byNamespace.get(pod.namespace);
    if (!counters) return;
    for (const { set, counts } of counters) if (set.has(pod)) counts.add(slot, by);
  }

  #start(set: PodSet, scan: (visit: (pod: PodInfo, slot: number) => void) => void): Counter {
    const counter = { set, counts: new SlotCounts() };
    const namespaces = new Set(set.namespaces);
    scan((pod, slot) => {
      if (namespaces.has(pod.namespace) && set.has(pod)) counter.counts.add(slot, 1);
    });
    for (const namespace of namespaces) {
      const counters = this.#byNamespace.get(namespace);
      if (counters) counters.add(counter);
      else this.#byNamespace.set(namespace, new Set([counter]));
    }
    const oldest = this.#counters.values().next();
    if (this.#counters.size >= maxCounters && !oldest.done) this.#stop(oldest.value);
    return counter;
  }

  #stop(counter: Counter): void {
    this.#counters.delete(counter.set.id);
    for (const namespace of counter.set.namespaces) {
      const counters = this.#byNamespace.get(namespace);
      counters?.delete(counter);
      if (counters?.size === 0) this.#byNamespace.delete(namespace);
    }
  }
}
