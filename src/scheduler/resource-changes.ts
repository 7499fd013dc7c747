import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
} from '../api/kinds.gen.ts';
import type { AnyKind } from '../api/object.ts';
import type { ResourceRef } from '../api/resource-ref.ts';
import type { Informers } from '../client/informers.ts';
import type { ClusterEvent } from './plugin.ts';

type Change = 'added' | 'updated' | 'deleted';

interface Followed {
  readonly ref: ResourceRef<AnyKind>;
  readonly event: ClusterEvent;
  readonly on: readonly Change[];
}

const row = (ref: ResourceRef<AnyKind>, event: ClusterEvent, ...on: readonly Change[]): Followed => ({
  ref,
  event,
  on,
});

/** Which changes of what besides nodes, pods and namespaces may let a refused pod fit (upstream's EventsToRegister). */
const followed: readonly Followed[] = [
  row(persistentVolumes, 'PersistentVolume', 'added', 'updated'),
  row(persistentVolumeClaims, 'PersistentVolumeClaim', 'added', 'updated', 'deleted'),
  row(storageClasses, 'StorageClass', 'added', 'updated'),
  row(csiNodes, 'CSINode', 'added', 'updated'),
  row(csiDrivers, 'CSIDriver', 'added', 'updated'),
  row(csiStorageCapacities, 'CSIStorageCapacity', 'added', 'updated'),
  row(volumeAttachments, 'VolumeAttachment', 'deleted'),
];

/** Tells of changes of those resources that some plugin waits for; of others there is not even a cache. Returns how to stop. */
export function followResources(
  informers: Informers,
  awaited: ReadonlySet<ClusterEvent>,
  notify: (event: ClusterEvent) => void,
): () => void {
  const stops = followed
    .filter(({ event }) => awaited.has(event))
    .map(({ ref, event, on }) => {
      const tell = () => notify(event);
      return informers.of(ref).on({
        ...(on.includes('added') && { added: tell }),
        ...(on.includes('updated') && { updated: tell }),
        ...(on.includes('deleted') && { deleted: tell }),
      });
    });
  return () => {
    for (const stop of stops) stop();
  };
}
