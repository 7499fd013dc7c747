import type { ResourceClaimTemplate } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const resourceClaimTemplate = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaimtemplates',
  kind: 'ResourceClaimTemplate',
  columns: [nameColumn, ageColumn],
});
