import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Service, ServiceSpec } from '../../api/types/core-v1.gen.ts';
import { cidr, oneOf, optionalOneOf, port, qualifiedName, subdomain } from '../rules/check.ts';
import { labels } from '../rules/labels.ts';
import { clusterAddresses, externalAddresses, heldAddresses, singleStack } from './service-addresses.ts';
import { kubeletIsSafe, portConflicts, portList } from './service-ports.ts';
import { isExternal, isHeadless, needsHealthPort } from './service-prepare.ts';

/** Rules of Services. Source: ValidateService. */

const spec = FieldPath.of('spec');
const annotations = FieldPath.of('metadata', 'annotations');
const maxAffinitySeconds = 86_400;
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const balancerText = "may only be used when `type` is 'LoadBalancer'";

function typeRules(errors: ErrorList, value: ServiceSpec): void {
  if (!value.ports?.length && !isHeadless(value) && value.type !== 'ExternalName') errors.required(spec.child('ports'));
  if (value.type === 'LoadBalancer') kubeletIsSafe(errors, value);
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

function traffic(errors: ErrorList, value: ServiceSpec): void {
  const at = spec.child('externalTrafficPolicy');
  if (!isExternal(value)) {
    if (value.externalTrafficPolicy) {
      errors.invalid(at, value.externalTrafficPolicy, 'may only be set for externally-accessible services');
    }
  } else oneOf(errors, at, value.externalTrafficPolicy, ['Cluster', 'Local']);
  const { healthCheckNodePort: health } = value;
  const healthPath = spec.child('healthCheckNodePort');
  if (needsHealthPort(value)) {
    if (health) port(errors, healthPath, health);
    else errors.required(healthPath);
  } else if (health) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.invalid(healthPath, health, text);
  }
  const inside = spec.child('internalTrafficPolicy');
  if (value.internalTrafficPolicy === undefined) {
    if (value.type !== 'ExternalName' && types.includes(value.type ?? '')) errors.required(inside);
  } else optionalOneOf(errors, inside, value.internalTrafficPolicy, ['Cluster', 'Local']);
  optionalOneOf(errors, spec.child('trafficDistribution'), value.trafficDistribution, distributions, 'given');
}

const rangesKey = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Ranges as they were written before there was a field: one text, separated by commas. */
const annotatedRanges = (object: Service | undefined): string[] | undefined => {
  const text = object?.metadata.annotations?.[rangesKey];
  if (text === undefined) return undefined;
  return text.trim() === '' ? [] : text.split(',').map((range) => range.trim());
};

/** Who may come in from outside. Padding with blanks is allowed, as the annotation always allowed it. */
function sourceRanges(object: Service, value: ServiceSpec, errors: ErrorList, old: Service | undefined): void {
  const own = value.loadBalancerSourceRanges ?? [];
  const annotated = annotatedRanges(object);
  if (own.length === 0 && annotated === undefined) return;
  const path = own.length > 0 ? spec.child('LoadBalancerSourceRanges') : annotations.key(rangesKey);
  if (value.type !== 'LoadBalancer') errors.forbidden(path, balancerText);
  const known = own.length > 0 ? old?.spec?.loadBalancerSourceRanges : annotatedRanges(old);
  const trimmed = (known ?? []).map((range) => range.trim());
  for (const [i, range] of (own.length > 0 ? own : annotated!).entries()) {
    cidr(errors, own.length > 0 ? path.index(i) : path, range.trim(), trimmed);
  }
}

function balancer(errors: ErrorList, value: ServiceSpec): void {
  const isBalancer = value.type === 'LoadBalancer';
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

const oldHints = 'service.kubernetes.io/topology-aware-hints';
const newHints = 'service.kubernetes.io/topology-mode';

/** The annotation under its old and its new name. */
function hints({ metadata }: Service, errors: ErrorList): void {
  const { [oldHints]: before, [newHints]: now } = metadata.annotations ?? {};
  if (before === undefined || now === undefined || before === now) return;
  errors.invalid(annotations.key(newHints), now, `must match annotations[${oldHints}] when both are specified`);
}

function immutableParts(errors: ErrorList, now: ServiceSpec, old: ServiceSpec): void {
  heldAddresses(errors, now, old);
  const balanced = now.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (balanced && now.loadBalancerClass !== old.loadBalancerClass) {
    errors.invalid(spec.child('loadBalancerClass'), now.loadBalancerClass, 'may not change once set');
  }
  if (needsHealthPort(now) && needsHealthPort(old) && now.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.forbidden(spec.child('healthCheckNodePort'), 'field is immutable');
  }
}

/** Addresses and ranges that are stored already need not be mended. */
export function validateService(object: Service, errors: ErrorList, old?: Service): void {
  const value = object.spec;
  if (!value) {
    errors.required(spec);
    return;
  }
  if (old?.spec) immutableParts(errors, value, old.spec);
  hints(object, errors);
  typeRules(errors, value);
  portList(errors, value);
  labels(errors, spec.child('selector'), value.selector);
  affinity(errors, value);
  clusterAddresses(errors, value, old?.spec?.clusterIPs ?? []);
  singleStack(errors, value);
  externalAddresses(errors, value, old?.spec?.externalIPs ?? []);
  oneOf(errors, spec.child('type'), value.type, types);
  portConflicts(errors, value);
  sourceRanges(object, value, errors, old);
  balancer(errors, value);
  traffic(errors, value);
}
