import type { ResourceClaim } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';

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
  columns: [nameColumn, text('State', state), ageColumn],
});
