import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../../api/types/admissionregistration-v1.gen.ts';
import { oneOf } from '../rules/check.ts';
import { specPath } from '../rules/workloads.ts';
import { compiles } from './compiles.ts';
import { Expressions } from './expressions.ts';
import { mutableOnly, reinvocationPolicies } from './match-rules.ts';
import { policySpec } from './policy-parts.ts';

/** Rules of MutatingAdmissionPolicies. Source: admissionregistration/validation. */

/** Each type of patch, the field its expression is in, and what that is for. */
const patches = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

type PatchType = keyof typeof patches;

function patch(
  errors: ErrorList,
  path: FieldPath,
  type: PatchType,
  value: { readonly expression?: string } | undefined,
  expressions: Expressions,
): void {
  const text = value?.expression?.trim();
  const at = path.child('expression');
  if (!value) errors.required(path, `must be specified when patchType is ${type}`);
  else if (!text) errors.required(at);
  else compiles(errors, at, expressions, patches[type], text);
}

function mutation(errors: ErrorList, path: FieldPath, value: Mutation, expressions: Expressions): void {
  const type = value.patchType;
  oneOf(errors, path.child('patchType'), type, Object.keys(patches));
  if (!Object.hasOwn(patches, type)) return;
  for (const [other, field] of Object.entries(patches)) {
    const at = path.child(field);
    if (other === type) patch(errors, at, type, value[field], expressions);
    else if (value[field]) errors.invalid(at, `{${field}}`, `must not be specified when patchType is ${type}`);
  }
}

export function validateMutatingPolicy(
  { spec = {} }: MutatingAdmissionPolicy,
  errors: ErrorList,
  old?: MutatingAdmissionPolicy,
): void {
  const expressions = new Expressions({ params: spec.paramKind !== undefined, composed: true });
  policySpec(errors, spec, old && (old.spec ?? {}), expressions);
  if (spec.matchConstraints) mutableOnly(errors, specPath.child('matchConstraints'), spec.matchConstraints);
  const mutations = specPath.child('mutations');
  if (!spec.mutations?.length) errors.required(mutations, 'mutations must contain at least one item');
  for (const [i, value] of (spec.mutations ?? []).entries()) {
    mutation(errors, mutations.index(i), value, expressions);
  }
  oneOf(errors, specPath.child('reinvocationPolicy'), spec.reinvocationPolicy, reinvocationPolicies);
}
