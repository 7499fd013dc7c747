import { placeOfClaim } from './claim-place.ts';
import type { VolumeType } from './volume-type.ts';

/** The volume that a claim of the pod's namespace has. */
export const persistentVolumeClaim: VolumeType = { type: 'persistentVolumeClaim', place: placeOfClaim };
