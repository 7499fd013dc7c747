import { placeOfClaim } from './claim-place.ts';
import type { VolumeType } from './volume-type.ts';

/** The volume of a claim that is made for the pod and goes with it. */
export const ephemeral: VolumeType = { type: 'ephemeral', place: placeOfClaim };
