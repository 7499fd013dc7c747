import type { DomainRule, NodeFilter, Slots } from '../plugin.ts';

/** Loops over the slots of all nodes: this is where a cycle over thousands of nodes spends its time. */

/** Writes the slots whose verdict is 0 to `slots`; returns how many there are. */
export function passing(verdicts: Uint16Array, length: number, slots: Int32Array): number {
  let count = 0;
  for (let slot = 0; slot < length; slot++) if (verdicts[slot] === 0) slots[count++] = slot;
  return count;
}

/** Keeps of the first `count` slots those that a rule lets through; returns how many. */
export function sieve(
  slots: Int32Array,
  count: number,
  { topology, counts, least, most, unlabelled }: DomainRule,
): number {
  const { ids } = topology;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    const id = ids[slot]!;
    if (id < 0 ? !unlabelled : counts[id]! >= least && counts[id]! <= most) slots[kept++] = slot;
  }
  return kept;
}

/** The same for a filter of single slots. */
export function sift(slots: Int32Array, count: number, filter: NodeFilter): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    if (!filter(slot)) slots[kept++] = slot;
  }
  return kept;
}

/** Copies of values by slot those of some slots, in their order. */
export function gather(values: Float64Array, slots: Slots, into: Float64Array): void {
  for (let i = 0; i < slots.length; i++) into[i] = values[slots[i]!]!;
}

export function add(totals: Float64Array, scores: Float64Array, weight: number): void {
  for (let i = 0; i < totals.length; i++) totals[i]! += weight * scores[i]!;
}

/** The slot with the greatest total; chance decides between equals, evenly. There must be slots. */
export function best(slots: Slots, totals: Float64Array, random: () => number): number {
  let most = Number.NEGATIVE_INFINITY;
  let equals = 0;
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! > most) {
      most = totals[i]!;
      equals = 1;
    } else if (totals[i]! === most) equals++;
  }
  let skip = equals > 1 ? Math.floor(random() * equals) : 0;
  for (let i = 0; i < totals.length; i++) if (totals[i] === most && skip-- === 0) return slots[i]!;
  return slots[0]!;
}
