import { nameIsPathSegment } from '../../api/names.ts';
import type { ClusterRoleBinding } from '../../api/types/rbac-v1.gen.ts';
import { defineResource } from '../resource.ts';
import { bindingColumns } from './binding-columns.ts';
import { bindingDefaults, sameRole, validateBinding } from './rbac-rules.ts';

export const clusterRoleBinding = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  validateName: nameIsPathSegment,
  createOnUpdate: true,
  defaults: bindingDefaults,
  validate: (object, errors) => validateBinding(errors, object, ['ClusterRole']),
  validateUpdate: (object, old, errors) => sameRole(errors, object, old),
  columns: bindingColumns,
});
