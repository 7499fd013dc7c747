import { sameValue } from '../../api/object-meta.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { CSIDriver, CSIStorageCapacity, StorageClass } from '../../api/types/storage-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { volumeLimit } from '../volumes/storage-capacity.ts';
import { ownClaim } from './own-claims.ts';

/**
 * What a pod waits for whose volumes are out of reach or not there (VolumeBinding.EventsToRegister). CSINodes are not
 * among it: they only matter where volumes of old types are handed to drivers.
 */
export const volumeBindingEvents: readonly EventHint[] = [
  { resource: 'StorageClass', actions: ['Add', 'Update'], hint: otherTopologies },
  ownClaim,
  { resource: 'PersistentVolume', actions: ['Add', 'Update'] },
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
  { resource: 'CSIDriver', actions: ['Update'], hint: roomNoLongerMatters },
  { resource: 'CSIStorageCapacity', actions: ['Add', 'Update'], hint: moreRoom },
];

function otherTopologies({ old, now }: ClusterEvent): PodTest {
  const topologies = (of: unknown) => (of as StorageClass).allowedTopologies;
  return !old || !sameValue(topologies(old), topologies(now));
}

function roomNoLongerMatters({ old, now }: ClusterEvent): PodTest {
  return Boolean((old as CSIDriver).spec.storageCapacity) && !(now as CSIDriver).spec.storageCapacity;
}

function moreRoom({ old, now }: ClusterEvent): PodTest {
  if (!old) return true;
  const [before, after] = [volumeLimit(old as CSIStorageCapacity), volumeLimit(now as CSIStorageCapacity)];
  return after !== undefined && (before === undefined || compareQuantities(after, before) > 0);
}
