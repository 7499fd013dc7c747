import { parseQuantity, type Quantity, quantityOf } from '../../api/quantity.ts';

/** How much of each resource something uses, by the name that quotas have for it. Source: apiserver `quota/v1`. */
export type Usage = ReadonlyMap<string, Quantity>;

export type ResourceAmounts = Readonly<Record<string, string>>;

const zero = quantityOf(0n, 'DecimalSI');
export const one = quantityOf(1n * 1_000_000_000n, 'DecimalSI');
export const whole = (count: number): Quantity => quantityOf(BigInt(count) * 1_000_000_000n, 'DecimalSI');

const nothing: Usage = new Map();
/** By stored amounts: what a quota limits is looked at by every write in its namespace. */
const known = new WeakMap<ResourceAmounts, Usage>();

export function usageOf(amounts: ResourceAmounts | undefined): Usage {
  if (!amounts) return nothing;
  let usage = known.get(amounts);
  if (!usage) {
    usage = new Map(Object.entries(amounts).map(([name, value]) => [name, parseQuantity(value)]));
    if (Object.isFrozen(amounts)) known.set(amounts, usage);
  }
  return usage;
}

/** As the API writes it, names in order. */
export const amountsOf = (usage: Usage): Record<string, string> =>
  Object.fromEntries([...usage].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { text }]) => [name, text]));

/** The sum; zero takes the format of what is added to it. */
export const sum = (a: Quantity, b: Quantity): Quantity =>
  b.nano === 0n ? a : quantityOf(a.nano + b.nano, a.nano === 0n ? b.format : a.format);

export const plus = (usage: Usage, more: Usage): Usage => {
  const total = new Map(usage);
  for (const [name, amount] of more) total.set(name, sum(total.get(name) ?? zero, amount));
  return total;
};

/** What `usage` has more than `before`; nothing is less than zero. */
export const growth = (usage: Usage, before: Usage): Usage =>
  new Map(
    [...usage].map(([name, { nano, format }]) => {
      const more = nano - (before.get(name)?.nano ?? 0n);
      return [name, more > 0n ? quantityOf(more, format) : zero];
    }),
  );

export const only = (usage: Usage, wanted: (name: string, amount: Quantity) => boolean): Usage =>
  new Map([...usage].filter(([name, amount]) => wanted(name, amount)));

export function sameUsage(a: Usage, b: Usage): boolean {
  if (a.size !== b.size) return false;
  for (const [name, { nano }] of a) if (b.get(name)?.nano !== nano) return false;
  return true;
}

/** Adds up much, printing once. */
export class Tally {
  readonly #totals = new Map<string, { nano: bigint; format: Quantity['format'] }>();

  /** Only these names are counted; each starts at zero. */
  constructor(names: Iterable<string>) {
    for (const name of names) this.#totals.set(name, { nano: 0n, format: 'DecimalSI' });
  }

  add(usage: Usage): void {
    for (const [name, { nano, format }] of usage) {
      const total = this.#totals.get(name);
      if (!total || nano === 0n) continue;
      if (total.nano === 0n) total.format = format;
      total.nano += nano;
    }
  }

  get usage(): Usage {
    return new Map([...this.#totals].map(([name, { nano, format }]) => [name, quantityOf(nano, format)]));
  }
}
