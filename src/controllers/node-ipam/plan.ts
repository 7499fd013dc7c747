/** The size of a node's pod subnet: --node-cidr-mask-size. */
export const nodeMask = 24;

/** The subnets of an IPv4 range, handed out lowest first and never twice. */
export class SubnetPool {
  readonly #base: number;
  readonly #count: number;
  readonly #taken = new Set<number>();

  /** `range` is e.g. "10.244.0.0/16". Throws when it is not an IPv4 range that holds at least one subnet. */
  constructor(range: string) {
    const parsed = parse(range);
    if (!parsed) throw new Error(`the pod range ${range} is not an IPv4 range`);
    const { address, mask } = parsed;
    if (mask > nodeMask) throw new Error(`the pod range ${range} is smaller than one node's /${nodeMask}`);
    this.#count = 2 ** (nodeMask - mask);
    this.#base = (address & (mask === 0 ? 0 : -1 << (32 - mask))) >>> 0;
  }

  /** Marks a subnet that a node has already. What lies outside the range is nobody's to give. */
  take(subnet: string): void {
    const index = this.#indexOf(subnet);
    if (index !== undefined) this.#taken.add(index);
  }

  release(subnet: string): void {
    const index = this.#indexOf(subnet);
    if (index !== undefined) this.#taken.delete(index);
  }

  /** The lowest free subnet, taken; undefined when none is left. */
  next(): string | undefined {
    for (let i = 0; i < this.#count; i++) {
      if (this.#taken.has(i)) continue;
      this.#taken.add(i);
      return print(this.#base + i * 2 ** (32 - nodeMask));
    }
    return undefined;
  }

  #indexOf(subnet: string): number | undefined {
    const parsed = parse(subnet);
    const index = parsed ? (parsed.address - this.#base) / 2 ** (32 - nodeMask) : -1;
    return Number.isInteger(index) && index >= 0 && index < this.#count ? index : undefined;
  }
}

function parse(range: string): { address: number; mask: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(range);
  const parts = match?.slice(1).map(Number);
  if (!parts || parts.slice(0, 4).some((n) => n > 255) || parts[4]! > 32) return undefined;
  return { address: parts.slice(0, 4).reduce((sum, n) => sum * 256 + n, 0), mask: parts[4]! };
}

function print(address: number): string {
  return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')}/${nodeMask}`;
}
