import { nameIsPathSegment } from '../../api/names.ts';
import type { APIService } from '../../api/types/apiregistration-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { keepStatus } from '../rules/status.ts';
import { apiServiceDefaults, apiServiceStatus, prepareApiService, validateApiService } from './api-service-rules.ts';

function service({ spec }: APIService): string {
  return spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local';
}

function available({ status }: APIService): string {
  const condition = status?.conditions?.find((c) => c.type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}

export const apiService = defineResource<APIService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
  kind: 'APIService',
  validateName: nameIsPathSegment,
  unconditionalUpdate: false,
  defaults: apiServiceDefaults,
  prepareCreate: prepareApiService,
  prepareUpdate: keepStatus,
  validate: validateApiService,
  status: apiServiceStatus,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, text('Service', service), text('Available', available), ageColumn],
});
