import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import type { Mutable } from '../../api/object.ts';
import type { Namespace } from '../../api/types/core-v1.gen.ts';
import type { UpdateRules } from '../resource.ts';
import { keepSpec, keepStatus } from '../rules/status.ts';

/** Rules of Namespaces. Source: registry/core/namespace strategy.go, ValidateNamespace. */

const nameLabel = 'kubernetes.io/metadata.name';
const own = 'kubernetes';
const finalizers = FieldPath.of('spec', 'finalizers');
const standardFinalizers = ['kubernetes', 'foregroundDeletion', 'orphan'];

/** Every namespace carries its name as a label, so that selectors can name it. */
function labelWithName({ metadata }: Mutable<Namespace>): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
}

export function namespaceDefaults(object: Mutable<Namespace>): void {
  labelWithName(object);
  object.status ??= {};
  object.status.phase ||= 'Active';
}

export function prepareNamespace(object: Mutable<Namespace>): void {
  object.status = { phase: 'Active' };
  const given = object.spec?.finalizers ?? [];
  object.spec = { ...object.spec, finalizers: given.includes(own) ? given : [...given, own] };
  // A generated name comes after the defaults.
  labelWithName(object);
}

export function prepareNamespaceUpdate(object: Mutable<Namespace>, old: Namespace): void {
  object.spec = { ...object.spec, finalizers: [...(old.spec?.finalizers ?? [])] };
  keepStatus(object, old);
}

function finalizerNames(errors: ErrorList, object: Namespace, pathOf: (i: number) => FieldPath): void {
  for (const [i, name] of (object.spec?.finalizers ?? []).entries()) {
    const texts = qualifiedNameErrors(name);
    for (const text of texts) errors.invalid(pathOf(i), name, text);
    if (texts.length > 0 || name.includes('/') || standardFinalizers.includes(name)) continue;
    errors.invalid(pathOf(i), name, 'name is neither a standard finalizer name nor is it fully qualified');
  }
}

/** An update of the main resource keeps the finalizers, so there is nothing to check. */
export function validateNamespace(object: Namespace, errors: ErrorList, old?: Namespace): void {
  if (!old) finalizerNames(errors, object, () => finalizers);
}

export const namespaceStatus: UpdateRules<Namespace> = {
  prepareUpdate: (object, old) => keepSpec(object, old),
  validateUpdate: (object, _old, errors) => {
    const phase = object.status?.phase ?? '';
    const at = FieldPath.of('status', 'Phase');
    if (object.metadata.deletionTimestamp) {
      if (phase !== 'Terminating') {
        errors.invalid(at, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
      }
    } else if (phase !== 'Active') errors.invalid(at, phase, "may only be 'Active' if `deletionTimestamp` is empty");
  },
};

/** namespaces/finalize is the one door to `spec.finalizers`. */
export const namespaceFinalize: UpdateRules<Namespace> = {
  prepareUpdate: (object, old) => keepStatus(object, old),
  validateUpdate: (object, _old, errors) => finalizerNames(errors, object, (i) => finalizers.index(i)),
};
