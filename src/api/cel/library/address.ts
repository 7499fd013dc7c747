import { fail } from '../values/fault.ts';

/** IP addresses as Go's net/netip reads and prints them. */

export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
  /** What stands behind the `%`. */
  readonly zone: string;
}

const quoted = JSON.stringify;

function wrong(text: string, why: string, at?: string): never {
  return fail(`ParseAddr(${quoted(text)}): ${why}${at === undefined ? '' : ` (at ${quoted(at)})`}`);
}

/** Throws a fault with netip's text. */
export function parseAddress(text: string): Address {
  const kind = /[.:%]/.exec(text)?.[0];
  if (kind === '.') return { bits: 32, value: parseV4(text, text), zone: '' };
  if (kind === ':') return parseV6(text);
  return wrong(text, kind === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

function parseV4(part: string, text: string): bigint {
  let value = 0;
  let digits = 0;
  let field = 0;
  let fields = 0;
  for (let i = 0; i < part.length; i++) {
    const char = part[i]!;
    if (char >= '0' && char <= '9') {
      if (digits === 1 && field === 0) return wrong(text, 'IPv4 field has octet with leading zero');
      field = field * 10 + Number(char);
      digits++;
      if (field > 255) return wrong(text, 'IPv4 field has value >255');
    } else if (char === '.') {
      if (i === 0 || i === part.length - 1 || part[i - 1] === '.')
        return wrong(text, 'IPv4 field must have at least one digit', part.slice(i));
      if (fields === 3) return wrong(text, 'IPv4 address too long');
      value = value * 256 + field;
      fields++;
      [field, digits] = [0, 0];
    } else return wrong(text, 'unexpected character', part.slice(i));
  }
  if (fields < 3) return wrong(text, 'IPv4 address too short');
  return BigInt(value * 256 + field);
}

function parseV6(text: string): Address {
  const percent = text.indexOf('%');
  const zone = percent === -1 ? '' : text.slice(percent + 1);
  if (percent !== -1 && zone === '') return wrong(text, 'zone must be a non-empty string');
  const groups = v6Groups(percent === -1 ? text : text.slice(0, percent), text);
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n), zone };
}

/** The eight groups. */
function v6Groups(part: string, text: string): number[] {
  const groups: number[] = [];
  let gap = -1;
  let rest = part;
  if (rest.startsWith('::')) {
    gap = 0;
    rest = rest.slice(2);
  }
  while (groups.length < 8 && rest !== '') {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (digits.length > 4) return wrong(text, 'each group must have 4 or less digits', rest);
    if (digits === '') return wrong(text, 'each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') {
      if (gap === -1 && groups.length !== 6)
        return wrong(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
      if (groups.length > 6)
        return wrong(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
      const value = Number(parseV4(rest, text));
      groups.push(Math.floor(value / 65536), value % 65536);
      rest = '';
      break;
    }
    groups.push(Number.parseInt(digits, 16));
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (rest[0] !== ':') return wrong(text, 'unexpected character, want colon', rest);
    if (rest.length === 1) return wrong(text, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest[0] !== ':') continue;
    if (gap >= 0) return wrong(text, 'multiple :: in address', rest);
    gap = groups.length;
    rest = rest.slice(1);
  }
  if (rest !== '') return wrong(text, 'trailing garbage after address', rest);
  if (groups.length < 8) {
    if (gap === -1) return wrong(text, 'address string too short');
    groups.splice(gap, 0, ...new Array<number>(8 - groups.length).fill(0));
  } else if (gap >= 0) return wrong(text, 'the :: must expand to at least one field of zeros');
  return groups;
}

export const isMapped = ({ bits, value }: Address): boolean => bits === 128 && value >> 32n === 0xffffn;

/** The one canonical text. */
export function formatAddress({ bits, value, zone }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const [start, length] = longestZeros(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  const text = length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
  return zone === '' ? text : `${text}%${zone}`;
}

function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best[1]) best = [start, length];
  }
  return best;
}

export interface Prefix {
  readonly address: Address;
  readonly length: number;
}

/** Throws a fault with netip's text. */
export function parsePrefix(text: string): Prefix {
  const no = (why: string) => fail(`netip.ParsePrefix(${quoted(text)}): ${why}`);
  const slash = text.lastIndexOf('/');
  if (slash === -1) return no("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if (address.zone !== '') return no('IPv6 zones cannot be present in a prefix');
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9][0-9]*)$/.test(length)) return no(`bad bits after slash: ${quoted(length)}`);
  return Number(length) > address.bits ? no('prefix length out of range') : { address, length: Number(length) };
}

/** The address with all bits behind the prefix zero. */
export function masked({ address, length }: Prefix): Address {
  const host = BigInt(address.bits - length);
  return { ...address, value: (address.value >> host) << host };
}

export const containsAddress = (prefix: Prefix, address: Address): boolean =>
  prefix.address.bits === address.bits && masked(prefix).value === masked({ address, length: prefix.length }).value;
