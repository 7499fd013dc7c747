import { BlockList } from 'node:net';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { portNameErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../api/types/networking-v1.gen.ts';
import { cidrWarnings } from '../rules/addresses.ts';
import { addressFamily, cidr, named, port, protocols } from '../rules/check.ts';
import { labelSelector } from '../rules/labels.ts';
import { specPath } from '../rules/workloads.ts';

export function networkPolicyDefaults(object: Mutable<NetworkPolicy>): void {
  const spec = (object.spec ??= {});
  spec.podSelector ??= {};
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const entry of rule.ports ?? []) entry.protocol ??= 'TCP';
  }
  if (spec.policyTypes?.length) return;
  spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

function policyPort(errors: ErrorList, path: FieldPath, value: NetworkPolicyPort): void {
  const { port: start, endPort: end } = value;
  const at = path.child('endPort');
  if (value.protocol !== undefined && !protocols.includes(value.protocol as (typeof protocols)[number])) {
    errors.notSupported(path.child('protocol'), value.protocol, protocols);
  }
  if (typeof start === 'number') {
    port(errors, path.child('port'), start);
    if (end === undefined) return;
    if (end < start) errors.invalid(at, start, 'must be greater than or equal to `port`');
    port(errors, at, end);
  } else if (start === undefined) {
    if (end !== undefined) errors.invalid(at, end, 'may not be specified when `port` is not specified');
  } else {
    if (end !== undefined) errors.invalid(at, end, 'may not be specified when `port` is non-numeric');
    named(errors, path.child('port'), start, portNameErrors);
  }
}

interface Range {
  readonly family: 'ipv4' | 'ipv6';
  readonly ip: string;
  readonly bits: number;
}

function range(text: string): Range {
  const [ip = '', bits = ''] = text.split('/');
  return { family: addressFamily(ip) === 6 ? 'ipv6' : 'ipv4', ip, bits: Number(bits) };
}

function isWithin(inner: Range, outer: Range): boolean {
  // Spellings that are only taken because they are stored cannot be compared.
  if (!addressFamily(inner.ip) || !addressFamily(outer.ip)) return true;
  if (inner.family !== outer.family || inner.bits <= outer.bits) return false;
  const list = new BlockList();
  list.addSubnet(outer.ip, outer.bits, outer.family);
  return list.check(inner.ip, inner.family);
}

/** `known` ranges are stored already and stay as they are spelled. */
function block(errors: ErrorList, path: FieldPath, { cidr: whole, except }: IPBlock, known: readonly string[]): void {
  if (!whole) errors.required(path.child('cidr'));
  if (!whole || !cidr(errors, path.child('cidr'), whole, known)) return;
  for (const [i, part] of (except ?? []).entries()) {
    const at = path.child('except').index(i);
    if (cidr(errors, at, part, known) && !isWithin(range(part), range(whole))) {
      errors.invalid(at, part, 'must be a strict subset of `cidr`');
    }
  }
}

function peer(errors: ErrorList, path: FieldPath, value: NetworkPolicyPeer, known: readonly string[]): void {
  const { podSelector, namespaceSelector, ipBlock } = value;
  if (podSelector) labelSelector(errors, path.child('podSelector'), podSelector);
  if (namespaceSelector) labelSelector(errors, path.child('namespaceSelector'), namespaceSelector);
  if (ipBlock) block(errors, path.child('ipBlock'), ipBlock, known);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.required(path, 'must specify a peer');
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.forbidden(path, 'may not specify both ipBlock and another peer');
  }
}

interface Rule {
  readonly ports?: readonly NetworkPolicyPort[];
  readonly from?: readonly NetworkPolicyPeer[];
  readonly to?: readonly NetworkPolicyPeer[];
}

type Side = 'from' | 'to';

function rules(
  errors: ErrorList,
  path: FieldPath,
  list: readonly Rule[] | undefined,
  side: Side,
  known: readonly string[],
): void {
  for (const [i, rule] of (list ?? []).entries()) {
    const at = path.index(i);
    for (const [j, value] of (rule.ports ?? []).entries()) policyPort(errors, at.child('ports').index(j), value);
    for (const [j, value] of (rule[side] ?? []).entries()) peer(errors, at.child(side).index(j), value, known);
  }
}

/** Every range that a policy names. */
function rangesOf({ spec = {} }: NetworkPolicy): string[] {
  const peers = [
    ...(spec.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(spec.egress ?? []).flatMap(({ to = [] }) => to),
  ];
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
}

export function validateNetworkPolicy(object: NetworkPolicy, errors: ErrorList, old?: NetworkPolicy): void {
  const { spec = {} } = object;
  const known = old ? rangesOf(old) : [];
  labelSelector(errors, specPath.child('podSelector'), spec.podSelector);
  rules(errors, specPath.child('ingress'), spec.ingress, 'from', known);
  rules(errors, specPath.child('egress'), spec.egress, 'to', known);
  const at = specPath.child('policyTypes');
  const types = spec.policyTypes ?? [];
  const supported = ['Ingress', 'Egress'];
  if (types.length > supported.length) {
    errors.invalid(at, types, 'may not specify more than two policyTypes');
    return;
  }
  for (const [i, type] of types.entries()) {
    if (!supported.includes(type)) errors.notSupported(at.index(i), type, supported, 'given');
  }
}

function peerWarnings(path: FieldPath, peers: readonly NetworkPolicyPeer[] | undefined): string[] {
  return (peers ?? []).flatMap(({ ipBlock }, i) => {
    if (!ipBlock) return [];
    const at = path.index(i).child('ipBlock');
    return [
      ...cidrWarnings(at.child('cidr'), ipBlock.cidr ?? ''),
      ...(ipBlock.except ?? []).flatMap((part, j) => cidrWarnings(at.child('except').index(j), part)),
    ];
  });
}

/** Source: networkPolicyStrategy, networkPolicyWarnings. */
export const networkPolicyWarnings = ({ spec = {} }: NetworkPolicy): string[] => [
  ...(spec.ingress ?? []).flatMap(({ from }, i) =>
    peerWarnings(specPath.child('ingress').index(i).child('from'), from),
  ),
  ...(spec.egress ?? []).flatMap(({ to }, i) => peerWarnings(specPath.child('egress').index(i).child('to'), to)),
];
