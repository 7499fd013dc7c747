import type { CSIStorageCapacity } from '../../api/types/storage-v1.gen.ts';
import { nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { storageCapacityWarnings, validateStorageCapacity } from './csi-storage-capacity-rules.ts';

export const csiStorageCapacity = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csistoragecapacities',
  kind: 'CSIStorageCapacity',
  unconditionalUpdate: false,
  validate: validateStorageCapacity,
  warnings: storageCapacityWarnings,
  columns: [
    nameColumn,
    text('StorageClassName', (object) => object.storageClassName),
    text('Capacity', (object) => object.capacity ?? '<unset>'),
  ],
});
