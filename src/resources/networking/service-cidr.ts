import type { ServiceCIDR } from '../../api/types/networking-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const serviceCidr = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'servicecidrs',
  kind: 'ServiceCIDR',
  columns: [nameColumn, text('CIDRs', (object) => (object.spec?.cidrs ?? []).join(',')), ageColumn],
});
