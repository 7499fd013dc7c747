import { sameValue } from '../../api/object-meta.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
  PersistentVolumePhase,
  PersistentVolumeStatus,
} from '../../api/types/core-v1.gen.ts';
import { referenceTo } from '../../client/event-recorder.ts';
import {
  betaStorageProvisioner,
  bindCompleted,
  boundByController,
  migratedTo,
  storageProvisioner,
} from '../../resources/storage/volume-annotations.ts';
import { isBoundTo } from '../../resources/storage/volume-match.ts';
import type { Provisioner } from './provisioners.ts';

/**
 * The objects as a binding leaves them. Each function gives its argument back when it is already so, which means that
 * nothing need be written. Source: component-helpers GetBindVolumeToClaim and pv_controller.go.
 */

const yes = 'yes';

type Noted = { readonly metadata: PersistentVolume['metadata'] };

const noted = <T extends Noted>(object: T, ...names: readonly string[]): T => {
  const annotations = { ...object.metadata.annotations, ...Object.fromEntries(names.map((name) => [name, yes])) };
  return { ...object, metadata: { ...object.metadata, annotations } };
};

/** The volume, bound to the claim. A choice that was not its user's is marked as the controller's. */
export function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  if (isBoundTo(volume, claim) && volume.spec?.claimRef?.uid === claim.metadata.uid) return volume;
  const bound = { ...volume, spec: { ...volume.spec, claimRef: referenceTo(claim) } };
  return isBoundTo(volume, claim) ? bound : noted(bound, boundByController);
}

/** The claim, bound to the volume. */
export function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim {
  const volumeName = volume.metadata.name!;
  const chosen = claim.spec?.volumeName === volumeName;
  if (chosen && claim.metadata.annotations?.[bindCompleted] !== undefined) return claim;
  const bound = { ...claim, spec: { ...claim.spec, volumeName } };
  return chosen ? noted(bound, bindCompleted) : noted(bound, bindCompleted, boundByController);
}

/** The volume with its binding taken back: one that its user meant for a claim is still meant for it. */
export function unboundVolume(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec ?? {};
  const { [boundByController]: mark, ...annotations } = volume.metadata.annotations ?? {};
  if (mark !== undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _, ...meant } = claimRef ?? {};
  return { ...volume, spec: { ...spec, claimRef: meant } };
}

/** The claim, addressed to who is to make its volume. */
export function addressedClaim(claim: PersistentVolumeClaim, { name, migrated }: Provisioner): PersistentVolumeClaim {
  const { [migratedTo]: _, ...annotations } = claim.metadata.annotations ?? {};
  if (annotations[storageProvisioner] === name) return claim;
  const added = { [betaStorageProvisioner]: name, [storageProvisioner]: name, ...(migrated && { [migratedTo]: name }) };
  return { ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, ...added } } };
}

/** The status of a claim that has no volume. */
export function unboundStatus(
  { status }: PersistentVolumeClaim,
  phase: 'Pending' | 'Lost',
): PersistentVolumeClaimStatus | undefined {
  const { accessModes, capacity, ...rest } = status ?? {};
  if (rest.phase === phase && !accessModes && !capacity) return status;
  return { ...rest, phase };
}

/** The status of a bound claim. Its capacity is the volume's when it becomes bound; after that it is the resizer's business. */
export function boundStatus(
  { status }: PersistentVolumeClaim,
  { spec }: PersistentVolume,
): PersistentVolumeClaimStatus {
  const accessModes = spec?.accessModes ?? [];
  const first = status?.phase !== 'Bound';
  const attributes = spec?.volumeAttributesClassName;
  const next = {
    ...status,
    phase: 'Bound' as const,
    accessModes,
    ...(first && { capacity: { storage: spec?.capacity?.['storage'] ?? '0' } }),
    ...(first && attributes && { currentVolumeAttributesClassName: attributes }),
  };
  return sameValue(next, status) ? status! : next;
}

/** The status of a volume in a phase; the message is why it has failed. */
export function volumeStatus(
  { status }: PersistentVolume,
  phase: PersistentVolumePhase,
  message = '',
): PersistentVolumeStatus | undefined {
  if (status?.phase === phase) return status;
  const { message: _, ...rest } = status ?? {};
  return { ...rest, phase, ...(message && { message }) };
}
