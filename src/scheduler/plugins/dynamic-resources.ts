import { cel } from '../../api/cel/cel.ts';
import { durationMs } from '../../api/duration.ts';
import { deviceClasses, deviceTaintRules, resourceClaims, resourceSlices } from '../../api/kinds.gen.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import type { DeviceTaintRule } from '../../api/types/resource-v1beta2.gen.ts';
import type { IndexFunction } from '../../client/index-map.ts';
import { byController, type Informer } from '../../client/informer.ts';
import type { Informers } from '../../client/informers.ts';
import { isExtendedClaim } from '../../resources/resource/extended-classes.ts';
import { canBeReserved, claimNameOf, isClaimOf, isReservedFor } from '../../resources/resource/pod-claims.ts';
import { slicesByPool } from '../../resources/resource/slice-pools.ts';
import type { DynamicResourcesArgs } from '../config/types.ts';
import { allocationOf, type ChosenDevices } from '../devices/allocation.ts';
import { type ClaimTools, deallocate, deleteClaim } from '../devices/bind-claims.ts';
import { ClaimLedger } from '../devices/claim-ledger.ts';
import { claimDemand, NoSuchClass } from '../devices/demands.ts';
import { extendedClaim, extendedRequests } from '../devices/extended-claim.ts';
import { type ExtendedClasses, extendedClassesOf, isLackedBy } from '../devices/extended-classes.ts';
import { type DeviceWorld, type ExtendedDemand, type ExtendedOn, PodDevices } from '../devices/pod-devices.ts';
import { PodReservation } from '../devices/pod-reservation.ts';
import { Pools } from '../devices/pools.ts';
import { readiness } from '../devices/readiness.ts';
import { dynamicResourcesEvents } from '../hints/dynamic-resources.ts';
import { oncePer } from '../once-per.ts';
import {
  greatestBest,
  type NodeFilter,
  type PluginDescriptor,
  type PluginHandle,
  type Refusal,
  type Remedy,
  type Reservation,
  refusal,
  type Slots,
} from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';

/** The most alternatives a request may have (FirstAvailableDeviceRequestMaxSize). */
const maxAlternatives = 8;

const leftover = refusal('cannot schedule extended resource claim', true);

const ledgerOf = oncePer((informers: Pick<Informers, 'of'>) => new ClaimLedger(informers.of(resourceClaims)));
const poolsOf = oncePer((informers: PluginHandle['informers']) => {
  const slices = informers.of(resourceSlices).index(slicesByPool);
  const rules = informers.serves(deviceTaintRules) ? informers.of(deviceTaintRules) : undefined;
  const pools = new Pools(
    (id) => slices.by(slicesByPool, id),
    () => rules?.list() ?? [],
  );
  const changed = (slice: ResourceSlice) => pools.changed(slice);
  slices.on({
    added: changed,
    updated: (old, slice) => {
      changed(old);
      changed(slice);
    },
    deleted: changed,
  });
  const ruled = (rule: DeviceTaintRule) => pools.ruled(rule);
  rules?.on({
    added: ruled,
    updated: (old, rule) => {
      ruled(old);
      ruled(rule);
    },
    deleted: ruled,
  });
  return pools;
});

/**
 * Gives the claims of pods the devices that drivers offer. Source: plugins/dynamicresources. A search that takes too long
 * ends after so many steps, not after filterTimeout.
 */
class DynamicResources {
  readonly #claims: Informer<ResourceClaim>;
  readonly #classes: Informer<DeviceClass>;
  readonly #ledger: ClaimLedger;
  readonly #extended: ExtendedClasses;
  readonly #world: DeviceWorld;
  readonly #tools: ClaimTools;
  readonly #bindingTimeout: number;
  /** Until the pod has a node, or is tried again. */
  readonly #devices = new WeakMap<PodInfo, PodDevices>();

