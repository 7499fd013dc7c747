import { parseQuantity } from '../../api/quantity.ts';
import type { OfferedDevice, Pool } from './device.ts';
import type { DeviceUse } from './device-use.ts';

/** Each counter a device takes from, and how much. */
function* consumption({ device }: OfferedDevice): Iterable<readonly [counter: string, amount: bigint]> {
  for (const { counterSet, counters } of device.consumesCounters ?? []) {
    for (const name in counters) yield [`${counterSet}/${name}`, parseQuantity(counters[name]!.value).nano];
  }
}

/** What is left of the counters that the devices of a pool share: parts of one device that overlap, most often. */
export class PoolCounters {
  readonly #left = new Map<string, bigint>();

  /** Devices in use have taken theirs, wherever in the pool they are. */
  constructor({ counters, devices }: Pool, use: DeviceUse) {
    for (const [set, values] of counters) for (const [name, value] of values) this.#left.set(`${set}/${name}`, value);
    for (const device of devices) if (use.used(device.id)) this.give(device, -1n);
  }

  /** Takes what the device consumes, if that much is left. */
  take(device: OfferedDevice): boolean {
    for (const [counter, amount] of consumption(device)) if ((this.#left.get(counter) ?? 0n) < amount) return false;
    this.give(device, -1n);
    return true;
  }

  give(device: OfferedDevice, sign = 1n): void {
    for (const [counter, amount] of consumption(device)) {
      this.#left.set(counter, (this.#left.get(counter) ?? 0n) + sign * amount);
    }
  }
}
