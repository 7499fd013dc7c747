import { type Declaration, fn, method } from '../check/declaration.ts';
import { opaqueNamed, types } from '../check/type.ts';
import { Fault, fail } from '../values/fault.ts';
import { Opaque, type Value } from '../values/value.ts';
import {
  type Address,
  containsAddress,
  formatAddress,
  isMapped,
  masked,
  type Prefix,
  parseAddress,
  parsePrefix,
} from './address.ts';

/** IP addresses and ranges. Source: apiserver `pkg/cel/library/{ip,cidr}.go`. */

const { string, bool, int } = types;
const ipType = opaqueNamed('net.IP');
const cidrType = opaqueNamed('net.CIDR');

class Ip extends Opaque {
  readonly typeName = ipType.name;
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  equals(other: Value): boolean {
    return (
      other instanceof Ip && this.address.bits === other.address.bits && this.address.value === other.address.value
    );
  }

  /** Bytes. */
  override get costSize(): number {
    return this.address.bits / 8;
  }

  toJson(): string {
    return formatAddress(this.address);
  }
}

class Cidr extends Opaque {
  readonly typeName = cidrType.name;
  readonly prefix: Prefix;

  constructor(prefix: Prefix) {
    super();
    this.prefix = prefix;
  }

  equals(other: Value): boolean {
    if (!(other instanceof Cidr)) return false;
    const [a, b] = [this.prefix, other.prefix];
    return a.length === b.length && a.address.bits === b.address.bits && a.address.value === b.address.value;
  }

  /** Bytes of the prefix. */
  override get costSize(): number {
    return Math.ceil(this.prefix.length / 8);
  }

  toJson(): string {
    return `${formatAddress(this.prefix.address)}/${this.prefix.length}`;
  }
}

const quoted = JSON.stringify;

function addressOf(text: string): Address {
  const address = described(`IP Address ${quoted(text)} parse error during conversion from string`, () =>
    parseAddress(text),
  );
  if (address.zone !== '') return fail(`IP address ${quoted(text)} with zone value is not allowed`);
  return isMapped(address) ? fail(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`) : address;
}

function prefixOf(text: string): Prefix {
  const prefix = described('network address parse error during conversion from string', () => parsePrefix(text));
  return isMapped(prefix.address) ? fail(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`) : prefix;
}

function described<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Fault) return fail(`${what}: ${error.message}`);
    throw error;
  }
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

const cidr = (text: string): Cidr =>
  described('network address parse error during conversion from string', () => new Cidr(prefixOf(text)));

/** The first `length` bits of an address. */
const top = ({ bits, value }: Address, length: number) => value >> BigInt(bits - length);

const isLoopback = (address: Address) => (address.bits === 32 ? top(address, 8) === 127n : address.value === 1n);
const isMulticast = (address: Address) => (address.bits === 32 ? top(address, 4) === 0xen : top(address, 8) === 0xffn);
const isLinkLocalUnicast = (address: Address) =>
  address.bits === 32 ? top(address, 16) === 0xa9fen : top(address, 10) === 0x3fan;
const isLinkLocalMulticast = (address: Address) =>
  address.bits === 32 ? top(address, 24) === 0xe00000n : (top(address, 16) & 0xff0fn) === 0xff02n;

function isGlobalUnicast(address: Address): boolean {
  if (address.value === 0n || (address.bits === 32 && address.value === 0xffffffffn)) return false;
  return !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

const property = (name: string, id: string, holds: (address: Address) => boolean) =>
  method(name, id, [ipType], bool, ({ address }: Ip) => holds(address));

export const ips: readonly Declaration[] = [
  fn('ip', 'string_to_ip', [string], ipType, (text: string) => new Ip(addressOf(text))),
  fn('isIP', 'is_ip', [string], bool, (text: string) => parses(() => addressOf(text))),
  fn('ip.isCanonical', 'ip_is_canonical', [string], bool, (text: string) => formatAddress(addressOf(text)) === text),
  fn('string', 'ip_to_string', [ipType], string, (ip: Ip) => ip.toJson()),
  method('family', 'ip_family', [ipType], int, ({ address }: Ip) => (address.bits === 32 ? 4n : 6n)),
  property('isUnspecified', 'ip_is_unspecified', ({ value }) => value === 0n),
  property('isLoopback', 'ip_is_loopback', isLoopback),
  property('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  property('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  property('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
];

const containsCidr = (a: Prefix, b: Prefix): boolean => a.length <= b.length && containsAddress(a, b.address);

export const cidrs: readonly Declaration[] = [
  fn('cidr', 'string_to_cidr', [string], cidrType, cidr),
  fn('isCIDR', 'is_cidr', [string], bool, (text: string) => parses(() => prefixOf(text))),
  fn('string', 'cidr_to_string', [cidrType], string, (range: Cidr) => range.toJson()),
  method('containsIP', 'cidr_contains_ip_string', [cidrType, string], bool, ({ prefix }: Cidr, text: string) =>
    containsAddress(prefix, addressOf(text)),
  ),
  method('containsIP', 'cidr_contains_ip_ip', [cidrType, ipType], bool, ({ prefix }: Cidr, ip: Ip) =>
    containsAddress(prefix, ip.address),
  ),
  method('containsCIDR', 'cidr_contains_cidr_string', [cidrType, string], bool, ({ prefix }: Cidr, text: string) =>
    containsCidr(prefix, cidr(text).prefix),
  ),
  method('containsCIDR', 'cidr_contains_cidr', [cidrType, cidrType], bool, ({ prefix }: Cidr, other: Cidr) =>
    containsCidr(prefix, other.prefix),
  ),
  method('ip', 'cidr_ip', [cidrType], ipType, ({ prefix }: Cidr) => new Ip(prefix.address)),
  method('prefixLength', 'cidr_prefix_length', [cidrType], int, ({ prefix }: Cidr) => BigInt(prefix.length)),
  method(
    'masked',
    'cidr_masked',
    [cidrType],
    cidrType,
    ({ prefix }: Cidr) => new Cidr({ address: masked(prefix), length: prefix.length }),
  ),
];
