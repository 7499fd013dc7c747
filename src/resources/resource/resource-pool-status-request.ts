import type { ResourcePoolStatusRequest } from '../../api/types/resource-v1alpha3.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import {
  preparePoolRequest,
  validatePoolRequest,
  validatePoolRequestStatus,
  validatePoolRequestUpdate,
} from './resource-pool-status-request-rules.ts';

export const resourcePoolStatusRequest = defineResource<ResourcePoolStatusRequest>({
  group: 'resource.k8s.io',
  version: 'v1alpha3',
  resource: 'resourcepoolstatusrequests',
  kind: 'ResourcePoolStatusRequest',
  prepareCreate: preparePoolRequest,
  prepareUpdate: keepStatus,
  validate: validatePoolRequest,
  validateUpdate: validatePoolRequestUpdate,
  status: { prepareUpdate: keepSpecAndMetadata, validateUpdate: validatePoolRequestStatus },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, ageColumn],
});
