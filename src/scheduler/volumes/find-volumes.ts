import { inTopology } from '../../api/node-selector.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { CSIStorageCapacity, StorageClass } from '../../api/types/storage-v1.gen.ts';
import { selectedNode } from '../../resources/storage/volume-annotations.ts';
import { candidateVolumes, firstFree, reaches, requestOf } from '../../resources/storage/volume-match.ts';
import type { NodeSlot } from '../state/node-table.ts';
import { roomFor } from './storage-capacity.ts';

/** Whether the volumes of a pod can be had on a node. Source: volumebinding/binder.go (FindPodVolumes). */

export const nodeConflict = "node(s) didn't match PersistentVolume's node affinity";
export const bindConflict = "node(s) didn't find available persistent volumes to bind";
export const notEnoughSpace = 'node(s) did not have enough free storage';
export const volumeGone = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** A class that makes no volumes. */
const noProvisioner = 'kubernetes.io/no-provisioner';

/** A claim that waits for its first consumer. */
export interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly class: StorageClass;
  /** The volumes that would do, wherever they are, the best first. */
  readonly candidates: readonly PersistentVolume[];
  /** What the provisioner says of the room it has; undefined where it does not say. */
  readonly capacities: readonly CSIStorageCapacity[] | undefined;
}

/** The volumes a pod asks for, as far as no node has a part in it. */
export interface PodDemands {
  /** The volumes of bound claims; undefined for one that is gone. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** The smallest request first, so that each gets the smallest volume that fits. */
  readonly waiting: readonly WaitingClaim[];
}

export interface Provision {
  readonly claim: PersistentVolumeClaim;
  /** Where there is room for it, if that is known. */
  readonly room: CSIStorageCapacity | undefined;
}

/** How the waiting claims of a pod get volumes on one node. */
export interface PodVolumes {
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisions: readonly Provision[];
}

/** Compiles the claims that wait; `volumes` are those of a class. */
export function waitingClaims(
  claims: readonly Omit<WaitingClaim, 'candidates'>[],
  volumes: (className: string) => Iterable<PersistentVolume>,
): WaitingClaim[] {
  return claims
    .map((waiting) => {
      const { claim, class: of } = waiting;
      // Once a node is selected the claim is the provisioner's.
      const free = claim.metadata.annotations?.[selectedNode] === undefined;
      return { ...waiting, candidates: free ? candidateVolumes(claim, volumes(of.metadata.name ?? '')) : [] };
    })
    .sort((a, b) => compareQuantities(requestOf(a.claim), requestOf(b.claim)));
}

/** How the pod gets its volumes on a node, or the reasons why it does not. */
export function volumesOn({ bound, waiting }: PodDemands, node: NodeSlot): PodVolumes | readonly string[] {
  const reasons: string[] = [];
  const gone = bound.indexOf(undefined);
  const out = bound.findIndex((volume) => volume && !reaches(volume, node.labels));
  if (out >= 0 && (gone < 0 || out < gone)) reasons.push(nodeConflict);
  const found = waiting.length > 0 ? forWaiting(waiting, node) : { bindings: [], provisions: [] };
  if (typeof found === 'string') reasons.push(found);
  if (gone >= 0 && (out < 0 || gone < out)) reasons.push(volumeGone);
  return typeof found === 'string' || reasons.length > 0 ? reasons : found;
}

function forWaiting(waiting: readonly WaitingClaim[], node: NodeSlot): PodVolumes | string {
  const excluded = new Set<string>();
  const bindings: PodVolumes['bindings'][number][] = [];
  const provisions: Provision[] = [];
  for (const { claim } of waiting) {
    const selected = claim.metadata.annotations?.[selectedNode];
    if (selected !== undefined && selected !== node.name) return bindConflict;
  }
  for (const { claim, class: of, candidates, capacities } of waiting) {
    const volume = firstFree(candidates, { node: node.labels, excluded });
    if (volume) {
      excluded.add(volume.metadata.name ?? '');
      bindings.push({ claim, volume });
      continue;
    }
    if (!of.provisioner || of.provisioner === noProvisioner) return bindConflict;
    if (!inTopology(of.allowedTopologies, node)) return bindConflict;
    const room = capacities && roomFor(claim, capacities, node);
    if (capacities && !room) return notEnoughSpace;
    provisions.push({ claim, room });
  }
  return { bindings, provisions };
}
