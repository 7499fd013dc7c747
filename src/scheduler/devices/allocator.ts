import type { Ids } from '../../base/ids.ts';
import { tolerates } from '../rules/tolerations.ts';
import type { Choice, ChosenDevices } from './allocation.ts';
import { type Amounts, demandOn } from './capacity.ts';
import { type Constraint, constraintOf } from './constraints.ts';
import { PoolCounters } from './counters.ts';
import type { ClaimDemand, DeviceDemand } from './demands.ts';
import type { OfferedDevice, Pool } from './device.ts';
import type { DeviceUse } from './device-use.ts';
import type { NodePool } from './pools.ts';
import { SelectorFailure, selects } from './selectors.ts';

/** A claim has so many devices at most (AllocationResultsMaxSize). */
const maxDevices = 32;
/** So many devices are tried for one pod on one node: the search is exhaustive and must not hold up everything else. */
const maxSteps = 100_000;

/** Devices cannot be had on this node for a reason that is told instead of the usual one. */
export class NotHere extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotHere';
  }
}

/** The claim or a class asks for something that cannot be understood: no node can help. */
export class BadClaim extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadClaim';
  }
}

/** `tooMany`: what is left of the claim has more devices than it may have, whatever is taken before it. */
type Outcome = 'done' | 'none' | 'tooMany';

const nothing: Amounts = new Map();
const claimName = ({ claim: { metadata } }: ClaimDemand) => `${metadata.namespace}/${metadata.name}`;

/**
 * Looks for devices for all claims of a pod on one node: each request takes the first device that does, and steps back
 * when a later one finds none. Source: structured/internal/…/allocator_*.go. Throws `NotHere` and `BadClaim`.
 */
export class Allocator {
  readonly #claims: readonly ClaimDemand[];
  readonly #pools: readonly NodePool[];
  readonly #use: DeviceUse;
  readonly #ids: Ids;
  readonly #constraints: readonly (readonly Constraint[])[];
  readonly #chosen: { readonly alternatives: DeviceDemand[]; readonly choices: Choice[] }[];
  /** For which claims a device is being taken right now. */
  readonly #taking = new Map<string, Set<number>>();
  readonly #sharing = new Map<string, Map<string, bigint>>();
  readonly #counters = new Map<Pool, PoolCounters>();
  /** By demand for all devices: those that are meant. */
  readonly #meant = new Map<DeviceDemand, readonly OfferedDevice[]>();
  #steps = 0;

  constructor(claims: readonly ClaimDemand[], pools: readonly NodePool[], use: DeviceUse, ids: Ids) {
    this.#claims = claims;
    this.#pools = pools;
    this.#use = use;
    this.#ids = ids;
    this.#constraints = claims.map(({ constraints }) => constraints.map(constraintOf));
    this.#chosen = claims.map(() => ({ alternatives: [], choices: [] }));
  }

