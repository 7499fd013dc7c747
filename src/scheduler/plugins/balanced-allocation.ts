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

/** How well shares are balanced: 100 when all are alike. */
const balance = (shares: readonly number[]): number => Math.trunc((1 - deviation(shares)) * maxScore);

/**
 * Prefers nodes whose resources would be requested more nearly to the same share than they are without the pod.
 * Source: noderesources `balanced_allocation.go`.
 */
export function balancedAllocationPlugin({ resources }: NodeResourcesBalancedAllocationArgs = defaults): Plugin {
  const names = resources.map(({ name }) => name);
  return {
    name: 'NodeResourcesBalancedAllocation',
    weight: 1,
    sign: ({ demand }) => [demand.cpu, demand.memory, demand.storage, ...demand.scalars],
    rate(pod, nodes) {
      const { demand } = pod;
      const wanted = { cpu: demand.cpu, memory: demand.memory, 'ephemeral-storage': demand.storage };
      const wants = (name: string) => (wanted[name as keyof typeof wanted] ?? demand.scalars.get(name) ?? 0) > 0;
      if (!names.some(wants)) return undefined;
      const counted = names.flatMap((name) => amountsOf(name, pod, nodes, false) ?? []);
      return (slot) => {
        const before: number[] = [];
        const after: number[] = [];
        for (const { has, requested: requestedOf, asked } of counted) {
          const capacity = has(slot);
          if (capacity <= 0) continue;
          const requested = requestedOf(slot);
          before.push(Math.min(1, (requested - asked) / capacity));
          after.push(Math.min(1, requested / capacity));
        }
        // Balance can be lost, or won, by half: a pod that changes nothing is in the middle of what is left.
        return Math.trunc((1.5 * maxScore + balance(after) - balance(before)) / 2);
      };
    },
  };
}

export const balancedAllocation = balancedAllocationPlugin();
