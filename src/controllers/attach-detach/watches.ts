import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import type { VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Reconciler } from '../../client/reconciler.ts';
import { claimKeys } from '../../resources/storage/pod-claims.ts';
import type { AttachCaches } from './caches.ts';
import { needsVolumes, placeText } from './plan.ts';

/** Has looked at, again, whatever a change may concern. */
export function watchPlaces(caches: AttachCaches, places: Reconciler, nodes: Reconciler): void {
  /** A volume everywhere: where pods need it, and where it is attached. */
  const everywhere = (volume: string) => {
    const found = caches.volumes.get(volume);
    const at = [
      ...caches.podsOf(found).map((pod) => pod.spec!.nodeName!),
      ...caches.attachmentsOf(volume).map(({ spec }) => spec.nodeName),
    ];
    for (const node of new Set(at)) places.add(placeText({ node, volume }));
  };
  const claimChanged = ({ spec }: PersistentVolumeClaim) => {
    if (spec?.volumeName && isCsi(caches.volumes.get(spec.volumeName))) everywhere(spec.volumeName);
  };
  const podChanged = (pod: Pod) => {
    for (const key of claimKeys(pod)) {
      const claim = caches.claims.get(key);
      if (claim) claimChanged(claim);
    }
  };
  caches.pods.on({
    added: podChanged,
    updated: (old, pod) => {
      if (needsVolumes(old) !== needsVolumes(pod)) podChanged(pod);
    },
    deleted: podChanged,
  });
  caches.claims.on({
    added: claimChanged,
    updated: (old, claim) => {
      if (old.spec?.volumeName !== claim.spec?.volumeName) claimChanged(claim);
    },
  });
  const volumeChanged = (volume: PersistentVolume) => {
    if (isCsi(volume)) everywhere(volume.metadata.name!);
  };
  caches.volumes.on({
    added: volumeChanged,
    updated: (old, volume) => {
      if (old.spec !== volume.spec) volumeChanged(volume);
    },
    deleted: volumeChanged,
  });
  const attachmentChanged = ({ spec }: VolumeAttachment) => {
    if (spec.source.persistentVolumeName) everywhere(spec.source.persistentVolumeName);
    nodes.add(spec.nodeName);
  };
  caches.attachments.on({
    added: attachmentChanged,
    updated: (_, attachment) => attachmentChanged(attachment),
    deleted: attachmentChanged,
  });
  const nodeChanged = (name: string) => {
    for (const { spec } of caches.attachmentsTo(name)) {
      if (spec.source.persistentVolumeName)
        places.add(placeText({ node: name, volume: spec.source.persistentVolumeName }));
    }
  };
  caches.nodes.on({
    added: (node) => {
      nodes.add(keyOf(node));
      nodeChanged(keyOf(node));
    },
    updated: (old, node) => {
      if (old.status?.volumesInUse !== node.status?.volumesInUse || old.spec?.taints !== node.spec?.taints) {
        nodeChanged(keyOf(node));
      }
    },
    deleted: (node) => nodeChanged(keyOf(node)),
  });
  /** Seldom enough to look through all volumes. */
  const driverChanged = (name: string) => {
    for (const volume of caches.volumes.values()) {
      if (volume.spec?.csi?.driver === name) everywhere(volume.metadata.name!);
    }
  };
  caches.drivers.on({
    added: (driver, initial) => initial || driverChanged(driver.metadata!.name!),
    updated: (_, driver) => driverChanged(driver.metadata!.name!),
    deleted: (driver) => driverChanged(driver.metadata!.name!),
  });
}

const isCsi = (volume: PersistentVolume | undefined): boolean => volume?.spec?.csi !== undefined;
