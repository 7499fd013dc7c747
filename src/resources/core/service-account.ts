import type { ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

export const serviceAccount = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  columns: [nameColumn, text('Secrets', (object) => object.secrets?.length ?? 0), ageColumn],
});
