import { compareQuantities } from '../../api/quantity.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from '../../api/types/core-v1.gen.ts';
import { timestamp } from '../../base/clock.ts';
import { provisionedBy } from '../../resources/storage/volume-annotations.ts';
import { requestOf } from '../../resources/storage/volume-match.ts';
import { provisioner } from './provision-plan.ts';

/** Conditions of a claim that is growing. */
const growing = new Set(['Resizing', 'FileSystemResizePending']);

/** Whether the claim wants more than it has, of a volume that this provisioner has made. */
export function wantsGrowth(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): boolean {
  if (claim.status?.phase !== 'Bound' || volume?.spec?.claimRef?.uid !== claim.metadata.uid) return false;
  if (volume?.metadata.annotations?.[provisionedBy] !== provisioner) return false;
  return compareQuantities(requestOf(claim), claim.status.capacity?.['storage'] ?? '0') > 0;
}

/** The status while the volume grows. Source: external-resizer, markControllerResizeInProgress. */
export function resizingStatus(claim: PersistentVolumeClaim, now: number): PersistentVolumeClaimStatus {
  const { conditions = [], ...rest } = claim.status ?? {};
  return {
    ...rest,
    conditions: [
      ...conditions.filter(({ type }) => !growing.has(type)),
      { type: 'Resizing', status: 'True', lastTransitionTime: timestamp(now) },
    ],
    allocatedResources: { ...rest.allocatedResources, storage: requestOf(claim) },
    allocatedResourceStatuses: { ...rest.allocatedResourceStatuses, storage: 'ControllerResizeInProgress' },
  };
}

/** The status when it has grown. Source: external-resizer, markOverallExpansionAsFinished. */
export function resizedStatus(claim: PersistentVolumeClaim, size: string): PersistentVolumeClaimStatus {
  const { conditions = [], allocatedResourceStatuses, ...rest } = claim.status ?? {};
  const { storage: _, ...others } = allocatedResourceStatuses ?? {};
  const left = conditions.filter(({ type }) => !growing.has(type));
  return {
    ...rest,
    capacity: { ...rest.capacity, storage: size },
    ...(left.length > 0 && { conditions: left }),
    ...(Object.keys(others).length > 0 && { allocatedResourceStatuses: others }),
  };
}