  constructor({ informers, client, clock, ids }: PluginHandle, args: Partial<DynamicResourcesArgs>) {
    this.#claims = informers.of(resourceClaims);
    this.#classes = informers.of(deviceClasses);
    this.#ledger = ledgerOf(informers);
    this.#extended = extendedClassesOf(informers);
    this.#world = { pools: poolsOf(informers), use: this.#ledger.use, ids };
    this.#tools = { client, clock, claims: this.#claims };
    this.#bindingTimeout = durationMs(args.bindingTimeout ?? '10m0s');
  }

  /** Selectors need CEL. Those that come later have it loaded when the API server takes them. */
  prepare(): Promise<void> | undefined {
    return this.#classes.size > 0 ? cel.ready() : undefined;
  }

  gate(pod: PodInfo): boolean {
    return Boolean(pod.pod.spec?.resourceClaims?.length) && typeof this.#claimsOf(pod) === 'string';
  }

  filter(pod: PodInfo, nodes: NodeTable): NodeFilter | Refusal | undefined {
    const resources = this.#extended.among(pod.demand);
    if (!pod.pod.spec?.resourceClaims?.length && resources.length === 0) return undefined;
    this.#devices.delete(pod);
    const claims = this.#claimsOf(pod);
    if (typeof claims === 'string') return refusal(claims, true);
    if (claims.length === 0 && resources.length === 0) return undefined;
    if (resources.length > 0 && this.#leftover(pod)) return () => leftover;
    const devices = this.#compile(pod, claims, resources);
    if ('reasons' in devices) return devices;
    this.#devices.set(pod, devices);
    return (slot) => devices.judge(slot, nodes.slots[slot]!);
  }

  /** Nodes where more of the preferred alternatives are to be had score more. */
  score(pod: PodInfo, feasible: Slots): Float64Array | undefined {
    const devices = this.#devices.get(pod);
    if (!devices?.hasChoices) return undefined;
    const ranked = (slot: number) => devices.chosenOn(slot).reduce((sum, chosen) => sum + rank(chosen), 0);
    const scores = Float64Array.from(feasible, ranked);
    greatestBest(scores);
    return scores;
  }

  postFilter(pod: PodInfo): Remedy {
    const old = this.#leftover(pod);
    if (old) return { message: 'deletion of ResourceClaim completed', work: () => deleteClaim(this.#tools, old) };
    // Pods without claims are told so, too.
    const devices = this.#devices.get(pod);
    if (!devices) return { message: 'no new claims to deallocate' };
    for (const claim of devices.unavailable) {
      const users = claim.status?.reservedFor ?? [];
      if (users.some(({ uid }) => uid !== pod.uid)) continue;
      const work = (signal: AbortSignal) => deallocate(this.#tools, claim, signal);
      return { message: 'deallocation of ResourceClaim completed', work };
    }
    return { message: 'still not schedulable' };
  }

  reserve(pod: PodInfo, slot: number, nodes: NodeTable): Reservation | undefined {
    const devices = this.#devices.get(pod);
    this.#devices.delete(pod);
    const chosen = devices?.chosenOn(slot) ?? [];
    if (!devices || (devices.claims.length === 0 && chosen.length === 0)) return undefined;
    const node = nodes.slots[slot]!;
    const allocations = new Map(chosen.map((one) => [one.demand.claim, allocationOf(one, node.name)] as const));
    const claims = new Set([...devices.claims, ...allocations.keys()]);
    const allocated = { pod, claims: [...claims], allocations, mappings: devices.mappingsOn(node) };
    return new PodReservation(this.#tools, this.#ledger, allocated, this.#bindingTimeout);
  }

  /** The claims of a pod, or why there are not all of them yet. */
  #claimsOf({ pod, namespace, name }: PodInfo): readonly ResourceClaim[] | string {
    const found: ResourceClaim[] = [];
    for (const entry of pod.spec?.resourceClaims ?? []) {
      const of = claimNameOf(pod, entry);
      if (!of) return `pod "${namespace}/${name}": ResourceClaim not created yet`;
      if (of === 'none') continue;
      const claim = this.#claims.get(`${namespace}/${of.name}`);
      if (!claim) return `resourceclaim.resource.k8s.io "${of.name}" not found`;
      if (claim.metadata.deletionTimestamp) return `resourceclaim "${of.name}" is being deleted`;
      if (of.generated && !isClaimOf(claim, pod)) {
        return `ResourceClaim ${namespace}/${of.name} was not created for pod ${namespace}/${name} (pod is not owner)`;
      }
      found.push(claim);
    }
    return found;
  }

  /** The claim for extended resources of a pod that was not bound after all: what it has may be the wrong thing by now. */
  #leftover({ uid, demand }: PodInfo): ResourceClaim | undefined {
    if (demand.scalars.size === 0) return undefined;
    return this.#claims.by(byController as IndexFunction<ResourceClaim>, uid).find(isExtendedClaim);
  }

  /** What of a pod's extended resources devices stand for, by node: each may have some of them of its own. */
  #extendedOn(pod: PodInfo, resources: readonly string[]): ExtendedOn {
    const classOf = (resource: string) => this.#extended.of(resource)?.metadata.name ?? '';
    const known = new Map<string, ExtendedDemand | undefined>();
    return (node) => {
      const lacking = resources.filter((resource) => isLackedBy(node, resource));
      const id = lacking.join();
      if (!known.has(id)) {
        const { requests, mappings } = extendedRequests(pod.pod, lacking, classOf);
        const demand = claimDemand(extendedClaim(pod, requests), (name) => this.#classes.get(name));
        known.set(id, requests.length > 0 ? { demand, mappings } : undefined);
      }
      return known.get(id);
    };
  }

  #compile(pod: PodInfo, claims: readonly ResourceClaim[], resources: readonly string[]): PodDevices | Refusal {
    const { clock } = this.#tools;
    const open = claims.filter(({ status }) => !status?.allocation);
    for (const claim of claims) {
      const { namespace, name } = claim.metadata;
      if (claim.status?.allocation && !isReservedFor(claim, pod.pod) && !canBeReserved(claim)) {
        return refusal('resourceclaim in use', true);
      }
      if (!claim.status?.allocation && this.#ledger.pending(claim)) {
        return refusal(`resource claim ${namespace}/${name} is in the process of being allocated`, true);
      }
    }
    const failed = claims.filter((claim) => typeof readiness(claim, clock.wall(), this.#bindingTimeout) === 'object');
    try {
      const demands = open.map((claim) => claimDemand(claim, (name) => this.#classes.get(name)));
      const devices = new PodDevices(claims, demands, this.#world, this.#extendedOn(pod, resources));
      if (failed.length === 0) return devices;
      for (const claim of failed) devices.unavailable.add(claim);
      this.#devices.set(pod, devices);
      return refusal('resourceclaim must be reallocated', true);
    } catch (error) {
      if (error instanceof NoSuchClass) return refusal(error.message, true);
      throw error;
    }
  }
}

/** The more of its first choices a claim gets, the more. */
function rank({ demand, alternatives }: ChosenDevices): number {
  return demand.requests.reduce((sum, choices, r) => {
    const index = choices.indexOf(alternatives[r]!);
    return choices.length > 1 ? sum + maxAlternatives - index : sum;
  }, 0);
}

export const dynamicResources: PluginDescriptor = {
  name: 'DynamicResources',
  build(handle, args) {
    const devices = new DynamicResources(handle, (args as DynamicResourcesArgs | undefined) ?? {});
    return {
      name: 'DynamicResources',
      weight: 2,
      events: dynamicResourcesEvents,
      prepare: () => devices.prepare(),
      gate: (pod) => devices.gate(pod),
      filter: (pod, nodes) => devices.filter(pod, nodes),
      score: (pod, _, feasible) => devices.score(pod, feasible),
      postFilter: (pod) => devices.postFilter(pod),
      reserve: (pod, slot, nodes) => devices.reserve(pod, slot, nodes),
    };
  },
};
