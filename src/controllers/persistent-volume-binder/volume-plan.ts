import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { annotated, provisionedBy } from '../../resources/storage/volume-annotations.ts';
import { sameVolumeMode } from '../../resources/storage/volume-match.ts';

/** The next step for a volume. */
export type VolumeStep =
  /** It is nobody's, or kept for a claim that has not taken it. */
  | { readonly step: 'available' }
  | { readonly step: 'bound' }
  /** Its claim has not been told of it yet: the claim's own turn finishes the binding. */
  | { readonly step: 'finish' }
  /** It names a claim that cannot use it. */
  | { readonly step: 'mismatch'; readonly claim: PersistentVolumeClaim }
  /** Its claim has got another volume: the binding is taken back. */
  | { readonly step: 'unbind' }
  /** Its claim is gone, or has no need of it: what becomes of it is its reclaim policy's business. */
  | { readonly step: 'release' };

/** What is to be done with a volume; `claim` is the one of the name in its claimRef. Source: pv_controller.go syncVolume. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeStep {
  const ref = volume.spec?.claimRef;
  if (!ref?.uid) return { step: 'available' };
  if (!claim || claim.metadata.uid !== ref.uid) return { step: 'release' };
  const has = claim.spec?.volumeName;
  if (!has) return sameVolumeMode(volume, claim) ? { step: 'finish' } : { step: 'mismatch', claim };
  if (has === volume.metadata.name) return { step: 'bound' };
  // Made for this claim, which has got another one: nobody else is to have it.
  const surplus = annotated(volume, provisionedBy) && volume.spec?.persistentVolumeReclaimPolicy === 'Delete';
  return { step: surplus ? 'release' : 'unbind' };
}
