import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { compressIPv6, formatAddress, parseAddress } from '../../base/ip.ts';

/**
 * IP addresses and ranges. Upstream has two rules: fields of old take any spelling that all programs read alike, new
 * ones the canonical spelling only. Source: apimachinery `util/validation/ip.go`, with StrictIPCIDRValidation.
 */

type Family = 4 | 6;

/** An address as a reader sees it that does not mind leading zeros. */
interface Parsed {
  readonly family: Family;
  /** The spelling that Go prints: no leading zeros, IPv6 as RFC 5952 has it. */
  readonly canonical: string;
  readonly leadingZeros: boolean;
  /** An IPv4 address in IPv6 clothes: some programs read the one, some the other. */
  readonly mapped: boolean;
}

const quad = /^\d{1,7}\.\d{1,7}\.\d{1,7}\.\d{1,7}$/;
const mappedPattern = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

function parse(value: string): Parsed | undefined {
  if (quad.test(value)) {
    const octets = value.split('.').map(Number);
    if (octets.some((octet) => octet > 255)) return undefined;
    const canonical = octets.join('.');
    return { family: 4, canonical, leadingZeros: canonical !== value, mapped: false };
  }
  if (!isIPv6(value) || value.includes('%')) return undefined;
  const canonical = compressIPv6(value);
  const halves = mappedPattern.exec(canonical);
  if (!halves) return { family: 6, canonical, leadingZeros: false, mapped: false };
  const [high = 0, low = 0] = halves.slice(1).map((half) => Number.parseInt(half, 16));
  const inner = [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return { family: 4, canonical: inner, leadingZeros: false, mapped: true };
}

/** 4, 6, or undefined for what is no address. */
export function addressFamily(value: string): Family | undefined {
  return isIPv4(value) ? 4 : isIPv6(value) && !value.includes('%') ? 6 : undefined;
}

/** Whether a text is an address in any spelling, also one that is refused. */
export const looksLikeAddress = (value: string): boolean => parse(value) !== undefined;

/** What is wrong with an address of a field of old. */
function addressProblem(value: string): string | undefined {
  const parsed = parse(value);
  if (!parsed) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  if (parsed.leadingZeros) return 'must not have leading 0s';
  return parsed.mapped ? 'must not be an IPv4-mapped IPv6 address' : undefined;
}

/** What is wrong with an address of a new field, which must be in its one canonical spelling. */
export function canonicalAddressProblem(value: string): string | undefined {
  const problem = addressProblem(value);
  if (problem) return problem;
  const { canonical } = parse(value)!;
  return canonical === value ? undefined : `must be in canonical form (${JSON.stringify(canonical)})`;
}

/** An address of a field of old. `known` values were stored before and stay as they are. Returns whether it is sound. */
export function address(errors: ErrorList, path: FieldPath, value: string, known: readonly string[] = []): boolean {
  const problem = known.includes(value) ? undefined : addressProblem(value);
  if (problem) errors.invalid(path, value, problem);
  return !problem;
}

/** An address of a new field: sound, and in its one canonical spelling. Returns whether it is. */
export function canonicalAddress(errors: ErrorList, path: FieldPath, value: string): boolean {
  const problem = canonicalAddressProblem(value);
  if (problem) errors.invalid(path, value, problem);
  return !problem;
}

interface Range {
  readonly address: Parsed;
  readonly bits: number;
  readonly leadingZeros: boolean;
  /** The first address of the range, canonically spelled. */
  readonly network: string;
}

function parseRange(value: string): Range | undefined {
  const [ip = '', length = '', ...rest] = value.split('/');
  const parsed = parse(ip);
  if (!parsed || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const width = parsed.family === 4 && !parsed.mapped ? 32 : 128;
  const bits = Number(length);
  if (bits > width) return undefined;
  const { family } = parsed;
  const all = family === 4 ? 32 : 128;
  const kept = parsed.mapped ? Math.max(0, bits - 96) : bits;
  const shift = BigInt(all - kept);
  const network = formatAddress({ family, bits: (parseAddress(parsed.canonical)!.bits >> shift) << shift });
  return { address: parsed, bits: kept, leadingZeros: parsed.leadingZeros || String(bits) !== length, network };
}

/** A range of a field of old; `known` as for addresses. Returns whether it is sound. */
export function cidr(errors: ErrorList, path: FieldPath, value: string, known: readonly string[] = []): boolean {
  if (known.includes(value)) return true;
  const range = parseRange(value);
  if (!range) errors.invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
  else if (range.leadingZeros) errors.invalid(path, value, 'must not have leading 0s in IP or prefix length');
  else if (range.address.mapped) errors.invalid(path, value, 'must not have an IPv4-mapped IPv6 address');
  else if (range.network !== range.address.canonical) {
    errors.invalid(path, value, 'must not have bits set beyond the prefix length');
  } else return true;
  return false;
}

/** A range of a new field: sound, and in its one canonical spelling. */
export function canonicalCidr(errors: ErrorList, path: FieldPath, value: string): void {
  if (!cidr(errors, path, value)) return;
  const { network, bits } = parseRange(value)!;
  const canonical = `${network}/${bits}`;
  if (canonical !== value) errors.invalid(path, value, `must be in canonical form (${JSON.stringify(canonical)})`);
}

/** An address with the length of its network, in canonical spelling: "10.9.8.7/24". */
export function interfaceAddress(errors: ErrorList, path: FieldPath, value: string): void {
  const range = parseRange(value);
  const text = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
  if (!range) {
    errors.invalid(path, value, text);
    return;
  }
  const canonical = `${range.address.canonical}/${range.bits}`;
  if (canonical !== value) errors.invalid(path, value, `must be in canonical form (${JSON.stringify(canonical)})`);
}

/** What else an address of an old field should look like, though it is taken. */
export function addressWarnings(path: FieldPath, value: string): string[] {
  const parsed = parse(value);
  if (!parsed) return [];
  const better = JSON.stringify(parsed.canonical);
  if (parsed.leadingZeros || parsed.mapped) {
    return [`${path}: non-standard IP address ${JSON.stringify(value)} is invalid: use ${better}`];
  }
  if (parsed.family === 4 || parsed.canonical === value) return [];
  return [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${better})`];
}

/** As addressWarnings, for a range. */
export function cidrWarnings(path: FieldPath, value: string): string[] {
  const range = parseRange(value);
  if (!range) return [];
  const { address: ip, network, bits, leadingZeros } = range;
  const found: string[] = [];
  const [given, better] = [JSON.stringify(value), JSON.stringify(`${network}/${bits}`)];
  if (network !== ip.canonical) {
    const single = JSON.stringify(`${ip.canonical}/${ip.family === 4 ? 32 : 128}`);
    found.push(`${path}: CIDR value ${given} is ambiguous in this context (should be ${better} or ${single}?)`);
  }
  if (leadingZeros || ip.mapped) found.push(`${path}: non-standard CIDR value ${given} is invalid: use ${better}`);
  if (found.length > 0 || ip.family === 4 || `${network}/${bits}` === value) return found;
  return [`${path}: IPv6 CIDR value ${given} should be in RFC 5952 canonical format (${better})`];
}

const block = (...ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const list = new BlockList();
  for (const [network, bits, family] of ranges) list.addSubnet(network, bits, family);
  return list;
};

/** Addresses that mean nothing as the address of a service's endpoint. */
const specialAddresses: readonly (readonly [BlockList, (value: string) => string])[] = [
  [block(['0.0.0.0', 32, 'ipv4'], ['::', 128, 'ipv6']), (value) => `may not be unspecified (${value})`],
  [
    block(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']),
    () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    block(['169.254.0.0', 16, 'ipv4'], ['fe80::', 10, 'ipv6']),
    () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    block(['224.0.0.0', 24, 'ipv4'], ['ff02::', 16, 'ipv6']),
    () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ],
];

/** An address that another machine can reach. Source: ValidateEndpointIP. */
export function ordinaryAddress(errors: ErrorList, path: FieldPath, value: string): void {
  const parsed = parse(value);
  if (!parsed) {
    errors.invalid(path, value, 'must be a valid IP address');
    return;
  }
  const family = parsed.family === 4 ? 'ipv4' : 'ipv6';
  for (const [list, text] of specialAddresses) {
    if (list.check(parsed.canonical, family)) errors.invalid(path, value, text(value));
  }
}

/** One address of each family, which is all that a dual-stack field may hold. */
export const bothFamilies = (values: readonly string[]): boolean =>
  values.some((v) => addressFamily(v) === 4) && values.some((v) => addressFamily(v) === 6);
