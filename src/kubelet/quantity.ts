const scales: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number a quantity stands for ("500m" is 0.5, "1Gi" is 2^30); undefined when there is none. */
export function amount(quantity: string | undefined): number | undefined {
  const match =
    quantity === undefined ? null : /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]{0,2})$/.exec(`${quantity}`);
  const scale = match && scales[match[2]!];
  return scale ? Number(match[1]) * scale : undefined;
}

/** What a resourceFieldRef prints: the amount in units of `divisor` ("1" when absent or "0"), rounded up. */
export function divided(quantity: string, divisor: string | undefined): string {
  const by = amount(divisor) || 1;
  return String(Math.ceil((amount(quantity) ?? 0) / by - 1e-9));
}
