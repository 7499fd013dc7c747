import { cel } from '../../api/cel/cel.ts';
import type { MutatingAdmissionPolicy } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, integer, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { policyDefaults } from './admission-defaults.ts';
import { validateMutatingPolicy } from './mutating-admission-policy-rules.ts';
import { paramKindText } from './param-text.ts';

export const mutatingAdmissionPolicy = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'mutatingadmissionpolicies',
  kind: 'MutatingAdmissionPolicy',
  loads: () => cel.ready(),
  generation: true,
  unconditionalUpdate: false,
  validate: validateMutatingPolicy,
  defaults: policyDefaults,
  columns: [
    nameColumn,
    integer('Mutations', (object) => object.spec?.mutations?.length ?? 0),
    text('ParamKind', (object) => paramKindText(object.spec?.paramKind)),
    ageColumn,
  ],
});
