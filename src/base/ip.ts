import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number: 32 bits of IPv4 or 128 of IPv6. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

const width = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/** RFC 5952, by way of the URL standard, which prescribes the same. `value` is any IPv6 address. */
export const compressIPv6 = (value: string): string => new URL(`http://[${value}]/`).hostname.slice(1, -1);

/** An address in a spelling that all programs read alike; undefined for any other text. */
export function parseAddress(value: string): Address | undefined {
  if (isIPv4(value)) return { family: 4, bits: fold(value.split('.').map(Number), 8n) };
  if (!isIPv6(value) || value.includes('%')) return undefined;
  const [head = '', tail] = compressIPv6(value).split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
  return { family: 6, bits: fold(groups, 16n) };
}

const fold = (parts: readonly number[], shift: bigint): bigint =>
  parts.reduce((all, part) => (all << shift) | BigInt(part), 0n);

/** The canonical spelling of an address. */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return compressIPv6(groups.join(':'));
}

/** A range of addresses with a common beginning, such as 10.96.0.0/16. */
export interface Prefix {
  readonly text: string;
  readonly family: 4 | 6;
  /** The first address, the network's own. */
  readonly first: bigint;
  /** The last one, which in IPv4 is the broadcast address. */
  readonly last: bigint;
}

/** A range in a spelling that all programs read alike; bits beyond the prefix do not count. */
export function parsePrefix(text: string): Prefix | undefined {
  const [ip = '', length = '', ...rest] = text.split('/');
  const address = parseAddress(ip);
  if (!address || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const { family, bits } = address;
  if (Number(length) > width(family)) return undefined;
  const free = BigInt(width(family) - Number(length));
  const first = (bits >> free) << free;
  return { text, family, first, last: first + (1n << free) - 1n };
}

/** Whether a range has an address for a machine: neither the network's own nor, in IPv4, the broadcast address. */
export const holdsHost = ({ family, first, last }: Prefix, address: Address): boolean =>
  family === address.family && address.bits > first && (family === 4 ? address.bits < last : address.bits <= last);

/** Whether every address of `inner` is one of `outer`. */
export const covers = (outer: Prefix, inner: Prefix): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;

/** Whether two ranges have an address in common: then one covers the other. */
export const overlap = (a: Prefix, b: Prefix): boolean => covers(a, b) || covers(b, a);
