import { isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { services as servicesRef } from '../../api/kinds.gen.ts';
import type { Pod, Service } from '../../api/types/core-v1.gen.ts';
import type { AddressType, Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { managedByLabel, portsKey, reuseSlices, type SlicePlan, serviceNameLabel } from '../endpoint-slices.ts';
import { controllerReference } from '../ownership.ts';
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
import { Hinter } from './hints.ts';

export const managedBy = 'endpointslice-controller.k8s.io';

/** Endpoints per slice. Upstream's default of --max-endpoints-per-slice. */
const capacity = 100;

/** Slices with equal ports and address type share endpoints among them. */
interface Group {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** Compares the slices of a Service with its pods, changing as few slices as it can. */
export function planSlices(
  service: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[],
  zoneOf: (node: string) => string | undefined,
  trigger: string | undefined,
  hinter = new Hinter(service, () => undefined),
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const families = addressTypes(service);
  for (const addressType of families) {
    const groups = groupEndpoints(service, pods, addressType, zoneOf);
    const own = slices.filter((slice) => slice.addressType === addressType);
    addHints(hinter, addressType, groups, own);
    mergeInto(plan, planFamily(service, addressType, groups, own, trigger));
  }
  plan.remove.push(...slices.filter((slice) => !families.includes(slice.addressType)));
  return plan;
}

function mergeInto(plan: SlicePlan, part: SlicePlan): void {
  plan.create.push(...part.create);
  plan.update.push(...part.update);
  plan.remove.push(...part.remove);
}

function addressTypes(service: Service): AddressType[] {
  const families = service.spec?.ipFamilies ?? [];
  if (families.length > 0) return families.map((family) => family as AddressType);
  return [isIPv6(service.spec?.clusterIP ?? '') ? 'IPv6' : 'IPv4'];
}

function groupEndpoints(
  service: Service,
  pods: readonly Pod[],
  addressType: AddressType,
  zoneOf: (node: string) => string | undefined,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (!canServe(pod, true)) continue;
    const address = podAddresses(pod).find((ip) => isIPv6(ip) === (addressType === 'IPv6'));
    if (!address) continue;
    const ports = portsOf(service, pod);
    const id = portsKey(ports);
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { addressType, ports, endpoints: new Map() }));
    const endpoint = endpointOf(service, pod, address, zoneOf);
    group.endpoints.set(endpointKey(endpoint), endpoint);
  }
  return groups;
}

function addHints(
  hinter: Hinter,
  addressType: AddressType,
  groups: ReadonlyMap<string, Group>,
  slices: readonly EndpointSlice[],
): void {
  const all = new Map([...groups.values()].flatMap(({ endpoints }) => [...endpoints]));
  const published = slices.flatMap(({ endpoints = [] }) => endpoints.map((one) => [endpointKey(one), one] as const));
  for (const [key, hints] of hinter.hints(addressType, all, new Map(published))) {
    for (const { endpoints } of groups.values()) {
      if (endpoints.has(key)) endpoints.set(key, { ...endpoints.get(key)!, hints });
    }
  }
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const number = targetPortOf(pod, port);
    if (number === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = port;
    ports.push({ name, protocol, port: number, ...(appProtocol && { appProtocol }) });
  }
  return ports;
}

const endpointKey = (endpoint: Endpoint): string => `${endpoint.targetRef?.uid ?? ''}/${endpoint.addresses.join()}`;

function endpointOf(
  service: Service,
  pod: Pod,
  address: string,
  zoneOf: (node: string) => string | undefined,
): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameUnder(service, pod);
  const nodeName = pod.spec?.nodeName;
  const zone = nodeName ? zoneOf(nodeName) : undefined;
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    targetRef: { kind: 'Pod', namespace: namespace!, name: name!, uid: uid! },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
}

