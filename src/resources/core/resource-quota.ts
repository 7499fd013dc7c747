import type { ResourceQuota } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { dropStatus, keepStatus } from '../rules/status.ts';
import { quotaDefaults, quotaStatus, validateQuota, validateQuotaUpdate } from './resource-quota-rules.ts';

/** "pods: 1/10, services: 0/5" over the names that `limits` decides upon. */
function usage(object: ResourceQuota, limits: boolean): string {
  const hard = object.status?.hard ?? {};
  return Object.keys(hard)
    .sort()
    .filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${object.status?.used?.[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}

export const resourceQuota = defineResource<ResourceQuota>({
  group: '',
  version: 'v1',
  resource: 'resourcequotas',
  kind: 'ResourceQuota',
  defaults: quotaDefaults,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  status: quotaStatus,
  columns: [
    nameColumn,
    text('Request', (object) => usage(object, false)),
    text('Limit', (object) => usage(object, true)),
    ageColumn,
  ],
});
