import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { portNumberErrors } from '../../api/names.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import {
  address,
  addressFamily,
  bothFamilies,
  cidr,
  label,
  oneOf,
  optionalOneOf,
  ordinaryAddress,
  port,
  portOrName,
  protocols,
  qualifiedName,
  subdomain,
} from '../rules/check.ts';
import { labels } from '../rules/labels.ts';
import { isExternal, isHeadless, needsHealthPort } from './service-prepare.ts';

/** Rules of Services. Source: ValidateService. */

const spec = FieldPath.of('spec');
const maxAffinitySeconds = 86_400;
const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const balancerText = "may only be used when `type` is 'LoadBalancer'";

function typeRules(errors: ErrorList, value: ServiceSpec): void {
  if (!value.ports?.length && !isHeadless(value) && value.type !== 'ExternalName') errors.required(spec.child('ports'));
  if ((value.type === 'LoadBalancer' || value.type === 'NodePort') && isHeadless(value)) {
    const at = spec.child('clusterIPs').index(0);
    errors.invalid(at, 'None', `may not be set to 'None' for ${value.type} services`);
  }
  if (value.type !== 'ExternalName') return;
  const text = 'may not be set for ExternalName services';
  if (value.clusterIPs?.length) errors.forbidden(spec.child('clusterIPs'), text);
  if (value.ipFamilies?.length) errors.forbidden(spec.child('ipFamilies'), text);
  if (value.ipFamilyPolicy !== undefined) errors.forbidden(spec.child('ipFamilyPolicy'), text);
  const name = (value.externalName ?? '').replace(/\.$/, '');
  if (name) subdomain(errors, spec.child('externalName'), name);
  else errors.required(spec.child('externalName'));
}

function portRules(errors: ErrorList, path: FieldPath, value: ServicePort, many: boolean, names: Set<string>): void {
  if (many && !value.name) errors.required(path.child('name'));
  else if (value.name) {
    label(errors, path.child('name'), value.name);
    if (names.has(value.name)) errors.duplicate(path.child('name'), value.name);
    names.add(value.name);
  }
  port(errors, path.child('port'), value.port);
  oneOf(errors, path.child('protocol'), value.protocol, protocols);
  portOrName(errors, path.child('targetPort'), value.targetPort ?? 0);
  if (value.appProtocol !== undefined) qualifiedName(errors, path.child('appProtocol'), value.appProtocol);
}

function portList(errors: ErrorList, value: ServiceSpec): void {
  const ports = value.ports ?? [];
  const names = new Set<string>();
  for (const [i, p] of ports.entries()) portRules(errors, spec.child('ports').index(i), p, ports.length > 1, names);
}

