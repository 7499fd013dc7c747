import { parseQuantity } from '../../api/quantity.ts';
import type { AllocationResult, DeviceRequestAllocationResult } from '../../api/types/resource-v1.gen.ts';
import type { Amounts } from './capacity.ts';
import { deviceId } from './device.ts';

interface Shared {
  /** How many claims use it. */
  users: number;
  readonly amounts: Map<string, bigint>;
}

const nothing: Amounts = new Map();

/** Which devices claims have, kept up to date claim by claim. */
export class DeviceUse {
  readonly #allocations = new Map<string, AllocationResult>();
  readonly #exclusive = new Map<string, number>();
  readonly #shared = new Map<string, Shared>();

  /** What a claim has now; undefined for nothing. */
  set(claim: string, allocation: AllocationResult | undefined): void {
    const before = this.#allocations.get(claim);
    if (before === allocation) return;
    for (const result of before?.devices?.results ?? []) this.#count(result, -1);
    for (const result of allocation?.devices?.results ?? []) this.#count(result, 1);
    if (allocation) this.#allocations.set(claim, allocation);
    else this.#allocations.delete(claim);
  }

  /** Whether some claim has the device for itself. */
  taken(device: string): boolean {
    return this.#exclusive.has(device);
  }

  /** Whether any claim uses the device. */
  used(device: string): boolean {
    return this.#exclusive.has(device) || this.#shared.has(device);
  }

  /** What claims that share the device use of it. */
  amounts(device: string): Amounts {
    return this.#shared.get(device)?.amounts ?? nothing;
  }

  #count(result: DeviceRequestAllocationResult, by: 1 | -1): void {
    // Who administers a device is in nobody's way.
    if (result.adminAccess) return;
    const id = deviceId(result);
    if (result.shareID === undefined) {
      const count = (this.#exclusive.get(id) ?? 0) + by;
      if (count === 0) this.#exclusive.delete(id);
      else this.#exclusive.set(id, count);
      return;
    }
    let shared = this.#shared.get(id);
    if (!shared) this.#shared.set(id, (shared = { users: 0, amounts: new Map() }));
    shared.users += by;
    for (const [name, quantity] of Object.entries(result.consumedCapacity ?? {})) {
      const amount = (shared.amounts.get(name) ?? 0n) + BigInt(by) * parseQuantity(quantity).nano;
      shared.amounts.set(name, amount);
    }
    if (shared.users === 0) this.#shared.delete(id);
  }
}
