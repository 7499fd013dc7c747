import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { Event } from '../../api/types/core-v1.gen.ts';
import { present, qualifiedName } from '../rules/check.ts';

const maxText = 128;
const maxMessage = 1024;

/** Events of cluster-scoped objects are in "default". Source: events validation, legacyValidateEvent. */
function namespace(object: Event, errors: ErrorList): void {
  const about = object.involvedObject?.namespace ?? '';
  const own = object.metadata.namespace ?? '';
  if (about ? about === own : own === '' || own === 'default') return;
  errors.invalid(FieldPath.of('involvedObject', 'namespace'), about, 'does not match event.namespace');
}

export function validateEvent(object: Event, errors: ErrorList): void {
  namespace(object, errors);
  // Only events of the newer kind have a time of their own, and those are checked strictly.
  if (!object.eventTime) return;
  const component = FieldPath.of('reportingComponent');
  if (present(errors, component, object.reportingComponent))
    qualifiedName(errors, component, object.reportingComponent);
  for (const field of ['reportingInstance', 'action', 'reason'] as const) {
    const value = object[field];
    const at = FieldPath.of(field);
    if (!value) errors.required(at);
    else if (value.length > maxText) errors.invalid(at, '', 'can have at most 128 characters');
  }
  if ((object.message ?? '').length > maxMessage) {
    errors.invalid(FieldPath.of('message'), '', 'can have at most 1024 characters');
  }
}
