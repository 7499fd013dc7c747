import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateConfigMap } from './config-map-rules.ts';
import { stayImmutable } from './secret-rules.ts';

export const configMap = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  validate: validateConfigMap,
  validateUpdate: (object, old, errors) => stayImmutable(errors, object, old, ['data', 'binaryData']),
  columns: [
    nameColumn,
    text('Data', (object) => Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length),
    ageColumn,
  ],
});
