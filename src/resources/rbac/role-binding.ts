import { nameIsPathSegment } from '../../api/names.ts';
import type { RoleBinding } from '../../api/types/rbac-v1.gen.ts';
import { defineResource } from '../resource.ts';
import { bindingColumns } from './binding-columns.ts';
import { bindingDefaults, sameRole, validateBinding } from './rbac-rules.ts';

export const roleBinding = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'rolebindings',
  kind: 'RoleBinding',
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  defaults: bindingDefaults,
  validate: (object, errors) => validateBinding(errors, object, ['Role', 'ClusterRole']),
  validateUpdate: (object, old, errors) => sameRole(errors, object, old),
  columns: bindingColumns,
});
