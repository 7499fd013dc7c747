import { type ErrorList, FieldPath } from '../../api/field-errors.ts';
import { sameValue } from '../../api/object-meta.ts';
import type { VolumeAttributesClass } from '../../api/types/storage-v1.gen.ts';
import { parameters, provisioner } from './parameters.ts';

/** Rules of VolumeAttributesClasses. Source: storage/validation ValidateVolumeAttributesClass. */

export function validateAttributesClass(object: VolumeAttributesClass, errors: ErrorList): void {
  provisioner(errors, FieldPath.of('driverName'), object.driverName);
  const at = FieldPath.of('parameters');
  const values = object.parameters ?? {};
  if (Object.keys(values).length === 0) errors.required(at, 'must contain at least one key/value pair');
  else parameters(errors, at, values);
}

export function validateAttributesClassUpdate(
  object: VolumeAttributesClass,
  old: VolumeAttributesClass,
  errors: ErrorList,
): void {
  for (const field of ['driverName', 'parameters'] as const) {
    if (!sameValue(object[field], old[field])) {
      errors.forbidden(FieldPath.of(field), `updates to ${field} are forbidden.`);
    }
  }
}
