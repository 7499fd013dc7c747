import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  deviceClasses,
  deviceTaintRules,
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  resourceClaims,
  resourceSlices,
  storageClasses,
  volumeAttachments,
} from '../../api/kinds.gen.ts';
import type { AnyKind } from '../../api/object.ts';
import type { ResourceRef } from '../../api/resource-ref.ts';
import type { Informers } from '../../client/informers.ts';
import { type ClusterEvent, type EventHint, type EventResource, everyEvent } from './events.ts';

/** What plugins may wait for besides nodes and pods. */
const followed: Readonly<Partial<Record<EventResource, ResourceRef<AnyKind>>>> = {
  Namespace: namespaces,
  PersistentVolume: persistentVolumes,
  PersistentVolumeClaim: persistentVolumeClaims,
  StorageClass: storageClasses,
  CSINode: csiNodes,
  CSIDriver: csiDrivers,
  CSIStorageCapacity: csiStorageCapacities,
  VolumeAttachment: volumeAttachments,
  ResourceClaim: resourceClaims,
  ResourceSlice: resourceSlices,
  DeviceTaintRule: deviceTaintRules,
  DeviceClass: deviceClasses,
};

type Awaited = readonly (readonly [EventResource, ResourceRef<AnyKind>])[];

/** The resources that some plugin waits for by name, and that are served. Who waits for everything is content with what there is. */
export function awaitedResources(informers: Informers, hints: Iterable<readonly EventHint[]>): Awaited {
  const awaited = new Set<string>();
  for (const list of hints) if (list !== everyEvent) for (const { resource } of list) awaited.add(resource);
  return Object.entries(followed).filter(
    ([resource, ref]) => awaited.has(resource) && informers.serves(ref),
  ) as unknown as Awaited;
}

/** Tells of changes of these resources. Returns how to stop. */
export function followResources(
  informers: Informers,
  awaited: Awaited,
  notify: (event: ClusterEvent) => void,
): () => void {
  const stops = awaited.map(([resource, ref]) =>
    informers.of(ref).on({
      added: (now) => notify({ resource, action: 'Add', now }),
      updated: (old, now) => notify({ resource, action: 'Update', old, now }),
      deleted: (old) => notify({ resource, action: 'Delete', old }),
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
