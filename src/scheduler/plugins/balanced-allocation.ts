import type { NodeResourcesBalancedAllocationArgs } from '../config/types.ts';
import { maxScore, type Plugin } from '../plugin.ts';
import { amountsOf } from '../rules/resource-amounts.ts';

const defaults: NodeResourcesBalancedAllocationArgs = {
  resources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
};

/** How far numbers lie apart: their standard deviation. */
function deviation(values: readonly number[]): number {
  const [a = 0, b = 0] = values;
  if (values.length < 2) return 0;
  // Of two values it is half their distance.
  if (values.length === 2) return Math.abs(a - b) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Prefers nodes whose resources would be requested to about the same share. */
export function balancedAllocationPlugin({ resources }: NodeResourcesBalancedAllocationArgs = defaults): Plugin {
  const names = resources.map(({ name }) => name);
  return {
    name: 'NodeResourcesBalancedAllocation',
    weight: 1,
    sign: ({ demand }) => [demand.cpu, demand.memory, demand.storage, ...demand.scalars],
    rate(pod, nodes) {
      const { demand } = pod;
      const asked = { cpu: demand.cpu, memory: demand.memory, 'ephemeral-storage': demand.storage };
      const wants = (name: string) => (asked[name as keyof typeof asked] ?? demand.scalars.get(name) ?? 0) > 0;
      if (!names.some(wants)) return undefined;
      const counted = names.flatMap((name) => amountsOf(name, pod, nodes, false) ?? []);
      return (slot) => {
        const shares: number[] = [];
        for (const { has, requested } of counted) {
          const capacity = has(slot);
          if (capacity > 0) shares.push(Math.min(1, requested(slot) / capacity));
        }
        return Math.trunc((1 - deviation(shares)) * maxScore);
      };
    },
  };
}

export const balancedAllocation = balancedAllocationPlugin();
