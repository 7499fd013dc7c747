import { quantityMilli, quantityValue } from '../../api/quantity.ts';
import type { Container, Pod, ResourceList } from '../../api/types/core-v1.gen.ts';
import { type PodTerms, podTerms } from './pod-terms.ts';

/** What a pod asks of a node: cpu in milli, everything else in whole units. */
export interface Demand {
  cpu: number;
  memory: number;
  storage: number;
  /** Extended resources and huge pages. */
  readonly scalars: Map<string, number>;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod as the scheduler reckons with it, worked out once per version. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly terminating: boolean;
  readonly demand: Demand;
  /** Demand with stand-ins for containers that ask for nothing: what scores reckon with (util.GetNonzeroRequests). */
  readonly nonZero: { readonly cpu: number; readonly memory: number };
  readonly ports: readonly HostPort[];
  /** Of its containers. */
  readonly images: readonly string[];
  /** Of its volumes. */
  readonly volumeImages: readonly string[];
  readonly terms: PodTerms;
}

const defaultCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

const parsed = new Map<string, number>();
const parsedLimit = 4096;

/** Quantities repeat endlessly; parsing them exactly is dear. */
export function amount(resource: string, quantity: string): number {
  const key = resource === 'cpu' ? `m${quantity}` : quantity;
  let value = parsed.get(key);
  if (value === undefined) {
    value = resource === 'cpu' ? quantityMilli(quantity) : quantityValue(quantity);
    if (parsed.size >= parsedLimit) parsed.clear();
    parsed.set(key, value);
  }
  return value;
}

function noDemand(): Demand {
  return { cpu: 0, memory: 0, storage: 0, scalars: new Map() };
}

function get(demand: Demand, resource: string): number {
  if (resource === 'cpu') return demand.cpu;
  if (resource === 'memory') return demand.memory;
  if (resource === 'ephemeral-storage') return demand.storage;
  return demand.scalars.get(resource) ?? 0;
}

function set(demand: Demand, resource: string, value: number): void {
  if (resource === 'cpu') demand.cpu = value;
  else if (resource === 'memory') demand.memory = value;
  else if (resource === 'ephemeral-storage') demand.storage = value;
  else demand.scalars.set(resource, value);
}

function names(demand: Demand): string[] {
  return ['cpu', 'memory', 'ephemeral-storage', ...demand.scalars.keys()];
}

export function demandOf(list: ResourceList | undefined, defaults?: { cpu: number; memory: number }): Demand {
  const demand = noDemand();
  for (const resource in list) set(demand, resource, amount(resource, list[resource]!));
  if (defaults && list?.['cpu'] === undefined) demand.cpu = defaults.cpu;
  if (defaults && list?.['memory'] === undefined) demand.memory = defaults.memory;
  return demand;
}

function add(to: Demand, more: Demand): void {
  for (const resource of names(more)) set(to, resource, get(to, resource) + get(more, resource));
}

function raise(to: Demand, other: Demand): void {
  for (const resource of names(other)) set(to, resource, Math.max(get(to, resource), get(other, resource)));
}

/**
 * What a pod demands at its peak: its containers and sidecars together, or an init container with the sidecars started
 * before it; pod-level requests instead, where given; overhead on top. Source: component-helpers `resource.PodRequests`.
 */
export function podDemand(pod: Pod, defaults?: { cpu: number; memory: number }): Demand {
  const spec = pod.spec;
  const total = noDemand();
  const sidecars = noDemand();
  const peak = noDemand();
  const requests = (container: Container) => demandOf(container.resources?.requests, defaults);
  for (const container of spec?.containers ?? []) add(total, requests(container));
  for (const container of spec?.initContainers ?? []) {
    const own = requests(container);
    if (container.restartPolicy === 'Always') {
      add(total, own);
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      add(own, sidecars);
      raise(peak, own);
    }
  }
  raise(total, peak);
  const level = spec?.resources?.requests;
  for (const resource in level) set(total, resource, amount(resource, level[resource]!));
  add(total, demandOf(spec?.overhead));
  return total;
}

export function hostPorts(pod: Pod): HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort });
    }
  }
  return ports;
}

/** An image name with the tag the engine would add. */
function fullImage(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}

export function podInfo(pod: Pod): PodInfo {
  const demand = podDemand(pod);
  const { cpu, memory } = podDemand(pod, { cpu: defaultCpu, memory: defaultMemory });
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return {
    pod,
    uid: pod.metadata?.uid ?? '',
    namespace: pod.metadata?.namespace ?? '',
    name: pod.metadata?.name ?? '',
    labels: pod.metadata?.labels ?? {},
    priority: pod.spec?.priority ?? 0,
    terminating: pod.metadata?.deletionTimestamp !== undefined,
    demand,
    nonZero: { cpu, memory },
    ports: hostPorts(pod),
    images: containers.map((container) => fullImage(container.image ?? '')),
    volumeImages: (pod.spec?.volumes ?? []).flatMap(({ image }) =>
      image?.reference ? fullImage(image.reference) : [],
    ),
    terms: podTerms(pod),
  };
}

/** Whether two versions of one pod on one node count for the same in every way. */
export function countsAlike(a: PodInfo, b: PodInfo): boolean {
  return (
    a.terminating === b.terminating &&
    a.priority === b.priority &&
    a.namespace === b.namespace &&
    footprint(a) === footprint(b)
  );
}

const footprint = ({ demand, nonZero, ports, labels, terms }: PodInfo) =>
  JSON.stringify([
    [demand.cpu, demand.memory, demand.storage, ...demand.scalars, nonZero.cpu, nonZero.memory],
    ports,
    labels,
    terms.together.map(({ id }) => id),
    terms.apart.map(({ id }) => id),
    terms.preferred.map(({ term, weight }) => [term.id, weight]),
  ]);