/** Ports among themselves: neither node ports nor ports twice per protocol. */
function portConflicts(errors: ErrorList, value: ServiceSpec): void {
  const ports = value.ports ?? [];
  const at = spec.child('ports');
  for (const [i, { nodePort }] of ports.entries()) {
    if (value.type !== 'ClusterIP' || !nodePort) continue;
    errors.forbidden(at.index(i).child('nodePort'), "may not be used when `type` is 'ClusterIP'");
  }
  const nodePorts = new Set<string>();
  for (const [i, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.duplicate(at.index(i).child('nodePort'), nodePort);
    nodePorts.add(key);
  }
  const taken = new Set<string>();
  for (const [i, { protocol, port: number }] of ports.entries()) {
    const key = `${protocol}/${number}`;
    if (taken.has(key)) errors.duplicate(at.index(i), { port: number, protocol });
    taken.add(key);
  }
}

function affinity(errors: ErrorList, value: ServiceSpec): void {
  oneOf(errors, spec.child('sessionAffinity'), value.sessionAffinity, ['ClientIP', 'None']);
  const at = spec.child('sessionAffinityConfig');
  const config = value.sessionAffinityConfig;
  if (value.sessionAffinity === 'None' && config) {
    errors.forbidden(at, 'must not be set when session affinity is None');
  }
  if (value.sessionAffinity !== 'ClientIP') return;
  const text = 'when session affinity type is ClientIP';
  const seconds = config?.clientIP?.timeoutSeconds;
  if (!config) errors.required(at, text);
  else if (!config.clientIP) errors.required(at.child('clientIP'), text);
  else if (seconds === undefined) errors.required(at.child('clientIP', 'timeoutSeconds'), text);
  else if (seconds <= 0 || seconds > maxAffinitySeconds) {
    const path = at.child('clientIP', 'timeoutSeconds');
    errors.invalid(path, seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`);
  }
}

function firstAddress(errors: ErrorList, value: ServiceSpec, ips: readonly string[]): void {
  const at = spec.child('clusterIPs');
  if (value.clusterIP) {
    if (ips.length === 0) errors.required(at);
    else if (ips[0] !== value.clusterIP) errors.invalid(at, ips, 'first value must match `clusterIP`');
  } else if (ips.length) errors.invalid(at, ips, 'must be empty when `clusterIP` is not specified');
}

function addresses(errors: ErrorList, value: ServiceSpec): void {
  if (value.type === 'ExternalName') return;
  const at = spec.child('clusterIPs');
  const ips = value.clusterIPs ?? [];
  firstAddress(errors, value, ips);
  const seen = new Set<string>();
  for (const [i, family] of (value.ipFamilies ?? []).entries()) {
    optionalOneOf(errors, spec.child('ipFamilies').index(i), family, families);
    if (seen.has(family)) errors.duplicate(spec.child('ipFamilies').index(i), family);
    seen.add(family);
  }
  optionalOneOf(errors, spec.child('ipFamilyPolicy'), value.ipFamilyPolicy, familyPolicies);
  let sound = true;
  for (const [i, ip] of ips.entries()) {
    if (i === 0 && ip === 'None') {
      if (ips.length === 1) continue;
      errors.invalid(at, ips, "'None' must be the first and only value");
      sound = false;
    } else if (!address(errors, at.index(i), ip)) sound = false;
  }
  if (ips.length > 2) errors.invalid(at, ips, 'may only hold up to 2 values');
  if (!sound) return;
  if (ips.length > 1 && !bothFamilies(ips)) {
    errors.invalid(at, ips, 'may specify no more than one IP for each IP family');
  }
  if (isHeadless(value)) return;
  for (const [i, ip] of ips.entries()) {
    const family = value.ipFamilies?.[i];
    if (!family || families.indexOf(family) === (addressFamily(ip) === 6 ? 1 : 0)) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    errors.invalid(at.index(i), ip, text);
  }
}

/** krill's clusters speak IPv4: what upstream says in a cluster of one family. */
function singleStack(errors: ErrorList, value: ServiceSpec): void {
  if (value.type === 'ExternalName') return;
  if (isHeadless(value) && Object.keys(value.selector ?? {}).length === 0) return;
  if (value.ipFamilyPolicy === 'RequireDualStack') {
    const text = 'this cluster is not configured for dual-stack services';
    errors.invalid(spec.child('ipFamilyPolicy'), value.ipFamilyPolicy, text);
  }
  for (const [i, family] of (value.ipFamilies ?? []).entries()) {
    if (family === 'IPv6') errors.invalid(spec.child('ipFamilies').index(i), family, 'not configured on this cluster');
  }
}

function traffic(errors: ErrorList, value: ServiceSpec): void {
  const at = spec.child('externalTrafficPolicy');
  if (!isExternal(value)) {
    if (value.externalTrafficPolicy) {
      errors.invalid(at, value.externalTrafficPolicy, 'may only be set for externally-accessible services');
    }
  } else oneOf(errors, at, value.externalTrafficPolicy, ['Cluster', 'Local']);
  const health = value.healthCheckNodePort;
  if (health && !needsHealthPort(value)) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.invalid(spec.child('healthCheckNodePort'), health, text);
  } else if (health) port(errors, spec.child('healthCheckNodePort'), health);
  const inside = spec.child('internalTrafficPolicy');
  if (value.internalTrafficPolicy === undefined) {
    if (value.type !== 'ExternalName' && types.includes(value.type ?? '')) errors.required(inside);
  } else optionalOneOf(errors, inside, value.internalTrafficPolicy, ['Cluster', 'Local']);
  optionalOneOf(errors, spec.child('trafficDistribution'), value.trafficDistribution, distributions);
}

function balancer(errors: ErrorList, value: ServiceSpec): void {
  const isBalancer = value.type === 'LoadBalancer';
  const ranges = spec.child('LoadBalancerSourceRanges');
  if (value.loadBalancerSourceRanges?.length && !isBalancer) errors.forbidden(ranges, balancerText);
  for (const [i, range] of (value.loadBalancerSourceRanges ?? []).entries())
    cidr(errors, ranges.index(i), range.trim());
  if (value.allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    errors.forbidden(spec.child('allocateLoadBalancerNodePorts'), balancerText);
  }
  if (isBalancer && value.allocateLoadBalancerNodePorts === undefined) {
    errors.required(FieldPath.of('allocateLoadBalancerNodePorts'));
  }
  if (value.loadBalancerClass === undefined) return;
  if (isBalancer) qualifiedName(errors, spec.child('loadBalancerClass'), value.loadBalancerClass);
  else errors.forbidden(spec.child('loadBalancerClass'), balancerText);
}

export function validateService(object: Service, errors: ErrorList): void {
  const value = object.spec;
  if (!value) {
    errors.required(spec);
    return;
  }
  typeRules(errors, value);
  portList(errors, value);
  labels(errors, spec.child('selector'), value.selector);
  affinity(errors, value);
  addresses(errors, value);
  singleStack(errors, value);
  for (const [i, ip] of (value.externalIPs ?? []).entries()) {
    const at = spec.child('externalIPs').index(i);
    if (address(errors, at, ip)) ordinaryAddress(errors, at, ip);
  }
  oneOf(errors, spec.child('type'), value.type, types);
  portConflicts(errors, value);
  balancer(errors, value);
  traffic(errors, value);
}

/** Addresses stay while a Service has any: only ExternalName lets go of them. */
export function validateServiceUpdate(object: Service, old: Service, errors: ErrorList): void {
  const [now, before] = [object.spec, old.spec];
  if (!now || !before) return;
  const named = now.type === 'ExternalName' || before.type === 'ExternalName';
  if (!named && !(isHeadless(now) && isHeadless(before))) keptAddresses(errors, now, before);
  if (!named && !isHeadless(now) && !isHeadless(before)) {
    const at = spec.child('ipFamilies').index(0);
    const [after, first] = [now.ipFamilies?.[0], before.ipFamilies?.[0]];
    if (first && after && first !== after) errors.invalid(at, now.ipFamilies, 'may not change once set');
  }
  if (
    now.type === 'LoadBalancer' &&
    before.type === 'LoadBalancer' &&
    now.loadBalancerClass !== before.loadBalancerClass
  ) {
    errors.invalid(spec.child('loadBalancerClass'), now.loadBalancerClass, 'may not change once set');
  }
  if (needsHealthPort(now) && needsHealthPort(before) && now.healthCheckNodePort !== before.healthCheckNodePort) {
    errors.forbidden(spec.child('healthCheckNodePort'), 'field is immutable');
  }
}

function keptAddresses(errors: ErrorList, now: ServiceSpec, before: ServiceSpec): void {
  const at = spec.child('clusterIPs');
  const [after, ips] = [now.clusterIPs ?? [], before.clusterIPs ?? []];
  if (sameValue(after, ips)) return;
  if (after.length === 0) errors.invalid(at.index(0), now.clusterIPs, 'primary clusterIP can not be unset');
  for (const [i, ip] of ips.entries()) {
    if (i < after.length && after[i] !== ip) errors.invalid(at.index(i), after, 'may not change once set');
  }
  if (ips.length === 2 && after.length === 1 && now.ipFamilyPolicy !== 'SingleStack') {
    const text = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.invalid(spec.child('ipFamilyPolicy'), now.ipFamilyPolicy, text);
  }
}

function ingress(errors: ErrorList, path: FieldPath, value: LoadBalancerIngress): void {
  const { ip, ipMode, hostname } = value;
  if (ip) address(errors, path.child('ip'), ip);
  if (ip && ipMode === undefined) errors.required(path.child('ipMode'), 'must be specified when `ip` is set');
  else if (ipMode !== undefined && !ip) {
    errors.forbidden(path.child('ipMode'), 'may not be specified when `ip` is not set');
  } else optionalOneOf(errors, path.child('ipMode'), ipMode, ['Proxy', 'VIP']);
  if (hostname) {
    subdomain(errors, path.child('hostname'), hostname);
    if (addressFamily(hostname)) {
      errors.invalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address');
    }
  }
  for (const [i, p] of (value.ports ?? []).entries()) {
    for (const text of portNumberErrors(p.port))
      errors.invalid(path.child('ports').index(i).child('port'), p.port, text);
  }
}

export function validateServiceStatus(object: Service, _old: Service, errors: ErrorList): void {
  const at = FieldPath.of('status', 'loadBalancer', 'ingress');
  const list = object.status?.loadBalancer?.ingress ?? [];
  if (list.length && object.spec?.type !== 'LoadBalancer') {
    errors.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'");
    return;
  }
  for (const [i, value] of list.entries()) ingress(errors, at.index(i), value);
}
