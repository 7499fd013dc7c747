import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { portNumberErrors } from '../../api/names.ts';
import type { LoadBalancerIngress, Service } from '../../api/types/core-v1.gen.ts';
import { looksLikeAddress } from '../rules/addresses.ts';
import { address, optionalOneOf, subdomain } from '../rules/check.ts';

/** What a load balancer reports. Source: ValidateLoadBalancerStatus. */

function ingress(errors: ErrorList, path: FieldPath, value: LoadBalancerIngress, known: readonly string[]): void {
  const { ip, ipMode, hostname } = value;
  if (ip) address(errors, path.child('ip'), ip, known);
  if (ip && ipMode === undefined) errors.required(path.child('ipMode'), 'must be specified when `ip` is set');
  else if (ipMode !== undefined && !ip) {
    errors.forbidden(path.child('ipMode'), 'may not be specified when `ip` is not set');
  } else optionalOneOf(errors, path.child('ipMode'), ipMode, ['Proxy', 'VIP']);
  if (hostname) {
    subdomain(errors, path.child('hostname'), hostname);
    if (looksLikeAddress(hostname)) {
      errors.invalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address');
    }
  }
  for (const [i, p] of (value.ports ?? []).entries()) {
    for (const text of portNumberErrors(p.port))
      errors.invalid(path.child('ports').index(i).child('port'), p.port, text);
  }
}

export function validateServiceStatus(object: Service, old: Service, errors: ErrorList): void {
  const at = FieldPath.of('status', 'loadBalancer', 'ingress');
  const list = object.status?.loadBalancer?.ingress ?? [];
  if (list.length && object.spec?.type !== 'LoadBalancer') {
    errors.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'");
    return;
  }
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
  for (const [i, value] of list.entries()) ingress(errors, at.index(i), value, known);
}
