import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import { provisionedBy } from '../../resources/storage/volume-annotations.ts';
import { folderFinalizer, provisioner } from './provision-plan.ts';

/** What is to be done with a volume that this provisioner has made. */
export type ReclaimStep =
  /** Nothing. */
  | 'keep'
  /** Let it go without its folder: its policy is not to delete it. */
  | 'let-go'
  /** Hold it until its folder is gone. */
  | 'hold'
  /** Remove its folder, then the volume. */
  | 'delete';

/** Source: sig-storage-lib-external-provisioner shouldDelete and handleProtectionFinalizer (HonorPVReclaimPolicy). */
export function reclaimStep({ metadata, spec, status }: PersistentVolume): ReclaimStep {
  if (metadata.annotations?.[provisionedBy] !== provisioner) return 'keep';
  const held = metadata.finalizers?.includes(folderFinalizer) ?? false;
  const going = metadata.deletionTimestamp !== undefined;
  if (spec?.persistentVolumeReclaimPolicy !== 'Delete') return held ? 'let-go' : 'keep';
  // Without the finalizer a volume that is going has been dealt with.
  if (going && !held) return 'keep';
  if (status?.phase === 'Released' || (going && !spec.claimRef)) return 'delete';
  return held ? 'keep' : 'hold';
}
