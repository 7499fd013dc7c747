import type { Slots } from '../plugin.ts';

/** Fewer feasible nodes than this are never left out (upstream's minFeasibleNodesToFind). */
const minFeasible = 100;

/** So many feasible nodes are enough, of all nodes; 0 percent means that none is left out. Source: numFeasibleNodesToFind. */
export function enoughFeasible(nodes: number, percentage: number): number {
  if (percentage === 0 || nodes < minFeasible) return nodes;
  return Math.max(minFeasible, Math.trunc((nodes * percentage) / 100));
}

/** Picks as many slots as are enough, going round, so that all nodes get their turn. */
export class Sampler {
  #start = 0;

  /** `slots` ascend. */
  pick(slots: Slots, enough: number): Slots {
    if (slots.length <= enough) return slots;
    const first = Math.max(
      0,
      slots.findIndex((slot: number) => slot >= this.#start),
    );
    const picked = Array.from({ length: enough }, (_, i) => slots[(first + i) % slots.length]!);
    this.#start = picked.at(-1)! + 1;
    return picked;
  }
}
