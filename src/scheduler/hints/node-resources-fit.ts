import type { Node, Pod } from '../../api/types/core-v1.gen.ts';
import type { DeviceClass } from '../../api/types/resource-v1.gen.ts';
import { classPrefix } from '../../resources/resource/extended-classes.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { type Demand, demandOf, podDemand } from '../state/pod-info.ts';

/** Whether devices may stand for an extended resource. */
type Delegated = (resource: string) => boolean;

/**
 * What a pod that asks for too much waits for: pods that go or shrink, nodes that come or grow, and classes whose devices
 * stand for what it asks for (Fit.EventsToRegister).
 */
export const fitEvents = (delegated: Delegated): readonly EventHint[] => [
  { resource: 'AssignedPod', actions: ['Delete'] },
  { resource: 'Pod', actions: ['UpdatePodScaleDown'], hint: podShrank },
  { resource: 'Node', actions: ['Add', 'UpdateNodeAllocatable'], hint: nodeGrew(delegated) },
  { resource: 'DeviceClass', actions: ['Add', 'Update'], hint: classServes },
];
export const nodeResourcesFitEvents = fitEvents(() => false);

function classServes({ now }: ClusterEvent): PodTest {
  const { metadata, spec } = now as DeviceClass;
  const names = [spec.extendedResourceName ?? '', `${classPrefix}${metadata.name}`];
  return ({ demand }) => names.some((name) => demand.scalars.has(name));
}

function podShrank({ old, now }: ClusterEvent): PodTest {
  const pod = now as Pod;
  const uid = pod.metadata?.uid;
  if (!pod.spec?.nodeName) return (waiting) => waiting.uid === uid;
  const less = subtract(podDemand(old as Pod), podDemand(pod));
  return ({ demand }) => overlaps(demand, less);
}

function nodeGrew(delegated: Delegated): (event: ClusterEvent) => PodTest {
  return ({ old, now }) => {
    const has = allocatable(now as Node);
    if (!old) return ({ demand }) => fitsInto(demand, has.demand, delegated) && has.pods > 0;
    const had = allocatable(old as Node);
    const more = subtract(has.demand, had.demand);
    const morePods = has.pods > had.pods;
    return ({ demand }) => fitsInto(demand, has.demand, delegated) && (morePods || overlaps(demand, more));
  };
}

function allocatable(node: Node): { readonly demand: Demand; readonly pods: number } {
  const { pods = '0', ...rest } = node.status?.allocatable ?? {};
  return { demand: demandOf(rest), pods: Number(pods) };
}

function subtract(a: Demand, b: Demand): Demand {
  const scalars = new Map([...a.scalars].map(([name, value]) => [name, value - (b.scalars.get(name) ?? 0)]));
  return { cpu: a.cpu - b.cpu, memory: a.memory - b.memory, storage: a.storage - b.storage, scalars };
}

/** Whether some resource that is asked for is among what became free. */
function overlaps(demand: Demand, free: Demand): boolean {
  if (demand.cpu > 0 && free.cpu > 0) return true;
  if (demand.memory > 0 && free.memory > 0) return true;
  if (demand.storage > 0 && free.storage > 0) return true;
  for (const [name, value] of demand.scalars) if (value > 0 && (free.scalars.get(name) ?? 0) > 0) return true;
  return false;
}

/** Whether a node that has nothing else to do could take the demand. */
function fitsInto(demand: Demand, has: Demand, delegated: Delegated): boolean {
  if (demand.cpu > has.cpu || demand.memory > has.memory || demand.storage > has.storage) return false;
  for (const [name, value] of demand.scalars) {
    const own = has.scalars.get(name) ?? 0;
    if (value > own && !(own === 0 && delegated(name))) return false;
  }
  return true;
}
