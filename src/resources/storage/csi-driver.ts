import { nameIsPathSegment } from '../../api/names.ts';
import type { CSIDriver } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, boolean, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import {
  csiDriverDefaults,
  prepareCsiDriverUpdate,
  validateCsiDriver,
  validateCsiDriverUpdate,
} from './csi-driver-rules.ts';

export const csiDriver = defineResource<CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csidrivers',
  kind: 'CSIDriver',
  validateName: nameIsPathSegment,
  unconditionalUpdate: false,
  defaults: csiDriverDefaults,
  prepareUpdate: prepareCsiDriverUpdate,
  validate: validateCsiDriver,
  validateUpdate: validateCsiDriverUpdate,
  columns: [
    nameColumn,
    boolean('AttachRequired', (object) => object.spec.attachRequired ?? true),
    boolean('PodInfoOnMount', (object) => object.spec.podInfoOnMount ?? false),
    boolean('StorageCapacity', (object) => object.spec.storageCapacity ?? false),
    text('TokenRequests', ({ spec }) => spec.tokenRequests?.map((request) => request.audience).join(',') ?? '<unset>'),
    boolean('RequiresRepublish', (object) => object.spec.requiresRepublish ?? false),
    text('Modes', (object) => (object.spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn,
  ],
});
