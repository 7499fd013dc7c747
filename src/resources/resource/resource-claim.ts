import { cel } from '../../api/cel/cel.ts';
import type { ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { unchanged } from '../rules/check.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepStatus } from '../rules/status.ts';
import { specPath } from '../rules/workloads.ts';
import { claimSpec, claimSpecDefaults } from './claim-spec-rules.ts';
import { claimStatus } from './claim-status-rules.ts';

function state({ metadata, status }: ResourceClaim): string {
  const words: string[] = [];
  if (metadata?.deletionTimestamp) words.push('deleted');
  if (status?.allocation) words.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []));
  else if (!metadata?.deletionTimestamp) words.push('pending');
  return words.join(',');
}

export const resourceClaim = defineResource<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaims',
  kind: 'ResourceClaim',
  loads: () => cel.ready(),
  defaults: ({ spec }) => claimSpecDefaults(spec),
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validateCreate: ({ spec }, errors) => claimSpec(errors, specPath, spec),
  validateUpdate: ({ spec }, old, errors) => unchanged(errors, specPath, spec, old.spec),
  status: claimStatus,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [nameColumn, text('State', state), ageColumn],
});
