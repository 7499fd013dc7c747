import type { ZoneShares } from './zone-shares.ts';

/** How endpoints are shared out among zones. Source: k8s.io/endpointslice `topologycache`. */

/** How much more than its part an endpoint may get to do. */
const overload = 0.2;

/** How many endpoints each zone should have, of so many in all; or why they cannot be shared out, as upstream says it. */
export function desiredByZone(count: number, shares: ZoneShares | undefined): ReadonlyMap<string, number> | string {
  if (!shares) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  }
  const numbers = `(${count} endpoints, ${shares.size} zones)`;
  if (shares.size > count) return `Insufficient number of endpoints ${numbers}`;
  const desired = new Map<string, number>();
  let left = count;
  for (const [zone, share] of shares) {
    const minimum = Math.ceil((share * count) / (1 + overload));
    desired.set(zone, Math.max(share * count, minimum));
    left -= minimum;
  }
  if (left >= 0) return desired;
  return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`;
}

/** Where an endpoint is, and for which zone it was meant so far. */
export interface Home {
  readonly zone: string;
  readonly before?: string | undefined;
}

/** For which zone each endpoint is meant: as it was or its own, unless others need it more. */
export function assignZones(homes: readonly Home[], desired: ReadonlyMap<string, number>): string[] {
  const zones = homes.map(({ zone, before }) => (before !== undefined && desired.has(before) ? before : zone));
  const counts = new Map<string, number>();
  for (const zone of zones) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  for (const [from, to] of transfers(desired, counts)) {
    const own = zones.findIndex((zone, n) => zone === from && homes[n]!.zone === to);
    zones[own >= 0 ? own : zones.indexOf(from)] = to;
  }
  return zones;
}

/** Which zone gives one endpoint to which, until no zone lacks or has too much of one (getGivingAndReceivingZones). */
function transfers(desired: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): [string, string][] {
  const surplus = new Map([...desired].map(([zone, wanted]) => [zone, (counts.get(zone) ?? 0) - wanted] as const));
  const found: [string, string][] = [];
  for (;;) {
    const order = [...surplus].sort(([, a], [, b]) => b - a);
    const [from, give] = order[0]!;
    const [to, lack] = order.at(-1)!;
    if (give < 0.5 || -lack < 0.5 || (give < 1 && -lack < 1)) return found;
    found.push([from, to]);
    surplus.set(from, give - 1).set(to, lack + 1);
  }
}
