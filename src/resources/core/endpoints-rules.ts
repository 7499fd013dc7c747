import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../../api/types/core-v1.gen.ts';
import { addressWarnings } from '../rules/addresses.ts';
import { address, label, oneOf, ordinaryAddress, port, protocols, qualifiedName, subdomain } from '../rules/check.ts';

/** Rules of Endpoints. Source: validateEndpointSubsets. */

const path = FieldPath.of('subsets');
const states = ['addresses', 'notReadyAddresses'] as const;

export function endpointsDefaults(object: Mutable<Endpoints>): void {
  for (const subset of object.subsets ?? []) for (const p of subset.ports ?? []) p.protocol ||= 'TCP';
}

function endpoint(errors: ErrorList, at: FieldPath, value: EndpointAddress): void {
  address(errors, at.child('ip'), value.ip);
  if (value.hostname) label(errors, at.child('hostname'), value.hostname);
  if (value.nodeName !== undefined) subdomain(errors, at.child('nodeName'), value.nodeName);
  ordinaryAddress(errors, at.child('ip'), value.ip);
}

function endpointPort(errors: ErrorList, at: FieldPath, value: EndpointPort, many: boolean): void {
  if (many && !value.name) errors.required(at.child('name'));
  else if (value.name) label(errors, at.child('name'), value.name);
  port(errors, at.child('port'), value.port);
  oneOf(errors, at.child('protocol'), value.protocol, protocols);
  if (value.appProtocol !== undefined) qualifiedName(errors, at.child('appProtocol'), value.appProtocol);
}

/** Subsets of old may be what is refused now, as long as they stay as they are. */
export function validateEndpoints(object: Endpoints, errors: ErrorList, old?: Endpoints): void {
  if (old && sameValue(object.subsets, old.subsets)) return;
  for (const [i, subset] of (object.subsets ?? []).entries()) {
    const at = path.index(i);
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
      errors.required(at, 'must specify `addresses` or `notReadyAddresses`');
    }
    for (const field of states) {
      for (const [j, value] of (subset[field] ?? []).entries()) endpoint(errors, at.child(field).index(j), value);
    }
    const ports = subset.ports ?? [];
    for (const [j, p] of ports.entries()) endpointPort(errors, at.child('ports').index(j), p, ports.length > 1);
  }
}

const addressesOf = (subset: EndpointSubset, at: FieldPath): string[] =>
  states.flatMap((field) =>
    (subset[field] ?? []).flatMap(({ ip }, i) => addressWarnings(at.child(field).index(i).child('ip'), ip)),
  );

export const endpointsWarnings = ({ subsets = [] }: Endpoints): string[] =>
  subsets.flatMap((subset, i) => addressesOf(subset, path.index(i)));
