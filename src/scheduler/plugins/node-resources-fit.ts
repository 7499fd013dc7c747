import { isExtendedResource } from '../../resources/rules/quantities.ts';
import type { NodeResourcesFitArgs } from '../config/types.ts';
import { type ExtendedClasses, extendedClassesOf, isLackedBy } from '../devices/extended-classes.ts';
import { fitEvents } from '../hints/node-resources-fit.ts';
import type { Plugin, PluginDescriptor, Refusal } from '../plugin.ts';
import { strategyScore } from '../rules/scoring-strategy.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { Demand } from '../state/pod-info.ts';

/** What of a pod's demand counts. */
interface Heeded {
  readonly demand: Demand;
  /** Resources for which devices stand on nodes that have none of their own: those are DynamicResources' concern. */
  readonly devices: readonly string[];
}

interface Shortage {
  readonly reason: string;
  /** More than the node has at all. */
  readonly hopeless: boolean;
}

/** What a node lacks for a pod, in upstream's order. */
function shortages({ demand, devices }: Heeded, nodes: NodeTable, slot: number): Shortage[] {
  const c = nodes.column;
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
    if (devices.includes(resource) && isLackedBy(node, resource)) continue;
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
function fits({ demand, devices }: Heeded, nodes: NodeTable, slot: number): boolean {
  const c = nodes.column;
  if (c.usedPods[slot]! + 1 > c.pods[slot]!) return false;
  if (demand.cpu > 0 && demand.cpu > c.cpu[slot]! - c.usedCpu[slot]!) return false;
  if (demand.memory > 0 && demand.memory > c.memory[slot]! - c.usedMemory[slot]!) return false;
  if (demand.storage > 0 && demand.storage > c.storage[slot]! - c.usedStorage[slot]!) return false;
  if (demand.scalars.size === 0) return true;
  const node = nodes.slots[slot]!;
  const { scalars, usedScalars } = node;
  for (const [resource, wanted] of demand.scalars) {
    if (devices.length > 0 && devices.includes(resource) && isLackedBy(node, resource)) continue;
    if (wanted > 0 && wanted > (scalars.get(resource) ?? 0) - (usedScalars.get(resource) ?? 0)) return false;
  }
  return true;
}

const defaults: NodeResourcesFitArgs = {
  scoringStrategy: {
    type: 'LeastAllocated',
    resources: [
      { name: 'cpu', weight: 1 },
      { name: 'memory', weight: 1 },
    ],
  },
};

/** Takes from what is asked for the extended resources that others see to. */
function heeded({ ignoredResources = [], ignoredResourceGroups = [] }: NodeResourcesFitArgs) {
  const names = new Set(ignoredResources);
  const groups = new Set(ignoredResourceGroups);
  const ignored = (name: string) =>
    isExtendedResource(name) && (names.has(name) || groups.has(name.slice(0, name.indexOf('/'))));
  if (names.size === 0 && groups.size === 0) return (demand: Demand) => demand;
  return (demand: Demand): Demand => ({
    ...demand,
    scalars: new Map([...demand.scalars].filter(([name]) => !ignored(name))),
  });
}

/** Requests must fit into what is allocatable and not yet requested; which of the nodes with room is best, a strategy says. */
export function fitPlugin(args: NodeResourcesFitArgs = defaults, extended?: ExtendedClasses): Plugin {
  const heed = heeded(args);
  const devicesFor = (demand: Demand) => extended?.among(demand) ?? [];
  return {
    name: 'NodeResourcesFit',
    weight: 1,
    events: fitEvents((resource) => extended?.of(resource) !== undefined),
    sign: ({ demand, nonZero }) => [
      demand.cpu,
      demand.memory,
      demand.storage,
      ...demand.scalars,
      nonZero,
      devicesFor(demand),
    ],
    filter(pod, nodes) {
      const wanted = { demand: heed(pod.demand), devices: devicesFor(pod.demand) };
      return (slot) => (fits(wanted, nodes, slot) ? undefined : lack(shortages(wanted, nodes, slot)));
    },
    rate: strategyScore(args.scoringStrategy),
  };
}

export const nodeResourcesFit = fitPlugin();

export const resourcesFit: PluginDescriptor = {
  name: 'NodeResourcesFit',
  build: ({ informers }, args) => fitPlugin(args as NodeResourcesFitArgs | undefined, extendedClassesOf(informers)),
};
