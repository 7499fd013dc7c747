import { type NodeMatcher, nodeSelector } from '../../api/node-selector.ts';
import type { ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import type { Ids } from '../../base/ids.ts';
import { PluginError, type Refusal, refusal } from '../plugin.ts';
import type { NodeSlot } from '../state/node-table.ts';
import type { ChosenDevices } from './allocation.ts';
import { allocate, BadClaim, NotHere } from './allocator.ts';
import type { ClaimDemand } from './demands.ts';
import type { DeviceUse } from './device-use.ts';
import type { Mapping } from './extended-claim.ts';
import type { Pools } from './pools.ts';

const elsewhere = refusal('resourceclaim not available on the node', true);
const notAll = refusal('cannot allocate all claims', true);

/** What allocation works with. */
export interface DeviceWorld {
  readonly pools: Pools;
  readonly use: DeviceUse;
  readonly ids: Ids;
}

/** What of a pod's extended resources devices stand for on a node; undefined for nothing. */
export type ExtendedOn = (node: NodeSlot) => ExtendedDemand | undefined;

export interface ExtendedDemand {
  readonly demand: ClaimDemand;
  readonly mappings: readonly Mapping[];
}

/** The claims of a pod on its way through the scheduler: which nodes they allow, and what they get there. */
export class PodDevices {
  readonly claims: readonly ResourceClaim[];
  /** Claims that keep the pod from some node though they are allocated: freeing their devices may help. */
  readonly unavailable = new Set<ResourceClaim>();
  readonly #demands: readonly ClaimDemand[];
  readonly #world: DeviceWorld;
  readonly #extended: ExtendedOn;
  readonly #allocated: readonly { readonly claim: ResourceClaim; readonly matches: NodeMatcher }[];
  readonly #chosen = new Map<number, readonly ChosenDevices[]>();

  /** `demands` are those of the claims that are still to be allocated. */
  constructor(
    claims: readonly ResourceClaim[],
    demands: readonly ClaimDemand[],
    world: DeviceWorld,
    extended: ExtendedOn,
  ) {
    this.claims = claims;
    this.#demands = demands;
    this.#world = world;
    this.#extended = extended;
    this.#allocated = claims.flatMap((claim) => {
      const selector = claim.status?.allocation?.nodeSelector;
      return selector ? [{ claim, matches: nodeSelector(selector) }] : [];
    });
  }

  /** Whether a node will do; remembers what the claims get there. Throws `PluginError`. */
  judge(slot: number, node: NodeSlot): Refusal | undefined {
    const elsewhereOnly = this.#allocated.filter(({ matches }) => !matches(node));
    for (const { claim } of elsewhereOnly) this.unavailable.add(claim);
    if (elsewhereOnly.length > 0) return elsewhere;
    const extended = this.#extended(node);
    const demands = extended ? [...this.#demands, extended.demand] : this.#demands;
    if (demands.length === 0) return undefined;
    try {
      const { pools, use, ids } = this.#world;
      const chosen = allocate(demands, pools.on(node), use, ids);
      if (!chosen) return notAll;
      this.#chosen.set(slot, chosen);
      return undefined;
    } catch (error) {
      if (error instanceof NotHere) return refusal(error.message, true);
      if (error instanceof BadClaim)
        throw new PluginError(`running "DynamicResources" filter plugin: ${error.message}`);
      throw error;
    }
  }

  /** What the claims get on a node that was judged. */
  chosenOn(slot: number): readonly ChosenDevices[] {
    return this.#chosen.get(slot) ?? [];
  }

  /** For whom devices stand for extended resources on a node. */
  mappingsOn(node: NodeSlot): readonly Mapping[] {
    return this.#extended(node)?.mappings ?? [];
  }

  /** Whether there are requests with a choice, so that nodes differ in how good a choice they allow. */
  get hasChoices(): boolean {
    return this.#demands.some(({ requests }) => requests.some((alternatives) => alternatives.length > 1));
  }
}
