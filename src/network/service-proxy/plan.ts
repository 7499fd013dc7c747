import { createHash } from 'node:crypto';
import type { Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { type Backend, backendsOf, protocolOf } from './backends.ts';
import type { Rules } from './rules.ts';
import { meantFor, type Whereabouts } from './topology.ts';

/** The Services' nft table in every node. */
export const serviceTable = 'krill_services';
/** Traffic so marked leaves with the node's own address, so that answers come back through it. */
const masqueradeMark = '0x4000';
/** Upstream's default for ClientIP affinity, seconds. */
const defaultAffinity = 10_800;

/**
 * Services with up to this many endpoints need no chain of their own: one element per endpoint in the map for their
 * number. The kernel checks every chain again with every change, so ten thousand of them cost seconds; elements do not.
 */
const mapped = 8;
const counts = Array.from({ length: mapped }, (_, index) => index + 1);
const mapOf = (count: number) => `to_${count}`;
const pickOf = (count: number) => (count === 1 ? '' : ` . numgen random mod ${count}`);

export interface ProxySubnets {
  readonly pods: string;
  readonly services: string;
}

/** Whether an address lies in a range such as "10.96.0.0/16". */
function contains(cidr: string, address: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(base) / size) === Math.floor(number(address) / size);
}

/**
 * What is the same for every Service: hooks, maps, and what happens to traffic nobody serves. TCP is refused by a
 * reset: the kernel sends only few "unreachable" messages a second.
 */
export function baseScript({ pods, services }: ProxySubnets): string {
  const t = serviceTable;
  return `table ip ${t}
delete table ip ${t}
table ip ${t} {
${counts.map((n) => `  map ${mapOf(n)} { typeof ip daddr . meta l4proto . th dport${pickOf(n)} : ip daddr . th dport; }`).join('\n')}
  map cluster_ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map external_ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map node_ports { type inet_proto . inet_service : verdict; }
  map unserved { type ipv4_addr . inet_proto . inet_service : verdict; }
  map unserved_ports { type inet_proto . inet_service : verdict; }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain refuse_port { fib daddr type local ip daddr != 127.0.0.0/8 goto refuse; }
  chain from_outside { meta mark set meta mark or ${masqueradeMark}; }
  chain cluster_traffic {
${counts.map((n) => `    meta l4proto { tcp, udp, sctp } dnat ip to ip daddr . meta l4proto . th dport${pickOf(n)} map @${mapOf(n)}`).join('\n')}
  }
  chain services {
    ip daddr ${services} jump cluster_traffic
    ip daddr . meta l4proto . th dport vmap @cluster_ips
    ip daddr . meta l4proto . th dport vmap @external_ips
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node_ports
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip saddr != ${pods} ip daddr ${services} jump from_outside
    meta l4proto { tcp, udp, sctp } jump services
  }
  chain output {
    type nat hook output priority -100; policy accept;
    meta l4proto { tcp, udp, sctp } jump services
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    meta mark & ${masqueradeMark} == ${masqueradeMark} meta mark set meta mark xor ${masqueradeMark} masquerade
  }
  chain unserved_traffic {
    ip daddr ${services} goto refuse
    ct state new ip daddr . meta l4proto . th dport vmap @unserved
  }
  chain filter_forward {
    type filter hook forward priority -10; policy accept;
    jump unserved_traffic
  }
  chain filter_output {
    type filter hook output priority -10; policy accept;
    jump unserved_traffic
  }
  chain filter_input {
    type filter hook input priority -10; policy accept;
    ct state new ip daddr . meta l4proto . th dport vmap @unserved
    ct state new meta l4proto . th dport vmap @unserved_ports
  }
}`;
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

function planPort(
  draft: Draft,
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  there: Whereabouts,
  { pods, services }: ProxySubnets,
): void {
  const spec = service.spec!;
  const id = idOf(service, port);
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
  const insideLocal = spec.internalTrafficPolicy === 'Local';
  const outsideLocal = spec.externalTrafficPolicy === 'Local' && (nodePort !== undefined || externals.length > 0);
  const balance = (name: string, backends: readonly Backend[]) =>
    draft.chains.set(name, balanced(draft, service, port, id, backends));

  const inside = insideLocal ? local : near;
  const reachedInsideOnly = nodePort === undefined && externals.length === 0;
  const plain = spec.sessionAffinity !== 'ClientIP' && inside.length > 0 && inside.length <= mapped;
  if (reachedInsideOnly && plain && contains(services, spec.clusterIP!)) {
    inside.forEach((backend, index) => {
      const turn = inside.length === 1 ? '' : ` . ${index}`;
      const target = `${backend.address} . ${backend.port}`;
      draft.element(mapOf(inside.length), `${spec.clusterIP} . ${where}${turn}`, target);
    });
    return;
  }
  balance(`svc-${id}`, inside);
  draft.element('cluster_ips', `${spec.clusterIP} . ${where}`, `goto svc-${id}`);
  if (reachedInsideOnly) return;

  // Upstream: inside the cluster an external address means the whole Service, whatever the policy.
  const everywhere = insideLocal ? `all-${id}` : `svc-${id}`;
  if (insideLocal) balance(everywhere, near);
  if (outsideLocal) {
    balance(`loc-${id}`, local);
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
