import { nodeSelector } from '../../api/node-selector.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { type Labels, labelSelectorOf } from '../../api/selector.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from '../../api/types/core-v1.gen.ts';
import { legacyStorageClass } from '../access-modes.ts';

/**
 * Which persistent volume fits which claim: what the volume binder and the scheduler must agree on.
 * Source: component-helpers `storage/volume` (FindMatchingVolume and its helpers).
 */

/** The class a claim asks for; "" is none. */
export const claimClass = (claim: PersistentVolumeClaim): string =>
  legacyStorageClass(claim) ?? claim.spec?.storageClassName ?? '';

/** The class a volume belongs to; "" is none. */
export const volumeClass = (volume: PersistentVolume): string =>
  legacyStorageClass(volume) ?? volume.spec?.storageClassName ?? '';

/** Whether the volume names this claim as its own: bound to it, or meant for it from the start. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec?.claimRef;
  const { name, namespace, uid } = claim.metadata;
  if (!ref || ref.name !== name || ref.namespace !== namespace) return false;
  return !ref.uid || ref.uid === uid;
}

/** Whether the volume can be used on a node with these labels (CheckNodeAffinity). */
export function reaches(volume: PersistentVolume, labels: Labels): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  return !required || nodeSelector(required)({ name: '', labels });
}

/** Whether the volume can be mounted in every way the claim asks for. */
export function offersModes(volume: PersistentVolume, spec: PersistentVolumeClaimSpec | undefined): boolean {
  const offered = volume.spec?.accessModes ?? [];
  return (spec?.accessModes ?? []).every((mode) => offered.includes(mode));
}

/** Whether both are file systems, or both are block devices. */
export const sameVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem');

export const sameAttributesClass = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeAttributesClassName || '') === (claim.spec?.volumeAttributesClassName || '');

export const capacityOf = (volume: PersistentVolume): string => volume.spec?.capacity?.['storage'] ?? '0';
export const requestOf = (claim: PersistentVolumeClaim): string => claim.spec?.resources?.requests?.['storage'] ?? '0';

export interface MatchOptions {
  /** The node to be, by its labels: the volume must reach it. Undefined where the node does not matter (yet). */
  readonly node?: Labels;
  /** Names of volumes that are spoken for. */
  readonly excluded?: ReadonlySet<string>;
  /** Only a volume that names the claim counts: the scheduler chooses among the others (WaitForFirstConsumer). */
  readonly onlyBound?: boolean;
}

/**
 * The volumes an unbound claim may have, wherever they are, the best first: the one that names it and no other, or else
 * the available ones that are large enough, by size.
 */
export function candidateVolumes(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  onlyBound = false,
): readonly PersistentVolume[] {
  const wanted = parseQuantity(requestOf(claim)).nano;
  const suits = suitor(claim);
  const found: { readonly volume: PersistentVolume; readonly size: bigint }[] = [];
  for (const volume of volumes) {
    const bound = isBoundTo(volume, claim);
    if (volume.spec?.claimRef && !bound) continue;
    if (volume.metadata.deletionTimestamp || !sameVolumeMode(volume, claim) || !sameAttributesClass(volume, claim)) {
      continue;
    }
    const size = parseQuantity(capacityOf(volume)).nano;
    if (size < wanted) continue;
    if (bound) return [volume];
    if (!onlyBound && suits(volume)) found.push({ volume, size });
  }
  return found.sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0)).map(({ volume }) => volume);
}

/** The first candidate that is not spoken for and reaches the node. */
export function firstFree(
  candidates: readonly PersistentVolume[],
  { node, excluded }: Omit<MatchOptions, 'onlyBound'>,
): PersistentVolume | undefined {
  return candidates.find(
    (volume) => !excluded?.has(volume.metadata.name ?? '') && (node === undefined || reaches(volume, node)),
  );
}

/**
 * The volume for an unbound claim: the one that names it, or else the smallest available one that is large enough.
 * Undefined when there is none, or when the one that names it does not reach the node.
 */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { onlyBound, ...free }: MatchOptions = {},
): PersistentVolume | undefined {
  return firstFree(candidateVolumes(claim, volumes, onlyBound), free);
}

/** What a claim asks of a volume that does not name it, beyond size. */
function suitor(claim: PersistentVolumeClaim): (volume: PersistentVolume) => boolean {
  const selector = claim.spec?.selector && labelSelectorOf(claim.spec.selector);
  const wanted = claimClass(claim);
  return (volume) =>
    volume.status?.phase === 'Available' &&
    volumeClass(volume) === wanted &&
    (!selector || selector.matches(volume.metadata.labels)) &&
    offersModes(volume, claim.spec);
}

/**
 * As `matchingVolume`, but of the volumes that offer the claim's access modes those that offer the fewest go first, so
 * that a volume that can do more is kept for who needs it (upstream's persistentVolumeOrderedIndex). For the binder.
 */
export function leastCapableVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const byModes = new Map<number, PersistentVolume[]>();
  for (const volume of volumes) {
    if (!offersModes(volume, claim.spec)) continue;
    const count = new Set(volume.spec?.accessModes).size;
    const group = byModes.get(count);
    if (group) group.push(volume);
    else byModes.set(count, [volume]);
  }
  for (const count of [...byModes.keys()].sort((a, b) => a - b)) {
    const match = matchingVolume(claim, byModes.get(count)!, options);
    if (match) return match;
  }
  return undefined;
}
