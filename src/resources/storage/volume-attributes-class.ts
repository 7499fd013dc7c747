import type { VolumeAttributesClass } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateAttributesClass, validateAttributesClassUpdate } from './volume-attributes-class-rules.ts';

const defaultAnnotation = 'volumeattributesclass.alpha.kubernetes.io/is-default-class';

export const volumeAttributesClass = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'volumeattributesclasses',
  kind: 'VolumeAttributesClass',
  validate: validateAttributesClass,
  validateUpdate: validateAttributesClassUpdate,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      value: ({ metadata }) =>
        metadata?.annotations?.[defaultAnnotation] === 'true' ? `${metadata.name} (default)` : (metadata?.name ?? ''),
    },
    text('DriverName', (object) => object.driverName),
    ageColumn,
  ],
});
