import type { LabelSelector } from '../api/selector.ts';
import type { PodInfo } from './pod-info.ts';

interface Counter {
  readonly namespace: string;
  readonly selector: LabelSelector;
  counts: Int32Array;
}

/** More selectors than this are not kept counted; the one unused for longest goes. */
const maxCounters = 256;

/**
 * How many pods of a namespace that a selector matches are on each node. Counted once when first asked for, and from
 * then on with every pod that comes and goes. Pods that are terminating do not count.
 */
export class PodCounts {
  /** In order of use, oldest first. */
  readonly #counters = new Map<string, Counter>();

  /** Counts by slot. `scan` visits every pod, for the first time somebody asks. */
  of(
    namespace: string,
    selector: LabelSelector,
    slots: number,
    scan: (visit: (pod: PodInfo, slot: number) => void) => void,
  ): Int32Array {
    const id = `${namespace} ${selector.nothing ? '!' : selector.toString()}`;
    let counter = this.#counters.get(id);
    if (counter) this.#counters.delete(id);
    else {
      counter = { namespace, selector, counts: new Int32Array(slots) };
      const { counts } = counter;
      scan((pod, slot) => {
        if (counted(pod, namespace, selector)) counts[slot]!++;
      });
      const oldest = this.#counters.keys().next();
      if (this.#counters.size >= maxCounters && !oldest.done) this.#counters.delete(oldest.value);
    }
    this.#counters.set(id, counter);
    if (counter.counts.length < slots) counter.counts = grown(counter.counts, slots);
    return counter.counts;
  }

  /** A pod came to a slot (1) or left it (-1). */
  note(pod: PodInfo, slot: number, by: 1 | -1): void {
    for (const counter of this.#counters.values()) {
      if (!counted(pod, counter.namespace, counter.selector)) continue;
      if (counter.counts.length <= slot) counter.counts = grown(counter.counts, 2 * slot + 8);
      counter.counts[slot]! += by;
    }
  }
}

function counted(pod: PodInfo, namespace: string, selector: LabelSelector): boolean {
  return pod.namespace === namespace && !pod.terminating && selector.matches(pod.labels);
}

function grown(counts: Int32Array, slots: number): Int32Array {
  const larger = new Int32Array(slots);
  larger.set(counts);
  return larger;
}
