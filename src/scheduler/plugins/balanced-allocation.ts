import { maxScore, type Plugin } from '../plugin.ts';

/** Prefers nodes whose cpu and memory would be requested to about the same share. */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score({ demand }, nodes, feasible) {
    if (demand.cpu === 0 && demand.memory === 0) return undefined;
    const { cpu, memory, usedCpu, usedMemory } = nodes.column;
    const scores = new Float64Array(feasible.length);
    for (let i = 0; i < feasible.length; i++) {
      const slot = feasible[i]!;
      const a = share(usedCpu[slot]! + demand.cpu, cpu[slot]!);
      const b = share(usedMemory[slot]! + demand.memory, memory[slot]!);
      // Of two values the standard deviation is half their distance.
      scores[i] = Math.trunc((1 - Math.abs(a - b) / 2) * maxScore);
    }
    return scores;
  },
};

function share(used: number, has: number): number {
  return has === 0 ? 1 : Math.min(1, used / has);
}
