import type { NodeTable } from '../node-table.ts';
import { maxScore, type Plugin, type Refusal } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';

interface Shortage {
  readonly reason: string;
  /** More than the node has at all. */
  readonly hopeless: boolean;
}

/** What a node lacks for a pod, in upstream's order. */
function shortages(pod: PodInfo, nodes: NodeTable, slot: number): Shortage[] {
  const c = nodes.column;
  const { demand } = pod;
  const short: Shortage[] = [];
  if (c.usedPods[slot]! + 1 > c.pods[slot]!) short.push({ reason: 'Too many pods', hopeless: false });
  const check = (resource: string, wanted: number, has: number, used: number) => {
    if (wanted > has - used) short.push({ reason: `Insufficient ${resource}`, hopeless: wanted > has });
  };
  if (demand.cpu > 0) check('cpu', demand.cpu, c.cpu[slot]!, c.usedCpu[slot]!);
  if (demand.memory > 0) check('memory', demand.memory, c.memory[slot]!, c.usedMemory[slot]!);
  if (demand.storage > 0) check('ephemeral-storage', demand.storage, c.storage[slot]!, c.usedStorage[slot]!);
  const node = nodes.slots[slot]!;
  for (const [resource, wanted] of demand.scalars) {
    if (wanted > 0) check(resource, wanted, node.scalars.get(resource) ?? 0, node.usedScalars.get(resource) ?? 0);
  }
  return short;
}

const lacks = new Map<string, Refusal>();
const lacksLimit = 1000;

/** One refusal for each combination: there are few, and as many nodes as may be. */
function lack(short: readonly Shortage[]): Refusal {
  const id = short.map(({ reason, hopeless }) => `${reason}${hopeless ? '!' : ''}`).join();
  let known = lacks.get(id);
  if (!known) {
    if (lacks.size >= lacksLimit) lacks.clear();
    known = { reasons: short.map(({ reason }) => reason), unresolvable: short.some(({ hopeless }) => hopeless) };
    lacks.set(id, known);
  }
  return known;
}

/** Whether a node has room, without saying what it lacks. */
function fits(pod: PodInfo, nodes: NodeTable, slot: number): boolean {
  const c = nodes.column;
  const { demand } = pod;
  if (c.usedPods[slot]! + 1 > c.pods[slot]!) return false;
  if (demand.cpu > 0 && demand.cpu > c.cpu[slot]! - c.usedCpu[slot]!) return false;
  if (demand.memory > 0 && demand.memory > c.memory[slot]! - c.usedMemory[slot]!) return false;
  if (demand.storage > 0 && demand.storage > c.storage[slot]! - c.usedStorage[slot]!) return false;
  if (demand.scalars.size === 0) return true;
  const { scalars, usedScalars } = nodes.slots[slot]!;
  for (const [resource, wanted] of demand.scalars) {
    if (wanted > 0 && wanted > (scalars.get(resource) ?? 0) - (usedScalars.get(resource) ?? 0)) return false;
  }
  return true;
}

/** The share of a resource that stays free, 0 to 100. */
function leastAllocated(used: number, has: number): number {
  return has === 0 || used > has ? 0 : Math.trunc(((has - used) * maxScore) / has);
}

/** Requests must fit into what is allocatable and not yet requested; of nodes with room, the emptiest is best. */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  retryOn: ['PodGone', 'NodeAllocatable'],
  sign: ({ demand, nonZero }) => [demand.cpu, demand.memory, demand.storage, ...demand.scalars, nonZero],
  filter(pod, nodes) {
    return (slot) => (fits(pod, nodes, slot) ? undefined : lack(shortages(pod, nodes, slot)));
  },
  rate({ nonZero }, nodes) {
    const { column } = nodes;
    return (slot) => {
      const a = leastAllocated(column.nonZeroCpu[slot]! + nonZero.cpu, column.cpu[slot]!);
      const b = leastAllocated(column.nonZeroMemory[slot]! + nonZero.memory, column.memory[slot]!);
      return Math.trunc((a + b) / 2);
    };
  },
};
