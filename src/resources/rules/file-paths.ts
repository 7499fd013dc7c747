import type { ErrorList, FieldPath } from '../../api/field-errors.ts';

/** Paths inside volumes. They must stay inside: no absolute paths, no `..`. */

export const fileModeText = 'must be a number between 0 and 0777 (octal), both inclusive';

export function noBacksteps(errors: ErrorList, path: FieldPath, value: string): boolean {
  if (!value.includes('..') || !value.split('/').includes('..')) return true;
  errors.invalid(path, value, "must not contain '..'");
  return false;
}

/** A relative path without `..`. */
export function descendingPath(errors: ErrorList, path: FieldPath, value: string): void {
  if (value.startsWith('/')) errors.invalid(path, value, 'must be a relative path');
  noBacksteps(errors, path, value);
}

/** As descendingPath; and no name like `..data`, which the atomic writer keeps for itself. */
export function projectedPath(errors: ErrorList, path: FieldPath, value: string): void {
  descendingPath(errors, path, value);
  if (value.startsWith('..') && !value.startsWith('../')) errors.invalid(path, value, "must not start with '..'");
}

export function fileMode(errors: ErrorList, path: FieldPath, mode: number | undefined): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0)) errors.invalid(path, mode, fileModeText);
}
