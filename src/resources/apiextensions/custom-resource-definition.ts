import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const customResourceDefinition = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  generation: true,
  columns: defaultColumns,
});
