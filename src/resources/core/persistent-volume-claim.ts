import type { PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import { accessModes, legacyStorageClass } from '../access-modes.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { claimSpecWarnings, oldClassWarnings } from '../rules/volume-warnings.ts';
import { specPath } from '../rules/workloads.ts';
import {
  claimDefaults,
  claimStatus,
  prepareClaim,
  prepareClaimUpdate,
  validateClaim,
  validateClaimUpdate,
} from './persistent-volume-claim-rules.ts';

export const persistentVolumeClaim = defineResource<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  resource: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  defaults: claimDefaults,
  prepareCreate: prepareClaim,
  prepareUpdate: prepareClaimUpdate,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  warnings: (object) => [...oldClassWarnings(object), ...claimSpecWarnings(object.spec, specPath)],
  status: claimStatus,
  columns: [
    nameColumn,
    text('Status', (object) => (object.metadata?.deletionTimestamp ? 'Terminating' : (object.status?.phase ?? ''))),
    text('Volume', (object) => object.spec?.volumeName ?? ''),
    text('Capacity', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '0') : '')),
    text('Access Modes', ({ spec, status }) => (spec?.volumeName ? accessModes(status?.accessModes) : '')),
    text('StorageClass', (object) => legacyStorageClass(object) ?? object.spec?.storageClassName ?? ''),
    text('VolumeAttributesClass', (object) => object.spec?.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    wide('VolumeMode', (object) => object.spec?.volumeMode ?? '<unset>'),
  ],
});
