import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { qualifiedNameErrors } from '../../api/names.ts';
import { named, present } from '../rules/check.ts';

/** What every class of storage names: who provides it, and what that is told. Source: storage/validation. */

const maxParameters = 512;
const maxSize = 256 * 1024;

export function parameters(errors: ErrorList, path: FieldPath, values: Readonly<Record<string, string>>): void {
  const entries = Object.entries(values);
  if (entries.length > maxParameters) {
    errors.tooLong(path, maxParameters);
    return;
  }
  let size = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.invalid(path, key, 'field can not be empty.');
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > maxSize) errors.tooLong(path, maxSize);
}

/** A qualified name, in any case. */
export function provisioner(errors: ErrorList, path: FieldPath, name: string | undefined): void {
  if (present(errors, path, name)) named(errors, path, name, (value) => qualifiedNameErrors(value.toLowerCase()));
}
