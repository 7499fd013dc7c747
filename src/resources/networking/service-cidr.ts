import type { ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepSpecAndMetadata, keepStatus } from '../rules/status.ts';
import { validateServiceCidr, validateServiceCidrUpdate } from './service-cidr-rules.ts';

export const serviceCidr = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'servicecidrs',
  kind: 'ServiceCIDR',
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validateServiceCidr,
  validateUpdate: validateServiceCidrUpdate,
  status: { prepareUpdate: keepSpecAndMetadata },
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, text('CIDRs', (object) => (object.spec?.cidrs ?? []).join(',')), ageColumn],
});
