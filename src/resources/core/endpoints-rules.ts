import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from '../../api/types/core-v1.gen.ts';
import { address, label, oneOf, ordinaryAddress, port, protocols, qualifiedName, subdomain } from '../rules/check.ts';

/** Rules of Endpoints. Source: validateEndpointSubsets. */

export function endpointsDefaults(object: Mutable<Endpoints>): void {
  for (const subset of object.subsets ?? []) for (const p of subset.ports ?? []) p.protocol ||= 'TCP';
}

function endpoint(errors: ErrorList, path: FieldPath, value: EndpointAddress): void {
  const sound = address(errors, path.child('ip'), value.ip);
  if (value.hostname) label(errors, path.child('hostname'), value.hostname);
  if (value.nodeName !== undefined) subdomain(errors, path.child('nodeName'), value.nodeName);
  if (sound) ordinaryAddress(errors, path.child('ip'), value.ip);
}

function endpointPort(errors: ErrorList, path: FieldPath, value: EndpointPort, many: boolean): void {
  if (many && !value.name) errors.required(path.child('name'));
  else if (value.name) label(errors, path.child('name'), value.name);
  port(errors, path.child('port'), value.port);
  oneOf(errors, path.child('protocol'), value.protocol, protocols);
  if (value.appProtocol !== undefined) qualifiedName(errors, path.child('appProtocol'), value.appProtocol);
}

export function validateEndpoints(object: Endpoints, errors: ErrorList): void {
  for (const [i, subset] of (object.subsets ?? []).entries()) {
    const at = FieldPath.of('subsets').index(i);
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
      errors.required(at, 'must specify `addresses` or `notReadyAddresses`');
    }
    for (const field of ['addresses', 'notReadyAddresses'] as const) {
      for (const [j, value] of (subset[field] ?? []).entries()) endpoint(errors, at.child(field).index(j), value);
    }
    const ports = subset.ports ?? [];
    for (const [j, p] of ports.entries()) endpointPort(errors, at.child('ports').index(j), p, ports.length > 1);
  }
}
