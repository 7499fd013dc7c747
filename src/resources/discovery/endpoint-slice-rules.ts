import { isIPv4 } from 'node:net';
import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import {
  addressFamily,
  label,
  oneOf,
  ordinaryAddress,
  protocols,
  qualifiedName,
  subdomain,
  unchanged,
} from '../rules/check.ts';
import { labels } from '../rules/labels.ts';

/** Rules of EndpointSlices. Source: discovery/validation. */

const types = ['FQDN', 'IPv4', 'IPv6'];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxTopology = 16;
const maxZones = 8;

export function endpointSliceDefaults(object: Mutable<EndpointSlice>): void {
  for (const port of object.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

/** A domain name of at least two labels, as upstream's IsFullyQualifiedDomainName. */
function domainName(errors: ErrorList, path: FieldPath, value: string): void {
  const name = value.endsWith('.') ? value.slice(0, -1) : value;
  if (!value) {
    errors.required(path);
    return;
  }
  const texts = dns1123SubdomainErrors(name);
  const parts = name.split('.');
  if (texts.length) errors.invalid(path, name, texts.join(','));
  else if (parts.length < 2) {
    errors.invalid(path, name, 'should be a domain with at least two segments separated by dots');
  } else {
    const wrong = parts.find((part) => dns1123LabelErrors(part).length > 0);
    if (wrong !== undefined) errors.invalid(path, wrong, dns1123LabelErrors(wrong).join(','));
  }
}

const addressRules: Readonly<Record<string, (errors: ErrorList, path: FieldPath, value: string) => void>> = {
  IPv4: (errors, path, value) => {
    if (isIPv4(value)) ordinaryAddress(errors, path, value);
    else errors.invalid(path, value, 'must be a valid IPv4 address');
  },
  IPv6: (errors, path, value) => {
    if (addressFamily(value) === 6) ordinaryAddress(errors, path, value);
    else errors.invalid(path, value, 'must be a valid IPv6 address');
  },
  FQDN: domainName,
};

function zones(errors: ErrorList, path: FieldPath, endpoint: Endpoint): void {
  const list = endpoint.hints?.forZones ?? [];
  if (list.length > maxZones) {
    errors.tooMany(path, list.length, maxZones);
    return;
  }
  const seen = new Set<string>();
  for (const [i, { name }] of list.entries()) {
    const at = path.index(i).child('name');
    if (seen.has(name)) errors.duplicate(at, name);
    else labels(errors, at, { zone: name });
    seen.add(name);
  }
}

function endpoint(errors: ErrorList, path: FieldPath, value: Endpoint, type: string): void {
  const at = path.child('addresses');
  const list = value.addresses ?? [];
  if (list.length === 0) errors.required(at, 'must contain at least 1 address');
  else if (list.length > maxAddresses) errors.tooMany(at, list.length, maxAddresses);
  for (const [i, address] of list.entries()) addressRules[type]?.(errors, at.index(i), address);
  if (value.nodeName !== undefined) subdomain(errors, path.child('nodeName'), value.nodeName);
  const topology = path.child('deprecatedTopology');
  const count = Object.keys(value.deprecatedTopology ?? {}).length;
  if (count > maxTopology) errors.tooMany(topology, count, maxTopology);
  labels(errors, topology, value.deprecatedTopology);
  if (value.hostname !== undefined) label(errors, path.child('hostname'), value.hostname);
  if (value.hints) zones(errors, path.child('hints', 'forZones'), value);
}

function ports(errors: ErrorList, path: FieldPath, list: readonly EndpointPort[]): void {
  if (list.length > maxPorts) {
    errors.tooMany(path, list.length, maxPorts);
    return;
  }
  const names = new Set<string>();
  for (const [i, port] of list.entries()) {
    const at = path.index(i);
    const name = port.name ?? '';
    if (name) label(errors, at.child('name'), name);
    if (names.has(name)) errors.duplicate(at.child('name'), name);
    names.add(name);
    oneOf(errors, at.child('protocol'), port.protocol, protocols);
    if (port.appProtocol !== undefined) qualifiedName(errors, at.child('appProtocol'), port.appProtocol);
  }
}

export function validateEndpointSlice(object: EndpointSlice, errors: ErrorList): void {
  oneOf(errors, FieldPath.of('addressType'), object.addressType, types);
  const at = FieldPath.of('endpoints');
  const list = object.endpoints ?? [];
  if (list.length > maxEndpoints) errors.tooMany(at, list.length, maxEndpoints);
  else for (const [i, value] of list.entries()) endpoint(errors, at.index(i), value, object.addressType);
  ports(errors, FieldPath.of('ports'), object.ports ?? []);
}

export function validateEndpointSliceUpdate(object: EndpointSlice, old: EndpointSlice, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('addressType'), object.addressType, old.addressType);
}
