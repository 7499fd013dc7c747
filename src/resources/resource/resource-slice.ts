import type { ResourceSlice } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { prepareSlice, sliceWarnings, validateSlice } from './resource-slice-rules.ts';

export const resourceSlice = defineResource<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceslices',
  kind: 'ResourceSlice',
  generation: true,
  prepareCreate: prepareSlice,
  prepareUpdate: (object, _old, context) => prepareSlice(object, context),
  validate: validateSlice,
  warnings: sliceWarnings,
  columns: [
    nameColumn,
    text('Node', (object) => object.spec.nodeName ?? '<unset>'),
    text('Driver', (object) => object.spec.driver),
    text('Pool', (object) => object.spec.pool.name),
    ageColumn,
  ],
  selectableFields: {
    'spec.nodeName': (object) => object.spec.nodeName ?? '',
    'spec.driver': (object) => object.spec.driver,
  },
});