function planFamily(
  service: Service,
  addressType: AddressType,
  groups: ReadonlyMap<string, Group>,
  slices: readonly EndpointSlice[],
  trigger: string | undefined,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const kept: EndpointSlice[] = [];
  for (const slice of slices) if (!groups.has(portsKey(slice.ports))) plan.remove.push(slice);
  for (const [id, group] of groups) {
    const own = slices.filter((slice) => portsKey(slice.ports) === id);
    kept.push(...planGroup(service, group, own, plan, trigger));
  }
  // A Service always has a slice, if an empty one, so that its readers see that it is known.
  if (kept.length + plan.update.length + plan.create.length === 0) {
    const empty = slices.find((slice) => (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0);
    if (empty) {
      plan.remove.splice(plan.remove.indexOf(empty), 1);
      if (!labelsAreRight(service, empty)) plan.update.push(filled(service, empty, [], trigger));
    } else {
      plan.create.push(newSlice(service, { addressType, ports: [], endpoints: new Map() }, [], trigger));
    }
  }
  return reuseSlices(plan);
}

/** Adds the group's changes to the plan; returns the slices that stay as they are. */
function planGroup(
  service: Service,
  group: Group,
  slices: readonly EndpointSlice[],
  plan: SlicePlan,
  trigger: string | undefined,
): EndpointSlice[] {
  const missing = new Map(group.endpoints);
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = [];
  let kept: EndpointSlice[] = [];
  for (const slice of slices) {
    const before = slice.endpoints ?? [];
    const endpoints = before.flatMap((endpoint) => takeFrom(missing, endpointKey(endpoint)));
    const same = endpoints.length === before.length && endpoints.every((e, i) => isDeepStrictEqual(e, before[i]));
    if (endpoints.length === 0) plan.remove.push(slice);
    else if (same && labelsAreRight(service, slice)) kept.push(slice);
    else changed.push({ slice, endpoints });
  }
  // Slices that are written anyway take new endpoints first, the fullest of them foremost.
  changed.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const { endpoints } of changed) endpoints.push(...takeSome(missing, capacity - endpoints.length));
  if (missing.size > 0 && missing.size < capacity) {
    const roomy = kept
      .filter((slice) => (slice.endpoints ?? []).length + missing.size <= capacity)
      .sort((a, b) => (b.endpoints ?? []).length - (a.endpoints ?? []).length)[0];
    if (roomy) {
      kept = kept.filter((slice) => slice !== roomy);
      changed.push({ slice: roomy, endpoints: [...(roomy.endpoints ?? []), ...takeSome(missing, capacity)] });
    }
  }
  while (missing.size > 0) plan.create.push(newSlice(service, group, takeSome(missing, capacity), trigger));
  for (const { slice, endpoints } of changed) plan.update.push(filled(service, slice, endpoints, trigger));
  return kept;
}

function takeFrom(missing: Map<string, Endpoint>, key: string): Endpoint[] {
  const endpoint = missing.get(key);
  missing.delete(key);
  return endpoint ? [endpoint] : [];
}

function takeSome(missing: Map<string, Endpoint>, count: number): Endpoint[] {
  const taken: Endpoint[] = [];
  for (const [key, endpoint] of missing) {
    if (taken.length >= count) break;
    taken.push(endpoint);
    missing.delete(key);
  }
  return taken;
}

const reserved = new Set([managedByLabel, serviceNameLabel, headlessLabel]);

/** The Service's own labels, and those by which slices are found. */
function labelsOf(service: Service): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(service.metadata.labels ?? {})) if (!reserved.has(key)) labels[key] = value;
  if (isHeadless(service)) labels[headlessLabel] = '';
  labels[serviceNameLabel] = service.metadata.name!;
  labels[managedByLabel] = managedBy;
  return labels;
}

const labelsAreRight = (service: Service, slice: EndpointSlice): boolean =>
  isDeepStrictEqual({ ...slice.metadata.labels }, labelsOf(service));

function filled(
  service: Service,
  slice: EndpointSlice,
  endpoints: readonly Endpoint[],
  trigger: string | undefined,
): EndpointSlice {
  const { [triggerAnnotation]: _, ...annotations } = slice.metadata.annotations ?? {};
  const next = { ...annotations, ...(trigger && { [triggerAnnotation]: trigger }) };
  return { ...slice, metadata: { ...slice.metadata, labels: labelsOf(service), annotations: next }, endpoints };
}

function newSlice(
  service: Service,
  group: Group,
  endpoints: readonly Endpoint[],
  trigger: string | undefined,
): EndpointSlice {
  const { namespace, name } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: labelsOf(service),
      ...(trigger && { annotations: { [triggerAnnotation]: trigger } }),
      ownerReferences: [controllerReference(service, servicesRef)],
    },
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  };
}
