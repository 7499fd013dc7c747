import { cel } from '../../api/cel/cel.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import {
  definitionDefaults,
  definitionWarnings,
  prepareDefinition,
  prepareDefinitionUpdate,
} from './definition-defaults.ts';
import { prepareDefinitionDelete } from './definition-deletion.ts';
import { validateDefinitionStatus, validateDefinitionUpdate, validateNewDefinition } from './definition-rules.ts';

export const customResourceDefinition = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  loads: () => cel.ready(),
  generation: true,
  unconditionalUpdate: false,
  defaults: definitionDefaults,
  prepareCreate: prepareDefinition,
  prepareUpdate: prepareDefinitionUpdate,
  validateCreate: validateNewDefinition,
  validateUpdate: validateDefinitionUpdate,
  warnings: definitionWarnings,
  status: { validateUpdate: (object, _old, errors) => validateDefinitionStatus(object, errors) },
  prepareDelete: prepareDefinitionDelete,
  columns: defaultColumns,
});
