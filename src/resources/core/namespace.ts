import { nameIsLabel } from '../../api/names.ts';
import type { Namespace } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import {
  namespaceDefaults,
  namespaceFinalize,
  namespaceStatus,
  prepareNamespace,
  prepareNamespaceUpdate,
  validateNamespace,
} from './namespace-rules.ts';

export const namespace = defineResource<Namespace>({
  group: '',
  version: 'v1',
  resource: 'namespaces',
  kind: 'Namespace',
  validateName: nameIsLabel,
  defaults: namespaceDefaults,
  prepareCreate: prepareNamespace,
  prepareUpdate: prepareNamespaceUpdate,
  validate: validateNamespace,
  status: namespaceStatus,
  subresources: { finalize: namespaceFinalize },
  resetFields: { finalize: resets('status') },
  columns: [nameColumn, text('Status', (object) => object.status?.phase ?? ''), ageColumn],
  selectableFields: {
    'status.phase': (object) => object.status?.phase ?? '',
    name: (object) => object.metadata?.name ?? '',
  },
});
