import { nameIsPathSegment } from '../../api/names.ts';
import type { Role } from '../../api/types/rbac-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { validateRules } from './rbac-rules.ts';

export const role = defineResource<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'roles',
  kind: 'Role',
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  validate: (object, errors) => validateRules(errors, object, true),
  columns: defaultColumns,
});
