import type { PersistentVolume } from '../../api/types/core-v1.gen.ts';
import { accessModes, legacyStorageClass } from '../access-modes.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { keepStatus } from '../rules/status.ts';
import {
  persistentVolumeDefaults,
  persistentVolumeStatus,
  persistentVolumeWarnings,
  preparePersistentVolume,
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from './persistent-volume-rules.ts';

export const persistentVolume = defineResource<PersistentVolume>({
  group: '',
  version: 'v1',
  resource: 'persistentvolumes',
  kind: 'PersistentVolume',
  defaults: persistentVolumeDefaults,
  prepareCreate: preparePersistentVolume,
  prepareUpdate: keepStatus,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings: persistentVolumeWarnings,
  status: persistentVolumeStatus,
  columns: [
    nameColumn,
    text('Capacity', (object) => object.spec?.capacity?.storage ?? '0'),
    text('Access Modes', (object) => accessModes(object.spec?.accessModes)),
    text('Reclaim Policy', (object) => object.spec?.persistentVolumeReclaimPolicy ?? ''),
    text('Status', (object) => (object.metadata?.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? ''))),
    text('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '')),
    text('StorageClass', (object) => legacyStorageClass(object) ?? object.spec?.storageClassName ?? ''),
    text('VolumeAttributesClass', (object) => object.spec?.volumeAttributesClassName ?? '<unset>'),
    text('Reason', (object) => object.status?.reason ?? ''),
    ageColumn,
    wide('VolumeMode', (object) => object.spec?.volumeMode ?? '<unset>'),
  ],
});
