import type { AllocationResult, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { DeviceUse } from './device-use.ts';

/** Which claims have which devices, including those that are just being written. */
export class ClaimLedger {
  readonly use = new DeviceUse();
  readonly #claims: Informer<ResourceClaim>;
  /** Claims that were given devices and do not show them yet, by uid. */
  readonly #pending = new Map<string, AllocationResult>();

  constructor(claims: Informer<ResourceClaim>) {
    this.#claims = claims;
    const changed = (claim: ResourceClaim) => this.#changed(claim);
    claims.on({
      added: changed,
      updated: (_, claim) => changed(claim),
      deleted: (claim) => {
        this.#pending.delete(claim.metadata.uid ?? '');
        this.use.set(keyOf(claim), undefined);
      },
    });
  }

  /** Whether a claim was given devices that it does not show yet. */
  pending({ metadata }: ResourceClaim): boolean {
    return this.#pending.has(metadata.uid ?? '');
  }

  assume(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#pending.set(claim.metadata.uid ?? '', allocation);
    this.use.set(keyOf(claim), allocation);
  }

  /** The claim does not get what was assumed, unless it shows it already. */
  forget(claim: ResourceClaim): void {
    if (!this.#pending.delete(claim.metadata.uid ?? '')) return;
    const key = keyOf(claim);
    this.use.set(key, this.#claims.get(key)?.status?.allocation);
  }

  #changed(claim: ResourceClaim): void {
    const uid = claim.metadata.uid ?? '';
    const allocation = claim.status?.allocation;
    if (allocation) this.#pending.delete(uid);
    this.use.set(keyOf(claim), allocation ?? this.#pending.get(uid));
  }
}
