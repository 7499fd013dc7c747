import { FieldPath } from '../../api/field-errors.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import { addressWarnings, cidrWarnings } from '../rules/addresses.ts';
import { isHeadless } from './service-prepare.ts';

/** What a user probably did not mean with a Service. Source: pkg/api/service warnings.go. */

const path = FieldPath.of('spec');
const oldHints = 'service.kubernetes.io/topology-aware-hints';
const newHints = 'service.kubernetes.io/topology-mode';

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const found: string[] = [];
  const { type, externalIPs = [], clusterIPs = [], loadBalancerIP } = spec;
  if (metadata.annotations?.[oldHints] !== undefined) {
    found.push(`annotation ${oldHints} is deprecated, please use ${newHints} instead`);
  }
  const headless = type !== 'ExternalName' && isHeadless(spec);
  if (type !== 'ExternalName' && !headless) {
    for (const [i, ip] of clusterIPs.entries()) found.push(...addressWarnings(path.child('clusterIPs').index(i), ip));
  }
  if (headless) {
    if (loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) found.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [i, ip] of externalIPs.entries()) found.push(...addressWarnings(path.child('externalIPs').index(i), ip));
  if (loadBalancerIP) found.push(...addressWarnings(path.child('loadBalancerIP'), loadBalancerIP));
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    found.push(...cidrWarnings(path.child('loadBalancerSourceRanges').index(i), range));
  }
  if (externalIPs.length > 0) {
    if (type === 'ExternalName') found.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
    else if (!headless) found.push('spec.externalIPs is deprecated');
  }
  if (type !== 'ExternalName' && spec.externalName) {
    found.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  return found;
}
