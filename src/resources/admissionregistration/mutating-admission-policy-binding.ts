import type { MutatingAdmissionPolicyBinding } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { bindingDefaults } from './admission-defaults.ts';
import { validateMutatingBinding } from './binding-rules.ts';
import { paramRefText } from './param-text.ts';

export const mutatingAdmissionPolicyBinding = defineResource<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'mutatingadmissionpolicybindings',
  kind: 'MutatingAdmissionPolicyBinding',
  generation: true,
  unconditionalUpdate: false,
  validate: validateMutatingBinding,
  defaults: bindingDefaults,
  columns: [
    nameColumn,
    text('PolicyName', (object) => object.spec?.policyName ?? ''),
    text('ParamRef', (object) => paramRefText(object.spec?.paramRef)),
    ageColumn,
  ],
});
