import {
  csiDrivers,
  csiStorageCapacities,
  nodes as nodesRef,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from '../../api/kinds.gen.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { CSIStorageCapacity, StorageClass } from '../../api/types/storage-v1.gen.ts';
import { type IndexFunction, indexBy } from '../../client/index-map.ts';
import type { Informers } from '../../client/informers.ts';
import { foreignClaim } from '../../resources/storage/pod-claims.ts';
import { claimClass, volumeClass } from '../../resources/storage/volume-match.ts';
import type { ShapePoint, VolumeBindingArgs } from '../config/types.ts';
import { volumeBindingEvents } from '../hints/volume-binding.ts';
import { oncePer } from '../once-per.ts';
import {
  type NodeFilter,
  type PluginDescriptor,
  PluginError,
  type PluginHandle,
  type Refusal,
  type Reservation,
  refusal,
  type Slots,
} from '../plugin.ts';
import type { NodeTable } from '../state/node-table.ts';
import type { PodInfo } from '../state/pod-info.ts';
import { AssumeCache } from '../volumes/assume-cache.ts';
import { type BindingTools, bindVolumes, decide } from '../volumes/bind-volumes.ts';
import { capacityScore } from '../volumes/capacity-score.ts';
import { claimsOf, fullyBound } from '../volumes/claims.ts';
import {
  type PodDemands,
  type PodVolumes,
  volumesOn,
  type WaitingClaim,
  waitingClaims,
} from '../volumes/find-volumes.ts';
import { capacitiesByClass } from '../volumes/storage-capacity.ts';

const defaultTimeout = 600;

const volumesByClass: IndexFunction<PersistentVolume> = indexBy('class', volumeClass);

const assumedClaims = oncePer(
  (informers: Pick<Informers, 'of'>) => new AssumeCache(informers.of(persistentVolumeClaims)),
);
const assumedVolumes = oncePer((informers: Pick<Informers, 'of'>) => new AssumeCache(informers.of(persistentVolumes)));

const unboundImmediate = refusal('pod has unbound immediate PersistentVolumeClaims', true);

/**
 * Volumes must reach the node: those of bound claims, and for claims that wait for their first consumer one that can be
 * bound or made there. Decides which, and has it done before the pod is bound. Source: plugins/volumebinding.
 */
class VolumeBinder {
  readonly #claims: AssumeCache<PersistentVolumeClaim>;
  readonly #volumes: AssumeCache<PersistentVolume>;
  readonly #tools: BindingTools;
  readonly #class: (name: string) => StorageClass | undefined;
  readonly #capacities: (of: StorageClass) => readonly CSIStorageCapacity[] | undefined;
  readonly #timeout: number;
  readonly #shape: readonly ShapePoint[] | undefined;
  /** Until the pod has a node, or is tried again. */
  readonly #demanded = new WeakMap<PodInfo, PodDemands>();

  constructor({ informers, client, clock }: PluginHandle, args: Partial<VolumeBindingArgs>) {
    const [claims, volumes] = [informers.of(persistentVolumeClaims), informers.of(persistentVolumes)];
    const [classes, drivers, capacities] = [
      informers.of(storageClasses),
      informers.of(csiDrivers),
      informers.of(csiStorageCapacities),
    ];
    this.#claims = assumedClaims(informers);
    this.#volumes = assumedVolumes(informers);
    this.#tools = { client, clock, claims, volumes, nodes: informers.of(nodesRef) };
    this.#class = (name) => classes.get(name);
    this.#capacities = ({ metadata, provisioner }) =>
      drivers.get(provisioner)?.spec.storageCapacity
        ? capacities.by(capacitiesByClass, metadata.name ?? '')
        : undefined;
    this.#timeout = (args.bindTimeoutSeconds ?? defaultTimeout) * 1000;
    this.#shape = args.shape;
  }

  filter(pod: PodInfo, nodes: NodeTable): NodeFilter | Refusal | undefined {
    if (claimsOf(pod).length === 0) return undefined;
    this.#demanded.delete(pod);
    const demands = this.#demands(pod);
    if ('reasons' in demands) return demands;
    this.#demanded.set(pod, demands);
    return (slot) => {
      const found = volumesOn(demands, nodes.slots[slot]!);
      return isVolumes(found) ? undefined : { reasons: found, unresolvable: true };
    };
  }

  score(pod: PodInfo, nodes: NodeTable, feasible: Slots): Float64Array | undefined {
    const shape = this.#shape;
    const demands = this.#demanded.get(pod);
    if (!shape || !demands?.waiting.length) return undefined;
    return Float64Array.from(feasible, (slot) => {
      const found = volumesOn(demands, nodes.slots[slot]!);
      return isVolumes(found) ? capacityScore(found, shape) : 0;
    });
  }

  reserve(pod: PodInfo, slot: number, nodes: NodeTable): Reservation | undefined {
    const demands = this.#demanded.get(pod);
    this.#demanded.delete(pod);
    if (!demands?.waiting.length) return undefined;
    const node = nodes.slots[slot]!;
    const found = volumesOn(demands, node);
    if (!isVolumes(found)) throw new PluginError(`running Reserve plugin "VolumeBinding": ${found.join(', ')}`);
    const decisions = decide(found, node.name);
    for (const { volume } of decisions.bindings) this.#volumes.assume(volume);
    for (const claim of decisions.provisions) this.#claims.assume(claim);
    return {
      unreserve: () => {
        for (const { volume } of decisions.bindings) this.#volumes.restore(volume);
        for (const claim of decisions.provisions) this.#claims.restore(claim);
      },
      preBind: (signal) => bindVolumes(this.#tools, decisions, this.#timeout, signal),
    };
  }

  /** What the pod asks for, or why it can be had nowhere (podHasPVCs and GetPodVolumeClaims). */
  #demands(pod: PodInfo): PodDemands | Refusal {
    const claims: PersistentVolumeClaim[] = [];
    for (const { name, ephemeral } of claimsOf(pod)) {
      const claim = this.#claims.get(`${pod.namespace}/${name}`);
      const trouble = claimTrouble(pod, claim, name, ephemeral);
      if (trouble !== undefined) return refusal(trouble, true);
      claims.push(claim!);
    }
    const bound: (PersistentVolume | undefined)[] = [];
    const waiting: Omit<WaitingClaim, 'candidates'>[] = [];
    for (const claim of claims) {
      if (fullyBound(claim)) {
        bound.push(this.#volumes.get(claim.spec?.volumeName ?? ''));
        continue;
      }
      const of = this.#class(claimClass(claim));
      if (claim.spec?.volumeName || of?.volumeBindingMode !== 'WaitForFirstConsumer') return unboundImmediate;
      waiting.push({ claim, class: of, capacities: this.#capacities(of) });
    }
    const ofClass = (name: string) => this.#volumes.over(this.#volumes.informer.by(volumesByClass, name));
    return { bound, waiting: waitingClaims(waiting, ofClass) };
  }
}

function isVolumes(found: PodVolumes | readonly string[]): found is PodVolumes {
  return !Array.isArray(found);
}

/** Why a claim cannot be used by the pod; undefined when it can. */
function claimTrouble(
  pod: PodInfo,
  claim: PersistentVolumeClaim | undefined,
  name: string,
  ephemeral: boolean,
): string | undefined {
  if (!claim) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  return ephemeral ? foreignClaim(pod.pod, claim) : undefined;
}

export const volumeBinding: PluginDescriptor = {
  name: 'VolumeBinding',
  build(handle, args) {
    const binder = new VolumeBinder(handle, (args as VolumeBindingArgs | undefined) ?? {});
    return {
      name: 'VolumeBinding',
      weight: 1,
      events: volumeBindingEvents,
      filter: (pod, nodes) => binder.filter(pod, nodes),
      score: (pod, nodes, feasible) => binder.score(pod, nodes, feasible),
      reserve: (pod, slot, nodes) => binder.reserve(pod, slot, nodes),
    };
  },
};
