import type { VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, boolean, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { keepStatus } from '../rules/status.ts';
import {
  attachmentStatus,
  prepareAttachment,
  validateAttachment,
  validateAttachmentUpdate,
  validateNewAttachment,
} from './volume-attachment-rules.ts';

export const volumeAttachment = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattachments',
  kind: 'VolumeAttachment',
  unconditionalUpdate: false,
  prepareCreate: prepareAttachment,
  prepareUpdate: keepStatus,
  validate: validateAttachment,
  validateCreate: validateNewAttachment,
  validateUpdate: validateAttachmentUpdate,
  status: attachmentStatus,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    nameColumn,
    { ...text<VolumeAttachment>('Attacher', (object) => object.spec.attacher), format: 'name' },
    text('PV', (object) => object.spec.source.persistentVolumeName ?? ''),
    text('Node', (object) => object.spec.nodeName),
    boolean('Attached', (object) => object.status?.attached ?? false),
    ageColumn,
  ],
});
