import type { Lease } from '../../api/types/coordination-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { dropElection, validateLease } from './lease-rules.ts';

export const lease = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  kind: 'Lease',
  createOnUpdate: true,
  unconditionalUpdate: false,
  prepareCreate: dropElection,
  prepareUpdate: dropElection,
  validate: validateLease,
  columns: [nameColumn, text('Holder', (object) => object.spec?.holderIdentity ?? ''), ageColumn],
});
