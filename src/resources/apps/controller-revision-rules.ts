import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { ControllerRevision } from '../../api/types/apps-v1.gen.ts';
import { nonNegative, unchanged } from '../rules/check.ts';

export function validateRevision(object: ControllerRevision, errors: ErrorList): void {
  if (object.data === undefined) errors.required(FieldPath.of('data'), 'data is mandatory');
  nonNegative(errors, FieldPath.of('revision'), object.revision);
}

/** A revision is a record: only its number moves. */
export function validateRevisionUpdate(object: ControllerRevision, old: ControllerRevision, errors: ErrorList): void {
  unchanged(errors, FieldPath.of('data'), object.data, old.data);
}
