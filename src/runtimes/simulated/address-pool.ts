/** IPv4 addresses of a node's pod range, lowest free first but never the one just given back while others are left. */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  readonly #taken = new Set<number>();
  #next = 1;

  /** `cidr` like "10.244.1.0/24". Throws on anything else. */
  constructor(cidr: string) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
    if (!match) throw new Error(`not an IPv4 range: ${cidr}`);
    const [a, b, c, d, bits] = match.slice(1).map(Number) as [number, number, number, number, number];
    this.#base = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
    this.#size = 2 ** (32 - bits);
  }

  /** A free address, or undefined when there is none. Network and broadcast addresses are never given. */
  take(): string | undefined {
    for (let tried = 1; tried < this.#size - 1; tried++) {
      const offset = this.#next;
      this.#next = (this.#next % (this.#size - 2)) + 1;
      if (this.#taken.has(offset)) continue;
      this.#taken.add(offset);
      return text(this.#base + offset);
    }
    return undefined;
  }

  /** Marks an address as in use; one outside the range is no business of the pool. */
  claim(address: string): void {
    const offset = number(address) - this.#base;
    if (offset > 0 && offset < this.#size) this.#taken.add(offset);
  }

  give(address: string): void {
    this.#taken.delete(number(address) - this.#base);
  }
}

const text = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');

const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
