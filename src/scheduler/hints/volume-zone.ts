import { sameValue } from '../../api/object-meta.ts';
import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import type { ClusterEvent, EventHint, PodTest } from '../events/events.ts';
import { topologiesOf } from '../volumes/topologies.ts';
import { ownClaim } from './own-claims.ts';

/** What a pod waits for whose volumes are in other zones (VolumeZone.EventsToRegister). */
export const volumeZoneEvents: readonly EventHint[] = [
  {
    resource: 'StorageClass',
    actions: ['Add'],
    hint: ({ now }) => (now as StorageClass).volumeBindingMode === 'WaitForFirstConsumer',
  },
  { resource: 'Node', actions: ['Add', 'UpdateNodeLabel'] },
  ownClaim,
  { resource: 'PersistentVolume', actions: ['Add', 'Update'], hint: otherZones },
];

function otherZones({ old, now }: ClusterEvent): PodTest {
  return !old || !sameValue(topologiesOf(old as PersistentVolume), topologiesOf(now as PersistentVolume));
}
