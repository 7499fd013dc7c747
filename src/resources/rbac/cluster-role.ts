import { nameIsPathSegment } from '../../api/names.ts';
import type { ClusterRole } from '../../api/types/rbac-v1.gen.ts';
import { defaultColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const clusterRole = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterroles',
  kind: 'ClusterRole',
  validateName: nameIsPathSegment,
  columns: defaultColumns,
});
