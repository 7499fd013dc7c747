import type { LimitRange } from '../../api/types/core-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { limitRangeDefaults, validateLimitRange } from './limit-range-rules.ts';

export const limitRange = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  resource: 'limitranges',
  kind: 'LimitRange',
  createOnUpdate: true,
  defaults: limitRangeDefaults,
  validate: validateLimitRange,
  columns: defaultColumns,
});
