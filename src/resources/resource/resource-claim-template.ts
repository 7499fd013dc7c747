import { cel } from '../../api/cel/cel.ts';
import type { ResourceClaimTemplate } from '../../api/types/resource-v1.gen.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { unchanged } from '../rules/check.ts';
import { templateMetadata } from '../rules/claims.ts';
import { specPath } from '../rules/workloads.ts';
import { claimSpec, claimSpecDefaults } from './claim-spec-rules.ts';

export const resourceClaimTemplate = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaimtemplates',
  kind: 'ResourceClaimTemplate',
  loads: () => cel.ready(),
  defaults: ({ spec }) => claimSpecDefaults(spec?.spec),
  validateCreate({ spec }, errors) {
    templateMetadata(errors, specPath.child('metadata'), spec.metadata);
    claimSpec(errors, specPath.child('spec'), spec.spec);
  },
  validateUpdate: ({ spec }, old, errors) => unchanged(errors, specPath, spec, old.spec),
  columns: [nameColumn, ageColumn],
});
