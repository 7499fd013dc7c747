import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { isDefaultClass } from './default-class.ts';
import {
  storageClassDefaults,
  storageClassWarnings,
  validateStorageClass,
  validateStorageClassUpdate,
} from './storage-class-rules.ts';

const name = (object: StorageClass): string =>
  isDefaultClass(object) ? `${object.metadata?.name} (default)` : (object.metadata?.name ?? '');

export const storageClass = defineResource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'storageclasses',
  kind: 'StorageClass',
  defaults: storageClassDefaults,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  warnings: storageClassWarnings,
  columns: [
    { name: 'Name', type: 'string', format: 'name', value: name },
    text('Provisioner', (object) => object.provisioner),
    text('ReclaimPolicy', (object) => object.reclaimPolicy ?? 'Delete'),
    text('VolumeBindingMode', (object) => object.volumeBindingMode ?? 'Immediate'),
    text('AllowVolumeExpansion', (object) => object.allowVolumeExpansion ?? false),
    ageColumn,
  ],
});
