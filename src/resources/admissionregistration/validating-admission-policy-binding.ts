import type { ValidatingAdmissionPolicyBinding } from '../../api/types/admissionregistration-v1.gen.ts';
import { ageColumn, nameColumn, text } from '../columns.ts';
import { defineResource } from '../resource.ts';
import { bindingDefaults } from './admission-defaults.ts';
import { validateValidatingBinding } from './binding-rules.ts';
import { paramRefText } from './param-text.ts';

export const validatingAdmissionPolicyBinding = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
  generation: true,
  unconditionalUpdate: false,
  validate: validateValidatingBinding,
  defaults: bindingDefaults,
  columns: [
    nameColumn,
    text('PolicyName', (object) => object.spec?.policyName ?? ''),
    text('ParamRef', (object) => paramRefText(object.spec?.paramRef)),
    ageColumn,
  ],
});
