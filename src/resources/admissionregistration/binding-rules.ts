import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type {
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBinding,
} from '../../api/types/admissionregistration-v1.gen.ts';
import { distinctValues, optionalOneOf, reference } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { matchResources, mutableOnly } from './match-rules.ts';
import { paramRef } from './policy-parts.ts';

/** Rules of bindings of policies. Source: admissionregistration/validation. */

const actions = ['Audit', 'Deny', 'Warn'];
const twice =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';

function validationActions(errors: ErrorList, path: FieldPath, list: readonly string[]): void {
  for (const [i, action] of list.entries()) optionalOneOf(errors, path.index(i), action, actions);
  distinctValues(errors, path, list);
  if (list.includes('Deny') && list.includes('Warn')) errors.invalid(path, list, twice);
  if (list.length === 0) errors.required(path, 'at least one validation action is required');
}

type Binding = ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding;

function common(errors: ErrorList, spec: Binding['spec'] = {}): void {
  reference(errors, specPath.child('policyName'), spec.policyName);
  if (spec.paramRef) paramRef(errors, specPath.child('paramRef'), spec.paramRef);
  if (spec.matchResources) matchResources(errors, specPath.child('matchResources'), spec.matchResources);
}

export function validateValidatingBinding({ spec }: ValidatingAdmissionPolicyBinding, errors: ErrorList): void {
  common(errors, spec);
  validationActions(errors, specPath.child('validationActions'), spec.validationActions ?? []);
}

export function validateMutatingBinding({ spec }: MutatingAdmissionPolicyBinding, errors: ErrorList): void {
  common(errors, spec);
  if (spec?.matchResources) mutableOnly(errors, specPath.child('matchResources'), spec.matchResources);
}