  /** What each claim gets, in their order; undefined when they cannot all be had. */
  allocate(): readonly ChosenDevices[] | undefined {
    for (const [c, claim] of this.#claims.entries()) this.#checkSize(claim, c);
    if (this.#request(0, 0) === 'done') {
      return this.#claims.map((demand, c) => ({ demand, ...this.#chosen[c]! }));
    }
    if (this.#pools.some(({ pool }) => pool.invalid)) throw new NotHere('invalid resource pools were encountered');
    return undefined;
  }

  #checkSize(claim: ClaimDemand, c: number): void {
    let least = 0;
    for (const alternatives of claim.requests) {
      least += Math.min(...alternatives.map((demand) => (demand.all ? this.#allOf(c, demand).length : demand.count)));
    }
    if (least <= maxDevices) return;
    const text = `number of requested devices ${least} exceeds the claim limit of ${maxDevices}`;
    throw new BadClaim(`claim ${claimName(claim)}: ${text}`);
  }

  /** Every device that a demand for all of them means. */
  #allOf(c: number, demand: DeviceDemand): readonly OfferedDevice[] {
    let found = this.#meant.get(demand);
    if (found) return found;
    for (const { pool } of this.#pools) {
      const trouble = pool.incomplete ? 'being updated' : pool.invalid && 'invalid';
      if (!trouble) continue;
      const which = `claim ${claimName(this.#claims[c]!)}, request ${demand.name}`;
      throw new NotHere(`${which}: asks for all devices, but resource pool ${pool.id} is currently ${trouble}`);
    }
    found = this.#pools
      .flatMap(({ devices }) => devices)
      .filter((device) => this.#suits(c, demand, device) && demandOn(device, demand.capacity, this.#amounts(device)));
    this.#meant.set(demand, found);
    return found;
  }

  /** Everything from a request on. */
  #request(c: number, r: number): Outcome {
    const claim = this.#claims[c];
    if (!claim) return 'done';
    const alternatives = claim.requests[r];
    // Another way to allocate the claims before may leave this one with fewer devices.
    if (!alternatives) return this.#request(c + 1, 0) === 'done' ? 'done' : 'none';
    let allTooMany = true;
    for (const demand of alternatives) {
      this.#chosen[c]!.alternatives[r] = demand;
      const outcome = this.#device(c, r, demand, 0);
      if (outcome === 'done') return outcome;
      if (outcome !== 'tooMany') allTooMany = false;
    }
    return allTooMany ? 'tooMany' : 'none';
  }

  /** Everything from one device of a request on. */
  #device(c: number, r: number, demand: DeviceDemand, n: number): Outcome {
    const all = demand.all ? this.#allOf(c, demand) : undefined;
    if (all?.length === 0) return 'none';
    const wanted = all?.length ?? demand.count;
    if (n >= wanted) return this.#request(c, r + 1);
    if (this.#chosen[c]!.choices.length + wanted - n > maxDevices) return 'tooMany';
    for (const device of all ? [all[n]!] : this.#candidates(c, demand)) {
      if (++this.#steps > maxSteps) throw new NotHere('timed out trying to allocate all claims');
      if (!this.#free(c, demand, device)) continue;
      const undo = this.#take(c, demand, device);
      if (!undo) continue;
      const outcome = this.#device(c, r, demand, n + 1);
      if (outcome === 'done') return outcome;
      undo();
      if (outcome === 'tooMany') return outcome;
    }
    return 'none';
  }

  /** The devices that the demand may choose from, as they are asked for: most often the first will do. */
  *#candidates(c: number, demand: DeviceDemand): Iterable<OfferedDevice> {
    for (const { pool, devices } of this.#pools) {
      if (pool.incomplete || pool.invalid) continue;
      for (const device of devices) if (this.#free(c, demand, device) && this.#suits(c, demand, device)) yield device;
    }
  }

  #free(c: number, { adminAccess }: DeviceDemand, { id, device }: OfferedDevice): boolean {
    const taking = this.#taking.get(id);
    if (adminAccess) return device.allowMultipleAllocations || !taking?.has(c);
    return !this.#use.taken(id) && !taking?.size;
  }

  #suits(c: number, demand: DeviceDemand, device: OfferedDevice): boolean {
    const { selectors = [] } = demand.class.spec;
    return (
      this.#selected(selectors, device, () => `class ${demand.class.metadata.name}`) &&
      this.#selected(demand.selectors, device, () => `claim ${claimName(this.#claims[c]!)}`)
    );
  }

  #selected(selectors: DeviceDemand['selectors'], device: OfferedDevice, owner: () => string): boolean {
    return selectors.every((selector, i) => {
      try {
        return selects(selector, device);
      } catch (error) {
        if (!(error instanceof SelectorFailure)) throw error;
        throw new BadClaim(`${owner()}: selector #${i}: ${error.message}`);
      }
    });
  }

  /** What is used of a device that may be shared, including what is being taken. */
  #amounts({ id }: OfferedDevice): Amounts {
    const sharing = this.#sharing.get(id);
    const used = this.#use.amounts(id);
    if (!sharing) return used;
    const sum = new Map(used);
    for (const [name, amount] of sharing) sum.set(name, (sum.get(name) ?? 0n) + amount);
    return sum;
  }

  /** Takes a device, if nothing is against it; returns how to give it back. */
  #take(c: number, demand: DeviceDemand, offered: OfferedDevice): (() => void) | undefined {
    const { device, id, pool } = offered;
    if (tainted(demand, offered)) return undefined;
    const amounts = demandOn(
      offered,
      demand.capacity,
      device.allowMultipleAllocations ? this.#amounts(offered) : nothing,
    );
    if (!amounts) return undefined;
    const share = device.allowMultipleAllocations ? { id: this.#ids.uid(), amounts } : undefined;
    // A device in use by several has taken its counters with the first of them.
    const counters =
      device.consumesCounters && !(share && (this.#use.used(id) || this.#sharing.has(id))) && this.#countersOf(pool);
    if (counters && !counters.take(offered)) return undefined;
    if (!this.#constrain(c, demand, offered)) {
      if (counters) counters.give(offered);
      if (!demand.all) return undefined;
      const text = `cannot add device ${id} because a claim constraint would not be satisfied`;
      throw new BadClaim(`claim ${claimName(this.#claims[c]!)}, request ${demand.name}: ${text}`);
    }
    const { choices } = this.#chosen[c]!;
    choices.push({ demand, device: offered, ...(share && { share }) });
    if (share) this.#share(id, amounts, 1n);
    else this.#taking.set(id, (this.#taking.get(id) ?? new Set()).add(c));
    return () => {
      choices.pop();
      if (share) this.#share(id, amounts, -1n);
      else this.#taking.get(id)?.delete(c);
      for (const constraint of this.#constraints[c]!) constraint.remove(demand);
      if (counters) counters.give(offered);
    };
  }

  #share(id: string, amounts: Amounts, sign: bigint): void {
    const sums = this.#sharing.get(id) ?? new Map<string, bigint>();
    for (const [name, amount] of amounts) sums.set(name, (sums.get(name) ?? 0n) + sign * amount);
    if ([...sums.values()].some((sum) => sum > 0n)) this.#sharing.set(id, sums);
    else this.#sharing.delete(id);
  }

  #constrain(c: number, demand: DeviceDemand, device: OfferedDevice): boolean {
    const constraints = this.#constraints[c]!;
    const refused = constraints.findIndex((constraint) => !constraint.add(demand, device));
    if (refused < 0) return true;
    for (const constraint of constraints.slice(0, refused)) constraint.remove(demand);
    return false;
  }

  #countersOf(pool: Pool): PoolCounters {
    let counters = this.#counters.get(pool);
    if (!counters) this.#counters.set(pool, (counters = new PoolCounters(pool, this.#use)));
    return counters;
  }
}

/** Whether a taint of the device keeps the demand away. */
function tainted({ tolerations }: DeviceDemand, { device }: OfferedDevice): boolean {
  return (device.taints ?? []).some(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !tolerates(tolerations, taint),
  );
}

/** Devices for all claims of a pod on a node. */
export const allocate = (
  claims: readonly ClaimDemand[],
  pools: readonly NodePool[],
  use: DeviceUse,
  ids: Ids,
): readonly ChosenDevices[] | undefined => new Allocator(claims, pools, use, ids).allocate();
