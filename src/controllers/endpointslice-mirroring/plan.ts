import { isIP, isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { endpoints as endpointsRef } from '../../api/kinds.gen.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Service } from '../../api/types/core-v1.gen.ts';
import type { AddressType, Endpoint, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { managedByLabel, portsKey, reuseSlices, type SlicePlan, serviceNameLabel } from '../endpoint-slices.ts';
import { controllerReference } from '../ownership.ts';
import { triggerAnnotation } from '../service-pods.ts';

export const managedBy = 'endpointslicemirroring-controller.k8s.io';

/** Addresses of one subset that are mirrored. Upstream's default of --mirroring-max-endpoints-per-subset. */
export const maxEndpointsPerSubset = 1000;

const skipLabel = 'endpointslice.kubernetes.io/skip-mirror';
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What to write, and which addresses are not mirrored. */
export interface MirrorPlan extends SlicePlan {
  readonly invalid: number;
  /** Addresses that are left out, the invalid ones among them. */
  readonly skipped: number;
}

/** Whether these Endpoints are meant to be mirrored at all: others hold a lock of an election, or say no. */
export function wantsMirror({ metadata }: Endpoints): boolean {
  return metadata.labels?.[skipLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined;
}

/**
 * The slices that show what users wrote into the Endpoints of a Service without selector: one for each address type of
 * each set of ports. Without Service or Endpoints, or where they are not to be mirrored, all slices go.
 */
export function planMirror(
  service: Service | undefined,
  endpoints: Endpoints | undefined,
  slices: readonly EndpointSlice[],
): MirrorPlan {
  if (!endpoints || !wantsMirror(endpoints) || !service || service.spec?.selector !== undefined)
    return { create: [], update: [], remove: [...slices], invalid: 0, skipped: 0 };
  const wanted = new Map<string, Group>();
  let invalid = 0;
  let skipped = 0;
  for (const subset of endpoints.subsets ?? []) {
    const { added, bad } = addSubset(wanted, subset);
    invalid += bad;
    skipped += (subset.addresses ?? []).length + (subset.notReadyAddresses ?? []).length - added;
  }
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  for (const type of ['IPv4', 'IPv6'] as const) {
    const own = Map.groupBy(
      slices.filter((slice) => slice.addressType === type),
      (slice) => portsKey(slice.ports),
    );
    const part = planType(
      endpoints,
      [...wanted.values()].filter((group) => group.type === type),
      own,
    );
    plan.create.push(...part.create);
    plan.update.push(...part.update);
    plan.remove.push(...part.remove);
  }
  // An object that goes gets no more slices.
  if (endpoints.metadata.deletionTimestamp) plan.create.length = 0;
  return { ...plan, invalid, skipped };
}

/** The endpoints that share a slice. */
interface Group {
  readonly type: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

function addSubset(groups: Map<string, Group>, subset: EndpointSubset): { added: number; bad: number } {
  const ports = subset.ports ?? [];
  let added = 0;
  let bad = 0;
  const ready = (subset.addresses ?? []).map((address) => ({ address, ready: true }));
  const notReady = (subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false }));
  for (const { address, ready: isReady } of [...ready, ...notReady]) {
    if (added >= maxEndpointsPerSubset) break;
    if (!isIP(address.ip)) {
      bad++;
      continue;
    }
    const type = isIPv6(address.ip) ? 'IPv6' : 'IPv4';
    const id = `${type} ${portsKey(ports)}`;
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { type, ports, endpoints: new Map() }));
    const endpoint = endpointOf(address, isReady);
    group.endpoints.set(keyOfEndpoint(endpoint), endpoint);
    added++;
  }
  return { added, bad };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName !== undefined && { nodeName }),
  };
}

const keyOfEndpoint = ({ addresses, targetRef, nodeName, hostname }: Endpoint): string =>
  JSON.stringify([addresses, targetRef?.uid ?? targetRef?.name ?? '', nodeName ?? '', hostname ?? '']);

function planType(
  endpoints: Endpoints,
  groups: readonly Group[],
  own: ReadonlyMap<string, readonly EndpointSlice[]>,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  const used = new Set<string>();
  for (const group of groups) {
    const id = portsKey(group.ports);
    used.add(id);
    const [first, ...more] = own.get(id) ?? [];
    plan.remove.push(...more);
    const slice = sliceOf(endpoints, group);
    if (!first) plan.create.push(slice);
    else if (!shows(first, slice)) plan.update.push({ ...slice, metadata: { ...first.metadata, ...marksOf(slice) } });
  }
  for (const [id, slices] of own) if (!used.has(id)) plan.remove.push(...slices);
  return reuseSlices(plan);
}

const marksOf = ({ metadata: { labels, annotations } }: EndpointSlice) => ({
  labels: labels!,
  annotations: annotations!,
});

/** Whether a slice says the same as the wanted one, in whatever order. */
function shows(slice: EndpointSlice, wanted: EndpointSlice): boolean {
  if (!isDeepStrictEqual({ ...slice.metadata.labels }, wanted.metadata.labels)) return false;
  if (!isDeepStrictEqual({ ...slice.metadata.annotations }, wanted.metadata.annotations)) return false;
  const now = new Map((slice.endpoints ?? []).map((endpoint) => [keyOfEndpoint(endpoint), endpoint]));
  const then = wanted.endpoints ?? [];
  return (
    then.length === slice.endpoints?.length &&
    then.every((endpoint) => isDeepStrictEqual(now.get(keyOfEndpoint(endpoint)), endpoint))
  );
}

function sliceOf(endpoints: Endpoints, group: Group): EndpointSlice {
  const { namespace, name } = endpoints.metadata;
  const { [triggerAnnotation]: _, [lastApplied]: __, ...annotations } = endpoints.metadata.annotations ?? {};
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: { ...endpoints.metadata.labels, [serviceNameLabel]: name!, [managedByLabel]: managedBy },
      annotations,
      ownerReferences: [controllerReference(endpoints, endpointsRef)],
    },
    addressType: group.type,
    endpoints: [...group.endpoints.values()],
    ports: group.ports.map(({ name: port = '', protocol = 'TCP', port: number, appProtocol }) => ({
      name: port,
      protocol,
      port: number,
      ...(appProtocol !== undefined && { appProtocol }),
    })),
  };
}
