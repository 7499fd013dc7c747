import { isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Endpoints,
  Pod,
  Service,
} from '../../api/types/core-v1.gen.ts';
import { isReady } from '../pod-state.ts';
import {
  canServe,
  headlessLabel,
  hostnameUnder,
  isHeadless,
  podAddresses,
  targetPortOf,
  triggerAnnotation,
} from '../service-pods.ts';

/** More addresses than this do not fit; the annotation below says that some were left out. */
const capacity = 1000;
const overCapacity = 'endpoints.kubernetes.io/over-capacity';
const managedByLabel = 'endpoints.kubernetes.io/managed-by';

interface Placed {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

/** The Endpoints to create or update; undefined when they are right as they are. */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  current: Endpoints | undefined,
  trigger: string | undefined,
): Endpoints | undefined {
  const { subsets, truncated } = truncate(subsetsOf(service, pods));
  const labels = labelsOf(service);
  const { [overCapacity]: over, ...rest } = current?.metadata.annotations ?? {};
  const same =
    current !== undefined &&
    isDeepStrictEqual(current.subsets ?? [], subsets) &&
    isDeepStrictEqual({ ...current.metadata.labels }, labels) &&
    (over !== undefined) === truncated;
  if (same) return undefined;
  const annotations = {
    ...rest,
    ...(trigger && { [triggerAnnotation]: trigger }),
    ...(truncated && { [overCapacity]: 'truncated' }),
  };
  const { namespace, name } = service.metadata;
  const metadata = current?.metadata ?? { name: name!, namespace: namespace! };
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels, annotations },
    ...(subsets.length > 0 && { subsets }),
  };
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) && { [headlessLabel]: '' }),
    [managedByLabel]: 'endpoint-controller',
  };
}

/** Ports that have the very same addresses share a subset, as apimachinery's RepackSubsets does. */
function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const byPort = new Map<string, { port: EndpointPort | undefined; placed: Map<string, Placed> }>();
  for (const pod of pods) {
    const placed = place(service, pod);
    if (!placed) continue;
    for (const port of portsOf(service, pod)) {
      const id = JSON.stringify(port ?? null);
      let entry = byPort.get(id);
      if (!entry) byPort.set(id, (entry = { port, placed: new Map() }));
      entry.placed.set(`${placed.address.ip}/${pod.metadata.uid}/${placed.ready}`, placed);
    }
  }
  const bySet = new Map<string, { ports: EndpointPort[]; placed: Placed[] }>();
  for (const { port, placed } of byPort.values()) {
    const id = [...placed.keys()].sort().join();
    let subset = bySet.get(id);
    if (!subset) bySet.set(id, (subset = { ports: [], placed: [...placed.values()] }));
    if (port) subset.ports.push(port);
  }
  const subsets = [...bySet.values()].map(({ ports, placed }) => subsetOf(ports, placed));
  return subsets.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function place(service: Service, pod: Pod): Placed | undefined {
  const tolerant = service.spec?.publishNotReadyAddresses === true;
  if (!canServe(pod, tolerant)) return undefined;
  const wantsV6 =
    (service.spec?.ipFamilies?.[0] ?? (isIPv6(service.spec?.clusterIP ?? '') ? 'IPv6' : 'IPv4')) === 'IPv6';
  const ip = podAddresses(pod).find((address) => isIPv6(address) === wantsV6);
  if (!ip) return undefined;
  const hostname = hostnameUnder(service, pod);
  const nodeName = pod.spec?.nodeName;
  const { namespace, name, uid } = pod.metadata;
  const targetRef = { kind: 'Pod', namespace: namespace!, name: name!, uid: uid! };
  const address = { ip, ...(hostname && { hostname }), ...(nodeName && { nodeName }), targetRef };
  return { address, ready: tolerant || isReady(pod) };
}

/** The ports of the pod; one `undefined` stands for a headless Service without ports. */
function portsOf(service: Service, pod: Pod): (EndpointPort | undefined)[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [undefined] : [];
  return ports.flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = port;
    return [{ ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function subsetOf(ports: readonly EndpointPort[], placed: readonly Placed[]): EndpointSubset {
  const sorted = placed.toSorted((a, b) => (a.address.ip < b.address.ip ? -1 : 1));
  const addresses = sorted.filter((p) => p.ready).map((p) => p.address);
  const notReadyAddresses = sorted.filter((p) => !p.ready).map((p) => p.address);
  const sortedPorts = ports.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(sortedPorts.length > 0 && { ports: sortedPorts }),
  };
}

/** Ready addresses stay before those that are not. */
function truncate(subsets: EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const total = subsets.reduce((n, s) => n + (s.addresses?.length ?? 0) + (s.notReadyAddresses?.length ?? 0), 0);
  if (total <= capacity) return { subsets, truncated: false };
  let room = capacity;
  const cut = (list: readonly EndpointAddress[] | undefined) => {
    const part = (list ?? []).slice(0, room);
    room -= part.length;
    return part;
  };
  const ready = subsets.map((subset) => cut(subset.addresses));
  const notReady = subsets.map((subset) => cut(subset.notReadyAddresses));
  const kept = subsets.map(({ ports }, i) => ({
    ...(ready[i]!.length > 0 && { addresses: ready[i]! }),
    ...(notReady[i]!.length > 0 && { notReadyAddresses: notReady[i]! }),
    ...(ports && { ports }),
  }));
  return { subsets: kept.filter((s) => s.addresses || s.notReadyAddresses), truncated: true };
}
