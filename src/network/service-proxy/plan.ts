import { createHash } from 'node:crypto';
import type { Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { type Backend, backendsOf, protocolOf } from './backends.ts';
import { mapOf, mapped, type ProxySubnets } from './base-script.ts';
import type { Rules } from './rules.ts';
import { meantFor, type Whereabouts } from './topology.ts';

/** Upstream's default for ClientIP affinity, seconds. */
const defaultAffinity = 10_800;

/** Whether an address lies in a range such as "10.96.0.0/16". */
function contains(cidr: string, address: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(base) / size) === Math.floor(number(address) / size);
}

/** A short name that is the same every time for the same Service port. */
function idOf(service: Service, port: ServicePort): string {
  const text = `${service.metadata?.namespace}/${service.metadata?.name}/${port.name ?? ''}/${port.protocol ?? 'TCP'}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const isIPv4 = (text: string | undefined): text is string => text !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** Whether kernels must know of a Service at all. */
export function isProxied(service: Service): boolean {
  const { type, clusterIP } = service.spec ?? {};
  if (type === 'ExternalName' || !isIPv4(clusterIP)) return false;
  return !service.metadata?.labels?.['service.kubernetes.io/service-proxy-name'];
}

/** Addresses besides the cluster IP at which a Service answers. */
export function externalAddresses(service: Service): string[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const balanced = ingress.filter((i) => i.ipMode !== 'Proxy').map((i) => i.ip);
  return [...new Set([...(service.spec?.externalIPs ?? []), ...balanced])].filter(isIPv4);
}

/** One Service's rules in the kernel of a node that is there. */
export function planService(
  service: Service,
  slices: readonly EndpointSlice[],
  there: Whereabouts,
  subnets: ProxySubnets,
): Rules {
  const draft = new Draft();
  if (!isProxied(service)) return draft;
  for (const port of service.spec?.ports ?? []) planPort(draft, service, port, slices, there, subnets);
  return draft;
}

class Draft implements Rules {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();

  element(map: string, key: string, value: string): void {
    const pairs = this.elements.get(map) ?? new Map<string, string>();
    pairs.set(key, value);
    this.elements.set(map, pairs);
  }
}

/** One port of a Service in the kernel of one node, and the backends that count there. */
interface PlannedPort {
  readonly draft: Draft;
  readonly service: Service;
  readonly port: ServicePort;
  readonly id: string;
  /** Protocol and port, as keys of maps have them after the address. */
  readonly where: string;
  readonly nodePort: string | undefined;
  readonly externals: readonly string[];
  /** Backends on the node itself, and those that are meant for it. */
  readonly local: readonly Backend[];
  readonly near: readonly Backend[];
}

function planPort(
  draft: Draft,
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  there: Whereabouts,
  subnets: ProxySubnets,
): void {
  const where = `${protocolOf(port)} . ${port.port}`;
  const externals = externalAddresses(service);
  const nodePort = port.nodePort ? `${protocolOf(port)} . ${port.nodePort}` : undefined;
  const all = backendsOf(slices, port);
  if (all.length === 0) {
    // Cluster IPs need no entry: whatever still goes to the Services' range is refused.
    for (const address of externals) draft.element('unserved', `${address} . ${where}`, 'goto refuse');
    if (nodePort) draft.element('unserved_ports', nodePort, 'goto refuse_port');
    return;
  }
  const local = all.filter(({ node }) => node === there.node);
  const near = meantFor(all, there);
  const planned = { draft, service, port, id: idOf(service, port), where, nodePort, externals, local, near };
  const reachedInsideOnly = nodePort === undefined && externals.length === 0;
  planInside(planned, reachedInsideOnly, subnets.services);
  if (!reachedInsideOnly) planOutside(planned, subnets.pods);
}

const balance = ({ draft, service, port, id }: PlannedPort, name: string, backends: readonly Backend[]) =>
  draft.chains.set(name, balanced(draft, service, port, id, backends));

const isInsideLocal = ({ spec }: Service) => spec?.internalTrafficPolicy === 'Local';

/** The cluster IP: elements where they will do, a chain otherwise. */
function planInside(planned: PlannedPort, reachedInsideOnly: boolean, range: string): void {
  const { draft, service, id, where, local, near } = planned;
  const { sessionAffinity, clusterIP = '' } = service.spec!;
  const inside = isInsideLocal(service) ? local : near;
  const plain = sessionAffinity !== 'ClientIP' && inside.length > 0 && inside.length <= mapped;
  if (reachedInsideOnly && plain && contains(range, clusterIP)) {
    inside.forEach((backend, index) => {
      const turn = inside.length === 1 ? '' : ` . ${index}`;
      const target = `${backend.address} . ${backend.port}`;
      draft.element(mapOf(inside.length), `${clusterIP} . ${where}${turn}`, target);
    });
    return;
  }
  balance(planned, `svc-${id}`, inside);
  draft.element('cluster_ips', `${clusterIP} . ${where}`, `goto svc-${id}`);
}

/** Node ports, external and load balancers' addresses. */
function planOutside(planned: PlannedPort, pods: string): void {
  const { draft, service, id, where, nodePort, externals, local, near } = planned;
  const spec = service.spec!;
  // Upstream: inside the cluster an external address means the whole Service, whatever the policy.
  const everywhere = isInsideLocal(service) ? `all-${id}` : `svc-${id}`;
  if (isInsideLocal(service)) balance(planned, everywhere, near);
  if (spec.externalTrafficPolicy === 'Local') {
    balance(planned, `loc-${id}`, local);
    draft.chains.set(`ext-${id}`, [
      `ip saddr ${pods} goto ${everywhere}`,
      `fib saddr type local jump from_outside`,
      `fib saddr type local goto ${everywhere}`,
      `goto loc-${id}`,
    ]);
  } else {
    draft.chains.set(`ext-${id}`, ['jump from_outside', `goto ${everywhere}`]);
  }
  const ranges = (spec.loadBalancerSourceRanges ?? []).filter((range) => isIPv4(range.trim().split('/')[0]));
  const guarded = ranges.length > 0 && spec.type === 'LoadBalancer';
  if (guarded) {
    const from = ranges.map((range) => range.trim()).join(', ');
    draft.chains.set(`fw-${id}`, [`ip saddr != { ${from} } drop`, `goto ext-${id}`]);
  }
  const given = new Set(spec.externalIPs ?? []);
  for (const address of externals) {
    const chain = guarded && !given.has(address) ? `fw-${id}` : `ext-${id}`;
    draft.element('external_ips', `${address} . ${where}`, `goto ${chain}`);
  }
  if (nodePort) draft.element('node_ports', nodePort, `goto ext-${id}`);
}

/** Rules that send a new connection to one of `backends`; with none, it is dropped (a Local policy's node without any). */
function balanced(
  draft: Draft,
  service: Service,
  port: ServicePort,
  id: string,
  backends: readonly Backend[],
): string[] {
  if (backends.length === 0) return ['drop'];
  const protocol = `meta l4proto ${protocolOf(port)}`;
  const pick = `numgen random mod ${backends.length}`;
  if (service.spec?.sessionAffinity !== 'ClientIP') {
    const targets = backends.map((b, index) => `${index} : ${b.address} . ${b.port}`);
    return [`${protocol} dnat ip to ${pick} map { ${targets.join(', ')} }`];
  }
  const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinity;
  const nameOf = (b: Backend) => `${id}-${b.address.replaceAll('.', '_')}-${b.port}`;
  for (const backend of backends) {
    const name = nameOf(backend);
    draft.sets.set(`aff-${name}`, `type ipv4_addr; size 65535; flags dynamic, timeout; timeout ${seconds}s;`);
    draft.chains.set(`ep-${name}`, [
      `update @aff-${name} { ip saddr }`,
      `${protocol} dnat ip to ${backend.address}:${backend.port}`,
    ]);
  }
  return [
    ...backends.map((b) => `ip saddr @aff-${nameOf(b)} goto ep-${nameOf(b)}`),
    `${pick} vmap { ${backends.map((b, index) => `${index} : goto ep-${nameOf(b)}`).join(', ')} }`,
  ];
}
