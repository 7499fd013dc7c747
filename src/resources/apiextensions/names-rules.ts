import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { dns1035LabelErrors } from '../../api/names.ts';
import type { CustomResourceDefinitionNames } from '../../api/types/apiextensions-v1.gen.ts';

/** Names of a kind. Source: apiextensions validation, ValidateCustomResourceDefinitionNames. */

function label(errors: ErrorList, path: FieldPath, name: string): void {
  const texts = dns1035LabelErrors(name);
  if (texts.length) errors.invalid(path, name, texts.join(','));
}

function kindLabel(errors: ErrorList, path: FieldPath, kind: string): void {
  const texts = dns1035LabelErrors(kind.toLowerCase());
  if (texts.length) errors.invalid(path, kind, `may have mixed case, but should otherwise match: ${texts.join(',')}`);
}

/** What names there are must be well-formed; the status of a new definition has none yet. */
export function validateNames(errors: ErrorList, path: FieldPath, names: CustomResourceDefinitionNames): void {
  if (names.plural) label(errors, path.child('plural'), names.plural);
  if (names.singular) label(errors, path.child('singular'), names.singular);
  if (names.kind) kindLabel(errors, path.child('kind'), names.kind);
  if (names.listKind) kindLabel(errors, path.child('listKind'), names.listKind);
  for (const [i, name] of (names.shortNames ?? []).entries()) label(errors, path.child('shortNames').index(i), name);
  if (names.kind && names.kind === names.listKind)
    errors.invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same');
  for (const [i, name] of (names.categories ?? []).entries()) label(errors, path.child('categories').index(i), name);
}

const requiredNames = ['plural', 'singular', 'kind', 'listKind'] as const;

/** The names that a definition must give; listKind and singular have defaults. */
export function validateRequiredNames(errors: ErrorList, path: FieldPath, names: CustomResourceDefinitionNames): void {
  for (const field of requiredNames) if (!names[field]) errors.required(path.child(field));
}
