import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.gen.ts';
import { unchanged } from '../rules/check.ts';
import { specPath, statusPath } from '../rules/workloads.ts';
import { validateApproval } from './approval.ts';
import { isEstablished, ofNew, ofUpdate } from './leniency.ts';
import { validateNames } from './names-rules.ts';
import { validateSpec } from './spec-rules.ts';

/** Rules of CustomResourceDefinitions. Source: apiextensions-apiserver `pkg/apis/apiextensions/validation/validation.go`. */

export function validateNewDefinition(object: CustomResourceDefinition, errors: ErrorList): void {
  const { name = '' } = object.metadata;
  if (name !== `${object.spec.names?.plural ?? ''}.${object.spec.group ?? ''}`)
    errors.invalid(FieldPath.of('metadata', 'name'), name, 'must be spec.names.plural+"."+spec.group');
  validateSpec(errors, object.spec, ofNew);
  validateRest(errors, object, undefined);
}

export function validateDefinitionUpdate(
  object: CustomResourceDefinition,
  old: CustomResourceDefinition,
  errors: ErrorList,
): void {
  const { spec } = object;
  validateSpec(errors, spec, ofUpdate(object, old));
  // What the names of stored objects hang on; the plural and the group are in the definition's own name too.
  if (isEstablished(old)) {
    unchanged(errors, specPath.child('scope'), spec.scope, old.spec.scope);
    unchanged(errors, specPath.child('names', 'kind'), spec.names.kind, old.spec.names.kind);
  }
  unchanged(errors, specPath.child('group'), spec.group, old.spec.group);
  unchanged(errors, specPath.child('names', 'plural'), spec.names.plural, old.spec.names.plural);
  validateRest(errors, object, old);
}

/** Rules of the status, which are all that an update of the status must keep. */
export function validateDefinitionStatus(object: CustomResourceDefinition, errors: ErrorList): void {
  const names = object.status?.acceptedNames;
  if (names) validateNames(errors, statusPath.child('acceptedNames'), names);
}

function validateRest(
  errors: ErrorList,
  object: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): void {
  validateDefinitionStatus(object, errors);
  validateStoredVersions(errors, object);
  validateApproval(errors, object, old);
  if (object.spec.preserveUnknownFields && !old?.spec.preserveUnknownFields)
    errors.invalid(
      specPath.child('preserveUnknownFields'),
      true,
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    );
}

/** Versions that objects may be stored in must stay, and the one they are stored in must be told of. */
function validateStoredVersions(errors: ErrorList, { spec, status }: CustomResourceDefinition): void {
  const path = statusPath.child('storedVersions');
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) {
    errors.invalid(path, stored, 'must have at least one stored version');
    return;
  }
  for (const { name, storage } of spec.versions ?? [])
    if (storage && !stored.includes(name)) errors.invalid(path, stored, `must have the storage version ${name}`);
  for (const [i, name] of stored.entries())
    if (!spec.versions?.some((version) => version.name === name))
      errors.invalid(
        path.index(i),
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      );
}
