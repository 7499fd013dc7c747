import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { ServiceSpec } from '../../api/types/core-v1.gen.ts';
import { address, addressFamily, bothFamilies, optionalOneOf, ordinaryAddress } from '../rules/check.ts';
import { isHeadless } from './service-prepare.ts';

/** Addresses of a Service and their families. Source: ValidateServiceClusterIPsRelatedFields and its neighbours. */

const spec = FieldPath.of('spec');
const clusterIPs = spec.child('clusterIPs');
const ipFamilies = spec.child('ipFamilies');
const ipFamilyPolicy = spec.child('ipFamilyPolicy');
const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function firstAddress(errors: ErrorList, value: ServiceSpec, ips: readonly string[]): void {
  if (value.clusterIP) {
    if (ips.length === 0) errors.required(clusterIPs);
    else if (ips[0] !== value.clusterIP) errors.invalid(clusterIPs, ips, 'first value must match `clusterIP`');
  } else if (ips.length) errors.invalid(clusterIPs, ips, 'must be empty when `clusterIP` is not specified');
}

/** `known` addresses are stored already and stay as they are spelled. */
export function clusterAddresses(errors: ErrorList, value: ServiceSpec, known: readonly string[]): void {
  if (value.type === 'ExternalName') return;
  const ips = value.clusterIPs ?? [];
  firstAddress(errors, value, ips);
  const seen = new Set<string>();
  for (const [i, family] of (value.ipFamilies ?? []).entries()) {
    optionalOneOf(errors, ipFamilies.index(i), family, families);
    if (seen.has(family)) errors.duplicate(ipFamilies.index(i), family);
    seen.add(family);
  }
  optionalOneOf(errors, ipFamilyPolicy, value.ipFamilyPolicy, familyPolicies);
  let sound = true;
  for (const [i, ip] of ips.entries()) {
    if (i === 0 && ip === 'None') {
      if (ips.length === 1) continue;
      errors.invalid(clusterIPs, ips, "'None' must be the first and only value");
      sound = false;
    } else if (!address(errors, clusterIPs.index(i), ip, known)) sound = false;
  }
  if (ips.length > 2) errors.invalid(clusterIPs, ips, 'may only hold up to 2 values');
  if (!sound) return;
  if (ips.length > 1 && !bothFamilies(ips)) {
    errors.invalid(clusterIPs, ips, 'may specify no more than one IP for each IP family');
  }
  if (isHeadless(value)) return;
  for (const [i, ip] of ips.entries()) {
    const family = value.ipFamilies?.[i];
    if (!family || families.indexOf(family) === (addressFamily(ip) === 6 ? 1 : 0)) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    errors.invalid(clusterIPs.index(i), ip, text);
  }
}

/** krill's clusters speak IPv4: what upstream says in a cluster of one family. */
export function singleStack(errors: ErrorList, value: ServiceSpec): void {
  if (value.type === 'ExternalName') return;
  if (isHeadless(value) && Object.keys(value.selector ?? {}).length === 0) return;
  if (value.ipFamilyPolicy === 'RequireDualStack') {
    const text = 'this cluster is not configured for dual-stack services';
    errors.invalid(ipFamilyPolicy, value.ipFamilyPolicy, text);
  }
  for (const [i, family] of (value.ipFamilies ?? []).entries()) {
    if (family === 'IPv6') errors.invalid(ipFamilies.index(i), family, 'not configured on this cluster');
  }
}

export function externalAddresses(errors: ErrorList, value: ServiceSpec, known: readonly string[]): void {
  for (const [i, ip] of (value.externalIPs ?? []).entries()) {
    const at = spec.child('externalIPs').index(i);
    if (address(errors, at, ip, known)) ordinaryAddress(errors, at, ip);
  }
}

const fixed = 'may not change once set';

interface Held {
  readonly path: FieldPath;
  readonly what: string;
  readonly now: readonly string[];
  readonly old: readonly string[];
}

/** Of two addresses or families the second may come and go; the first stays, and what stays does not change. */
function held(errors: ErrorList, { path, what, now, old }: Held, policy: string | undefined): void {
  if (now.length === 0 && old.length > 0) errors.invalid(path.index(0), now, `primary ${what} can not be unset`);
  const same = Math.min(now.length, old.length, now.length === old.length ? 2 : 1);
  for (let i = 0; i < same; i++) if (now[i] !== old[i]) errors.invalid(path.index(i), now, fixed);
  if (now.length === 1 && old.length > 1 && policy !== 'SingleStack') {
    errors.invalid(ipFamilyPolicy, policy, `must be set to 'SingleStack' when releasing the secondary ${what}`);
  }
}

/** Addresses stay while a Service has any: only ExternalName lets go of them. */
export function heldAddresses(errors: ErrorList, now: ServiceSpec, old: ServiceSpec): void {
  if (now.type === 'ExternalName' || old.type === 'ExternalName') return;
  const [headless, before] = [isHeadless(now), isHeadless(old)];
  if (!headless || !before) {
    const addresses = { path: clusterIPs, what: 'clusterIP', now: now.clusterIPs ?? [], old: old.clusterIPs ?? [] };
    held(errors, addresses, now.ipFamilyPolicy);
  }
  if (headless || before) return;
  const kinds = { path: ipFamilies, what: 'ipFamily', now: now.ipFamilies ?? [], old: old.ipFamilies ?? [] };
  held(errors, kinds, now.ipFamilyPolicy);
}
