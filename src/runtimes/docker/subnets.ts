/** IPv4 arithmetic and the choice of a cluster's address ranges. Pure. */

export interface Range {
  /** First address as a 32-bit number. */
  readonly first: number;
  readonly last: number;
}

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The addresses of a CIDR such as "10.244.0.0/16". */
export function rangeOf(cidr: string): Range {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

export const overlaps = (a: Range, b: Range) => a.first <= b.last && b.first <= a.last;

export function contains(cidr: string, address: string): boolean {
  const range = rangeOf(cidr);
  const value = toNumber(address);
  return value >= range.first && value <= range.last;
}

/** The ranges a cluster lives in. */
export interface Subnets {
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
}

/** Candidates in order of preference; upstream's usual ranges first. */
function* candidates(kind: keyof Subnets): Generator<string> {
  if (kind === 'nodes') {
    for (let third = 0; third < 256; third++) yield `172.30.${third}.0/24`;
    for (let third = 0; third < 256; third++) yield `192.168.${third}.0/24`;
    for (let third = 0; third < 256; third++) yield `10.239.${third}.0/24`;
    return;
  }
  const favourite = kind === 'pods' ? 244 : 96;
  yield `10.${favourite}.0.0/16`;
  for (let second = 64; second < 255; second++) if (second !== favourite) yield `10.${second}.0.0/16`;
}

/**
 * Ranges free of everything in `taken`. Services and pods of different clusters may be equal where nothing on the host
 * routes them, but their node networks never are. Throws when a kind has no free range left.
 */
export function chooseSubnets(taken: readonly string[], given: Partial<Subnets> = {}): Subnets {
  const used = taken.map(rangeOf);
  const pick = (kind: keyof Subnets): string => {
    const fixed = given[kind];
    for (const cidr of fixed ? [fixed] : candidates(kind)) {
      const range = rangeOf(cidr);
      if (!fixed && used.some((other) => overlaps(other, range))) continue;
      used.push(range);
      return cidr;
    }
    throw new Error(`no free address range for ${kind}: the host's routes and Docker's networks take them all`);
  };
  return { nodes: pick('nodes'), pods: pick('pods'), services: pick('services') };
}

/** IPv4 destinations of `/proc/net/route`, the default route apart. */
export function parseRoutes(table: string): string[] {
  const found: string[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, destination, , , , , , mask] = line.trim().split(/\s+/);
    if (!destination || !mask || mask === '00000000') continue;
    const bits = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
    const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(destination.slice(at, at + 2), 16));
    found.push(`${bytes.join('.')}/${bits}`);
  }
  return found;
}

/**
 * Hands out the addresses of one range, lowest free first after the last one given, so that reuse comes late. Each
 * address has a holder: what a dead holder had may long belong to another.
 */
export class AddressPool {
  readonly #range: Range;
  readonly #holders = new Map<number, string>();
  #next: number;

  /** `reserved` addresses at the start (network, gateway) and the last (broadcast) are never given. */
  constructor(cidr: string, reserved: number) {
    const range = rangeOf(cidr);
    this.#range = { first: range.first + reserved, last: range.last - 1 };
    this.#next = this.#range.first;
  }

  /** Marks an address found in use, or names the holder of one that was given. */
  take(address: string, holder: string): void {
    this.#holders.set(toNumber(address), holder);
  }

  holder(address: string): string | undefined {
    return this.#holders.get(toNumber(address));
  }

  allocate(holder: string): string {
    const size = this.#range.last - this.#range.first + 1;
    for (let step = 0; step < size; step++) {
      const value = this.#range.first + ((this.#next - this.#range.first + step) % size);
      if (this.#holders.has(value)) continue;
      this.#holders.set(value, holder);
      this.#next = value + 1 > this.#range.last ? this.#range.first : value + 1;
      return toAddress(value);
    }
    throw new Error(`no address left in ${toAddress(this.#range.first)}-${toAddress(this.#range.last)}`);
  }

  /** Frees an address if this is (still) its holder; says whether it was. */
  release(address: string, holder: string): boolean {
    if (this.holder(address) !== holder) return false;
    return this.#holders.delete(toNumber(address));
  }
}
