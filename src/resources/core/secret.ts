import type { Secret } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { secretDefaults, secretWarnings, validateSecret, validateSecretUpdate } from './secret-rules.ts';

export const secret = defineResource<Secret>({
  group: '',
  version: 'v1',
  resource: 'secrets',
  kind: 'Secret',
  defaults: secretDefaults,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warnings: secretWarnings,
  columns: [
    nameColumn,
    text('Type', (object) => object.type ?? ''),
    text('Data', (object) => Object.keys(object.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: { type: (object) => object.type ?? '' },
});
