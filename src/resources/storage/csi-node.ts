import type { CSINode } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateCsiNode, validateCsiNodeUpdate } from './csi-node-rules.ts';

export const csiNode = defineResource<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csinodes',
  kind: 'CSINode',
  unconditionalUpdate: false,
  validate: validateCsiNode,
  validateUpdate: validateCsiNodeUpdate,
  columns: [nameColumn, integer('Drivers', (object) => object.spec.drivers?.length ?? 0), ageColumn],
});
