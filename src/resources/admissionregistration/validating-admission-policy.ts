import { cel } from '../../api/cel/cel.ts';
import type { ValidatingAdmissionPolicy } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, integer, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { resets } from '../rules/reset-fields.ts';
import { dropStatus, keepStatus } from '../rules/status.ts';
import { policyDefaults } from './admission-defaults.ts';
import { paramKindText } from './param-text.ts';
import { validateValidatingPolicy, validatingPolicyStatus } from './validating-admission-policy-rules.ts';

export const validatingAdmissionPolicy = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  loads: () => cel.ready(),
  generation: true,
  unconditionalUpdate: false,
  prepareCreate: dropStatus,
  prepareUpdate: keepStatus,
  validate: validateValidatingPolicy,
  status: validatingPolicyStatus,
  defaults: policyDefaults,
  resetFields: { status: resets('spec', 'metadata') },
  columns: [
    nameColumn,
    integer('Validations', (object) => object.spec?.validations?.length ?? 0),
    text('ParamKind', (object) => paramKindText(object.spec?.paramKind)),
    ageColumn,
  ],
});
