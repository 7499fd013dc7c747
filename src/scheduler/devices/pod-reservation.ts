import { pods, resourceClaims } from '../../api/kinds.gen.ts';
import type { AllocationResult, ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { isExtendedClaim } from '../../resources/resource/extended-classes.ts';
import { isReservedFor } from '../../resources/resource/pod-claims.ts';
import type { Reservation } from '../plugin.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { bindClaim, type ClaimTools, claimsPrepared, deleteClaim, releaseClaim } from './bind-claims.ts';
import type { ClaimLedger } from './claim-ledger.ts';
import type { Mapping } from './extended-claim.ts';

export interface Allocated {
  readonly pod: PodInfo;
  /** All claims of the pod, also that for extended resources. */
  readonly claims: readonly ResourceClaim[];
  /** What those get that had nothing. */
  readonly allocations: ReadonlyMap<ResourceClaim, AllocationResult>;
  /** For whom the claim for extended resources has its requests. */
  readonly mappings: readonly Mapping[];
}

/** The claims of a pod between the choice of its node and its binding. */
export class PodReservation implements Reservation {
  readonly #tools: ClaimTools;
  readonly #ledger: ClaimLedger;
  readonly #allocated: Allocated;
  /** `bindingTimeout` in milliseconds. */
  readonly #bindingTimeout: number;
  readonly #written = new Set<ResourceClaim>();
  /** The claim for extended resources, once there is one. */
  #created: ResourceClaim | undefined;

  constructor(tools: ClaimTools, ledger: ClaimLedger, allocated: Allocated, bindingTimeout: number) {
    this.#tools = tools;
    this.#ledger = ledger;
    this.#allocated = allocated;
    this.#bindingTimeout = bindingTimeout;
    for (const [claim, allocation] of allocated.allocations) ledger.assume(claim, allocation);
  }

  async preBind(signal: AbortSignal): Promise<void> {
    const { pod, claims, allocations } = this.#allocated;
    const bound: ResourceClaim[] = [];
    for (const claim of claims) {
      if (isExtendedClaim(claim)) bound.push(await this.#bindExtended(claim, allocations.get(claim)!, signal));
      else if (isReservedFor(claim, pod.pod)) bound.push(claim);
      else {
        bound.push(await bindClaim(this.#tools, pod, claim, allocations.get(claim), signal));
        this.#written.add(claim);
      }
    }
    await claimsPrepared(this.#tools, pod, bound, this.#bindingTimeout, signal);
  }

  /** Creates the claim, writes what it gets, and tells the pod of it. */
  async #bindExtended(claim: ResourceClaim, allocation: AllocationResult, signal: AbortSignal): Promise<ResourceClaim> {
    const { pod, mappings } = this.#allocated;
    const { client } = this.#tools;
    const { name: _, uid: __, ...metadata } = claim.metadata;
    const created = await client.resource(resourceClaims).create({ metadata, spec: claim.spec }, { signal });
    this.#created = created;
    this.#ledger.assume(created, allocation);
    this.#ledger.forget(claim);
    const bound = await bindClaim(this.#tools, pod, created, allocation, signal);
    const extendedResourceClaimStatus = { resourceClaimName: created.metadata.name, requestMappings: mappings };
    const body = { metadata: { uid: pod.uid }, status: { extendedResourceClaimStatus } };
    const key = { namespace: pod.namespace, name: pod.name };
    await client.resource(pods).mergePatch(key, body, { subresource: 'status', signal });
    return bound;
  }

  async unreserve(): Promise<void> {
    const { pod, allocations } = this.#allocated;
    for (const claim of allocations.keys()) if (!this.#written.has(claim)) this.#ledger.forget(claim);
    const created = this.#created;
    if (created) this.#ledger.forget(created);
    await Promise.all([
      ...[...this.#written].map((claim) => releaseClaim(this.#tools, pod, claim)),
      ...(created ? [deleteClaim(this.#tools, created)] : []),
    ]);
  }
}
