import type { Mutable } from '../../api/object.ts';
import type { PersistentVolumeClaimSpec } from '../../api/types/core-v1.gen.ts';

/** Defaults of a claim's spec, on its own and in templates. */
export function claimSpecDefaults(spec: Mutable<PersistentVolumeClaimSpec>): void {
  spec.volumeMode ??= 'Filesystem';
}
