import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { prepareDefinitionDelete } from './definition-deletion.ts';

export const customResourceDefinition = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  generation: true,
  prepareDelete: prepareDefinitionDelete,
  columns: defaultColumns,
});
