import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** What a node has of a resource and what would be requested of it with the pod; 0 of both where it does not count. */
export interface Amounts {
  readonly has: (slot: number) => number;
  readonly requested: (slot: number) => number;
  /** How much of that the pod itself requests. */
  readonly asked: number;
}

/**
 * Compiles how to read one resource for one pod. `standIns` counts containers that request no cpu or memory as if they
 * requested a little. Source: noderesources `resource_allocation.go`, calculateResourceAllocatableRequest.
 */
export function amountsOf(resource: string, pod: PodInfo, nodes: NodeTable, standIns: boolean): Amounts | undefined {
  const { column, slots } = nodes;
  const { demand, nonZero } = pod;
  switch (resource) {
    case 'cpu': {
      const [used, asked] = standIns ? [column.nonZeroCpu, nonZero.cpu] : [column.usedCpu, demand.cpu];
      return { has: (slot) => column.cpu[slot]!, requested: (slot) => used[slot]! + asked, asked };
    }
    case 'memory': {
      const [used, asked] = standIns ? [column.nonZeroMemory, nonZero.memory] : [column.usedMemory, demand.memory];
      return { has: (slot) => column.memory[slot]!, requested: (slot) => used[slot]! + asked, asked };
    }
    case 'ephemeral-storage': {
      const asked = demand.storage;
      return {
        has: (slot) => column.storage[slot]!,
        requested: (slot) => column.usedStorage[slot]! + asked,
        asked,
      };
    }
  }
  const wanted = demand.scalars.get(resource) ?? 0;
  // Devices are no reason to prefer a node for a pod that wants none.
  if (wanted === 0) return undefined;
  return {
    has: (slot) => slots[slot]!.scalars.get(resource) ?? 0,
    requested: (slot) => (slots[slot]!.usedScalars.get(resource) ?? 0) + wanted,
    asked: wanted,
  };
}
