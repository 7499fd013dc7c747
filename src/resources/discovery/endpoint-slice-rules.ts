import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { address, addressFamily, addressWarnings, canonicalAddress, ordinaryAddress } from '../rules/addresses.ts';
import { label, named, oneOf, protocols, qualifiedName, subdomain, unchanged } from '../rules/check.ts';
import { labels } from '../rules/labels.ts';

/** Rules of EndpointSlices. Source: discovery/validation. */

const types = ['FQDN', 'IPv4', 'IPv6'];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxTopology = 16;
const maxHints = 8;

const endpointsPath = FieldPath.of('endpoints');

export function endpointSliceDefaults(object: Mutable<EndpointSlice>): void {
  for (const port of object.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

const hostname = 'kubernetes.io/hostname';

/**
 * Topology is read only in this version: a writer that copies what it read keeps the node's name, which was a label of it,
 * and nothing else. Source: registry/discovery/endpointslice dropTopologyOnV1.
 */
function dropTopology(endpoints: Mutable<Endpoint>[] | undefined, old: readonly Endpoint[]): void {
  const known = new Set(old.map((endpoint) => endpoint.deprecatedTopology?.[hostname]));
  for (const endpoint of endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[hostname];
    if (endpoint.nodeName === undefined && node !== undefined && known.has(node)) {
      if (dns1123SubdomainErrors(node).length === 0) endpoint.nodeName = node;
    }
    delete endpoint.deprecatedTopology;
  }
}

export function prepareEndpointSlice(object: Mutable<EndpointSlice>): void {
  dropTopology(object.endpoints, []);
}

/** Labels say whose endpoints these are, so they count as content. */
export function prepareEndpointSliceUpdate(object: Mutable<EndpointSlice>, old: EndpointSlice): void {
  if (!sameValue(object.endpoints, old.endpoints)) dropTopology(object.endpoints, old.endpoints ?? []);
  if (!sameValue(object.metadata.labels, old.metadata.labels)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
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

/** A sound address, of the family; that it is of the other one is said of the whole list. */
function addressOf(errors: ErrorList, list: FieldPath, i: number, value: string, family: 4 | 6): void {
  const path = list.index(i);
  const sound = family === 4 ? address(errors, path, value) : canonicalAddress(errors, path, value);
  if (!sound) return;
  if (addressFamily(value) !== family) errors.invalid(list, value, `must be an IPv${family} address`);
  ordinaryAddress(errors, path, value);
}

type AddressRule = (errors: ErrorList, list: FieldPath, i: number, value: string) => void;

const addressRules: Readonly<Record<string, AddressRule>> = {
  IPv4: (errors, list, i, value) => addressOf(errors, list, i, value, 4),
  IPv6: (errors, list, i, value) => addressOf(errors, list, i, value, 6),
  FQDN: (errors, list, i, value) => domainName(errors, list.index(i), value),
};

/** Where traffic should come from: a few zones or nodes, each once. */
function hints(
  errors: ErrorList,
  path: FieldPath,
  list: readonly { readonly name: string }[] | undefined,
  rule: (value: string) => string[],
): void {
  if (!list) return;
  if (list.length > maxHints) {
    errors.tooMany(path, list.length, maxHints);
    return;
  }
  const seen = new Set<string>();
  for (const [i, { name }] of list.entries()) {
    const at = path.index(i).child('name');
    if (seen.has(name)) errors.duplicate(at, name);
    seen.add(name);
    named(errors, at, name, rule);
  }
}

function endpoint(errors: ErrorList, path: FieldPath, value: Endpoint, type: string): void {
  const at = path.child('addresses');
  const list = value.addresses ?? [];
  if (list.length === 0) errors.required(at, 'must contain at least 1 address');
  else if (list.length > maxAddresses) errors.tooMany(at, list.length, maxAddresses);
  for (const [i, address] of list.entries()) addressRules[type]?.(errors, at, i, address);
  if (value.nodeName !== undefined) subdomain(errors, path.child('nodeName'), value.nodeName);
  const topology = path.child('deprecatedTopology');
  const count = Object.keys(value.deprecatedTopology ?? {}).length;
  if (count > maxTopology) errors.tooMany(topology, count, maxTopology);
  labels(errors, topology, value.deprecatedTopology);
  if (value.hostname !== undefined) label(errors, path.child('hostname'), value.hostname);
  hints(errors, path.child('hints', 'forZones'), value.hints?.forZones, labelValueErrors);
  hints(errors, path.child('hints', 'forNodes'), value.hints?.forNodes, dns1123SubdomainErrors);
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

/** Endpoints that were stored under older rules may stay, all of them as they are. */
export function validateEndpointSlice(object: EndpointSlice, errors: ErrorList, old?: EndpointSlice): void {
  oneOf(errors, FieldPath.of('addressType'), object.addressType, types);
  ports(errors, FieldPath.of('ports'), object.ports ?? []);
  if (old && sameValue(old.endpoints, object.endpoints)) return;
  const list = object.endpoints ?? [];
  if (list.length > maxEndpoints) errors.tooMany(endpointsPath, list.length, maxEndpoints);
  else for (const [i, value] of list.entries()) endpoint(errors, endpointsPath.index(i), value, object.addressType);
}

export function validateEndpointSliceUpdate(object: EndpointSlice, old: EndpointSlice, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('addressType'), object.addressType, old.addressType);
}

export function endpointSliceWarnings({ addressType, endpoints }: EndpointSlice): string[] {
  const type = addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  const addresses = (endpoints ?? []).flatMap((value, i) =>
    (value.addresses ?? []).flatMap((address, j) =>
      addressWarnings(endpointsPath.index(i).child('addresses').index(j), address),
    ),
  );
  return [...type, ...addresses];
}
