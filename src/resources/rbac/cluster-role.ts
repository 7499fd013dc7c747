import { nameIsPathSegment } from '../../api/names.ts';
import type { ClusterRole } from '../../api/types/rbac-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateAggregation, validateRules } from './rbac-rules.ts';

export const clusterRole = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterroles',
  kind: 'ClusterRole',
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  validate: (object, errors) => {
    validateRules(errors, object, false);
    validateAggregation(errors, object);
  },
  columns: defaultColumns,
});
