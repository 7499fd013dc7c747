import type { CSINode } from '../../api/types/storage-v1.gen.ts';
import { ageColumn, integer, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const csiNode = defineResource<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csinodes',
  kind: 'CSINode',
  columns: [nameColumn, integer('Drivers', (object) => object.spec.drivers?.length ?? 0), ageColumn],
});
