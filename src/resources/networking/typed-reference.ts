import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { nameIsPathSegment } from '../../api/names.ts';
import { named, subdomain } from '../rules/check.ts';

/** A reference to an object by kind and name. */
export function typedReference(
  errors: ErrorList,
  path: FieldPath,
  ref: { readonly apiGroup?: string; readonly kind: string; readonly name: string },
): void {
  if (ref.apiGroup !== undefined) subdomain(errors, path.child('apiGroup'), ref.apiGroup);
  for (const field of ['kind', 'name'] as const) {
    if (ref[field]) named(errors, path.child(field), ref[field], (text) => nameIsPathSegment(text, false));
    else errors.required(path.child(field), `${field} is required`);
  }
}
