import { maxScore, type Plugin } from '../plugin.ts';

/** Prefers nodes whose cpu and memory would be requested to about the same share. */
export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  sign: ({ demand }) => [demand.cpu, demand.memory],
  rate({ demand }, nodes) {
    if (demand.cpu === 0 && demand.memory === 0) return undefined;
    const { column } = nodes;
    return (slot) => {
      const [cpu, memory] = [column.cpu[slot]!, column.memory[slot]!];
      // One resource alone is in balance with itself.
      if (cpu === 0 || memory === 0) return maxScore;
      const a = Math.min(1, (column.usedCpu[slot]! + demand.cpu) / cpu);
      const b = Math.min(1, (column.usedMemory[slot]! + demand.memory) / memory);
      // Of two values the standard deviation is half their distance.
      return Math.trunc((1 - Math.abs(a - b) / 2) * maxScore);
    };
  },
};
