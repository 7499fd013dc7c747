import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
  volumeAttachments,
} from '../../../../src/api/kinds.gen.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Volume,
} from '../../../../src/api/types/core-v1.gen.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../../../src/api/types/storage-v1.gen.ts';
import { Shelves } from '../shelf.ts';

export interface VolumeFields extends PersistentVolumeSpec {
  readonly name: string;
  readonly size?: string;
  readonly labels?: Record<string, string>;
  readonly phase?: 'Pending' | 'Available' | 'Bound';
}

export function volume({
  name,
  size = '1Gi',
  labels = {},
  phase = 'Available',
  ...spec
}: VolumeFields): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels, resourceVersion: '1' },
    spec: { capacity: { storage: size }, accessModes: ['ReadWriteOnce'], ...spec },
    status: { phase },
  };
}

/** A volume that only nodes of one zone reach. */
export const local = (name: string, zone: string, fields: Partial<VolumeFields> = {}): VolumeFields => ({
  name,
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
  },
  ...fields,
});

export interface ClaimFields extends PersistentVolumeClaimSpec {
  readonly name: string;
  readonly size?: string;
  readonly annotations?: Record<string, string>;
  readonly phase?: 'Pending' | 'Bound' | 'Lost';
  readonly going?: boolean;
  readonly unfinished?: boolean;
  /** The uid of the pod it was made for. */
  readonly owner?: string;
}

/** A claim; one with a volumeName is fully bound, unless the binder has not finished. */
export function claim(fields: ClaimFields): PersistentVolumeClaim {
  const { name, size = '1Gi', annotations = {}, phase = 'Pending', going, unfinished, owner, ...spec } = fields;
  const bound: Record<string, string> =
    spec.volumeName && !unfinished ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      annotations: { ...bound, ...annotations },
      ...(going && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ...(owner && { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: owner, controller: true }] }),
    },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
    status: { phase },
  };
}

export interface Storage {
  readonly volumes?: readonly VolumeFields[];
  readonly claims?: readonly ClaimFields[];
  readonly classes?: readonly (Partial<StorageClass> & { readonly name: string })[];
  readonly csiNodes?: Readonly<Record<string, Readonly<Record<string, number | undefined>>>>;
  readonly drivers?: readonly string[];
  readonly capacities?: readonly (Partial<CSIStorageCapacity> & { readonly class: string })[];
  readonly attachments?: readonly { readonly node: string; readonly volume: string }[];
}

/** The caches of a cluster with this storage. The class "wait" waits for consumers and has a provisioner, "local" has none. */
export function shelves(storage: Storage): Shelves {
  const all = new Shelves();
  for (const fields of storage.volumes ?? []) all.shelf(persistentVolumes).set(volume(fields));
  for (const fields of storage.claims ?? []) all.shelf(persistentVolumeClaims).set(claim(fields));
  const classes = [
    { name: 'now' },
    { name: 'wait', volumeBindingMode: 'WaitForFirstConsumer' as const },
    { name: 'local', provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' as const },
    ...(storage.classes ?? []),
  ];
  for (const { name, ...fields } of classes) {
    const object: StorageClass = {
      metadata: { name },
      provisioner: 'csi.test',
      volumeBindingMode: 'Immediate',
      ...fields,
    };
    all.shelf(storageClasses).set(object);
  }
  for (const [name, drivers] of Object.entries(storage.csiNodes ?? {})) {
    const list = Object.entries(drivers).map(([driver, count]) => ({
      name: driver,
      nodeID: name,
      ...(count !== undefined && { allocatable: { count } }),
    }));
    all.shelf(csiNodes).set({ metadata: { name }, spec: { drivers: list } } as CSINode);
  }
  for (const name of storage.drivers ?? []) {
    all.shelf(csiDrivers).set({ metadata: { name }, spec: { storageCapacity: true } } as CSIDriver);
  }
  for (const [n, { class: storageClassName, ...fields }] of (storage.capacities ?? []).entries()) {
    all
      .shelf(csiStorageCapacities)
      .set({ metadata: { name: `c${n}`, namespace: 'default' }, storageClassName, ...fields });
  }
  for (const { node, volume: persistentVolumeName } of storage.attachments ?? []) {
    const spec = { attacher: 'csi.test', nodeName: node, source: { persistentVolumeName } };
    const object = { metadata: { name: `${node}-${persistentVolumeName}` }, spec } as VolumeAttachment;
    all.shelf(volumeAttachments).set(object);
  }
  return all;
}

/** Volumes of a pod that are claims of these names. */
export const using = (...names: string[]): { readonly volumes: Volume[] } => ({
  volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
});
