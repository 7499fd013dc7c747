import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Service, ServicePort, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import { addressFamily } from '../rules/check.ts';

/**
 * Defaults of a Service, and what an update takes over from the stored one. Addresses and ports are allocated by the
 * registry between prepare and validate. Source: core/v1 defaults.go, registry/core/service strategy.go.
 */

const affinitySeconds = 10_800;

type Spec = Pick<ServiceSpec, 'type' | 'externalIPs' | 'externalTrafficPolicy'>;

/** Reachable from outside the cluster: only then does it matter where outside traffic goes. */
export const isExternal = (spec: Spec): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

/** Load balancers that keep traffic on the node ask each node whether it has an endpoint. */
export const needsHealthPort = (spec: Spec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

export const isHeadless = (spec: ServiceSpec): boolean =>
  spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None';

const hasClusterAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName';
const hasNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

function portDefaults(port: Mutable<ServicePort>): void {
  port.protocol ||= 'TCP';
  if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
}

function affinityDefaults(spec: Mutable<ServiceSpec>): void {
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) return;
  spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
}

export function serviceDefaults(object: Mutable<Service>): void {
  object.status ??= {};
  object.status.loadBalancer ??= {};
  const spec = object.spec;
  if (!spec) return;
  affinityDefaults(spec);
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) portDefaults(port);
  if (isExternal(spec as ServiceSpec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of object.status.loadBalancer.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

/** `clusterIP` and the first of `clusterIPs` are one field under two names: whichever the user changed wins. */
function alignAddresses(spec: Mutable<ServiceSpec>, old: ServiceSpec | undefined): void {
  const drop = () => {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  };
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const sameSingle = (spec.clusterIP ?? '') === (old.clusterIP ?? '');
  const sameList = sameValue(spec.clusterIPs, old.clusterIPs);
  if (!sameSingle && sameList) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else drop();
  } else if (sameSingle && !sameList && !spec.clusterIPs?.length) delete spec.clusterIP;
}

/** Address families of a cluster that speaks IPv4: what the user left open. */
function families(spec: Mutable<ServiceSpec>): void {
  if (spec.type === 'ExternalName') return;
  const given = spec.clusterIPs?.[0];
  const primary = given && addressFamily(given) === 6 ? 'IPv6' : 'IPv4';
  if (!spec.ipFamilies?.length) spec.ipFamilies = [primary];
  if (isHeadless(spec as ServiceSpec) && Object.keys(spec.selector ?? {}).length === 0) {
    // Whoever writes the endpoints decides the families.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
    }
    return;
  }
  spec.ipFamilyPolicy ??= 'SingleStack';
}

export function prepareService(object: Mutable<Service>): void {
  object.status = { loadBalancer: {} };
  if (!object.spec) return;
  alignAddresses(object.spec, undefined);
  families(object.spec);
}

/** What was allocated and is still needed stays, though the user may have left it out. */
function keepAllocated(spec: Mutable<ServiceSpec>, old: ServiceSpec): void {
  if (hasClusterAddress(old) && hasClusterAddress(spec as ServiceSpec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs) {
      spec.clusterIPs = [...old.clusterIPs];
    }
    if (!spec.ipFamilies?.length && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies];
    if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy;
  }
  if (hasNodePorts(old) && hasNodePorts(spec as ServiceSpec)) keepNodePorts(spec, old);
  if (needsHealthPort(old) && needsHealthPort(spec as ServiceSpec) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

function keepNodePorts(spec: Mutable<ServiceSpec>, old: ServiceSpec): void {
  const key = (port: { protocol?: string; port: number }) => `${port.protocol ?? 'TCP'}/${port.port}`;
  const known = new Map((old.ports ?? []).map((port) => [key(port), port.nodePort ?? 0]));
  const used = new Set((spec.ports ?? []).map((port) => port.nodePort ?? 0));
  for (const port of spec.ports ?? []) {
    const before = known.get(key(port)) ?? 0;
    if (port.nodePort || !before || used.has(before)) continue;
    port.nodePort = before;
    used.add(before);
  }
}

const sameNodePorts = (spec: ServiceSpec, old: ServiceSpec): boolean => {
  const ports = (s: ServiceSpec) => (s.ports ?? []).map((port) => port.nodePort ?? 0).filter(Boolean);
  return ports(spec).every((port) => ports(old).includes(port));
};

/** A change of type leaves behind what only the old type had, unless the user touched it. */
function dropLeftovers(spec: Mutable<ServiceSpec>, old: ServiceSpec): void {
  const now = spec as ServiceSpec;
  const dropSame = (field: keyof ServiceSpec) => {
    if (sameValue(spec[field], old[field])) delete spec[field];
  };
  if (hasClusterAddress(old) && !hasClusterAddress(now)) {
    if (sameValue(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropSame('ipFamilies');
    dropSame('ipFamilyPolicy');
  }
  if (hasNodePorts(old) && !hasNodePorts(now) && sameNodePorts(now, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthPort(old) && !needsHealthPort(now)) dropSame('healthCheckNodePort');
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropSame('allocateLoadBalancerNodePorts');
    dropSame('loadBalancerClass');
  }
  if (isExternal(old) && !isExternal(now)) dropSame('externalTrafficPolicy');
}

export function prepareServiceUpdate(object: Mutable<Service>, old: Service): void {
  object.status = (old.status ?? { loadBalancer: {} }) as Mutable<Service>['status'] & object;
  const spec = object.spec;
  if (!spec || !old.spec) return;
  alignAddresses(spec, old.spec);
  dropLeftovers(spec, old.spec);
  keepAllocated(spec, old.spec);
  families(spec);
  if (spec.type !== 'LoadBalancer') object.status = { loadBalancer: {} };
}
