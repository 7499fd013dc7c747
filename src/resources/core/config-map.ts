import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const configMap = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  columns: [
    nameColumn,
    text('Data', (object) => Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length),
    ageColumn,
  ],
});
