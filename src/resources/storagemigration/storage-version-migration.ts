import { groupResource } from '../../api/object.ts';
import type { StorageVersionMigration } from '../../api/types/storagemigration-v1beta1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import {
  validateMigration,
  validateMigrationStatus,
  validateMigrationUpdate,
} from './storage-version-migration-rules.ts';

export const storageVersionMigration = defineResource<StorageVersionMigration>({
  group: 'storagemigration.k8s.io',
  version: 'v1beta1',
  resource: 'storageversionmigrations',
  kind: 'StorageVersionMigration',
  unconditionalUpdate: false,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validateMigration,
  validateUpdate: validateMigrationUpdate,
  status: { prepareUpdate: keepSpecAndMetadata, validateUpdate: validateMigrationStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    { ...nameColumn, format: '' },
    text('Resource', ({ spec }) => groupResource({ group: '', resource: '', ...spec?.resource })),
  ],
});
