import { parseQuantity, quantityOf } from '../../api/quantity.ts';
import type { CapacityRequestPolicy, DeviceCapacity } from '../../api/types/resource-v1.gen.ts';
import type { OfferedDevice } from './device.ts';

/** What requests take of a device that has several users. Source: structured/internal/…/consumable_capacity.go. */

/** Amounts in nano units by the name the device lists the capacity under. */
export type Amounts = ReadonlyMap<string, bigint>;
export type Requested = Readonly<Record<string, string>>;

const nano = (quantity: string): bigint => parseQuantity(quantity).nano;

/** A request rounded up to what the policy allows. */
function roundedUp(wanted: bigint, { validRange, validValues }: CapacityRequestPolicy): bigint {
  if (validRange) {
    const min = nano(validRange.min);
    if (wanted < min) return min;
    if (validRange.step === undefined) return wanted;
    const step = nano(validRange.step);
    return min + ((wanted - min + step - 1n) / step) * step;
  }
  return validValues?.map(nano).find((value) => wanted <= value) ?? wanted;
}

/** How much a request takes of one capacity; without a request the policy's default, or else all of it. */
function taken(requested: string | undefined, { value, requestPolicy: policy }: DeviceCapacity): bigint {
  if (requested === undefined) return nano(policy?.default ?? value);
  return policy ? roundedUp(nano(requested), policy) : nano(requested);
}

/** Whether the policy allows that much. */
function allowed(amount: bigint, { requestPolicy: policy }: DeviceCapacity): boolean {
  if (!policy || (policy.default !== undefined && amount === nano(policy.default))) return true;
  if (policy.validRange) {
    const { min, max, step } = policy.validRange;
    if (max !== undefined && amount > nano(max)) return false;
    return step === undefined || (amount - nano(min)) % nano(step) === 0n;
  }
  return !policy.validValues?.length || policy.validValues.some((value) => nano(value) === amount);
}

/** A capacity under the name a request uses: the driver's own may go without the domain, on either side. */
function listedName({ device, pool }: OfferedDevice, requested: string): string | undefined {
  const capacity = device.capacity ?? {};
  if (requested in capacity) return requested;
  const prefix = `${pool.driver}/`;
  const other = requested.startsWith(prefix) ? requested.slice(prefix.length) : `${prefix}${requested}`;
  return other in capacity && (requested.startsWith(prefix) || !requested.includes('/')) ? other : undefined;
}

/**
 * What a request takes of every capacity of a device, or undefined when it cannot be had: the device does not list it, its
 * policy does not allow it, or less than that is left. `used` is taken already.
 */
export function demandOn(offered: OfferedDevice, requested: Requested | undefined, used: Amounts): Amounts | undefined {
  const byListed = new Map<string, string>();
  for (const name in requested) {
    const listed = listedName(offered, name);
    if (listed === undefined) return undefined;
    byListed.set(listed, requested[name]!);
  }
  const amounts = new Map<string, bigint>();
  const capacity = offered.device.capacity ?? {};
  for (const name in capacity) {
    const of = capacity[name]!;
    const amount = taken(byListed.get(name), of);
    if (!allowed(amount, of) || amount + (used.get(name) ?? 0n) > nano(of.value)) return undefined;
    amounts.set(name, amount);
  }
  return amounts;
}

/** Amounts as the API writes them, each in the format of the device's own. */
export function written(offered: OfferedDevice, amounts: Amounts): Record<string, string> {
  return Object.fromEntries(
    [...amounts].map(([name, amount]) => {
      const { format } = parseQuantity(offered.device.capacity?.[name]?.value ?? '0');
      return [name, quantityOf(amount, format).text];
    }),
  );
}
