import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import { FieldPathError, followPath } from '../../api/structural/field-path.ts';
import type { Structural } from '../../api/structural/structural.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
  SelectableField,
} from '../../api/types/apiextensions-v1.gen.ts';

/** What a version has beside its schema: deprecation, printer columns, subresources, selectable fields. */

export const maxSelectableFields = 8;

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxWarning = 256;

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

export function validateDeprecation(
  errors: ErrorList,
  path: FieldPath,
  version: CustomResourceDefinitionVersion,
): void {
  const warning = version.deprecationWarning;
  if (warning === undefined) return;
  const wrong = (text: string) => errors.invalid(path, warning, text);
  if (!version.deprecated) {
    wrong('can only be set for deprecated versions');
    return;
  }
  if (Buffer.byteLength(warning) > maxWarning) wrong('must be <= 256 characters long');
  if (warning === '') wrong('must not be an empty string');
  const at = warning.search(unprintable);
  if (at >= 0) {
    const index = Buffer.byteLength(warning.slice(0, at));
    wrong(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  }
}

/** A path from the object on, in dot notation. Returns whether it is one. */
function simpleJsonPath(errors: ErrorList, path: FieldPath, value: string): boolean {
  if (value.startsWith('.')) return true;
  errors.invalid(path, value, 'must be a simple json path starting with .');
  return false;
}

export function validateColumn(errors: ErrorList, path: FieldPath, column: CustomResourceColumnDefinition): void {
  if (!column.name) errors.required(path.child('name'));
  const types = `must be one of ${columnTypes.join(',')}`;
  if (!column.type) errors.required(path.child('type'), types);
  else if (!columnTypes.includes(column.type)) errors.invalid(path.child('type'), column.type, types);
  if (column.format && !columnFormats.includes(column.format))
    errors.invalid(path.child('format'), column.format, `must be one of ${columnFormats.join(',')}`);
  if (!column.jsonPath) errors.required(path.child('JSONPath'));
  else simpleJsonPath(errors, path.child('JSONPath'), column.jsonPath);
}

function scalePath(
  errors: ErrorList,
  path: FieldPath,
  value: string | undefined,
  below: readonly string[],
  text: string,
): void {
  if (!value) errors.required(path);
  else if (simpleJsonPath(errors, path, value) && !below.some((prefix) => value.startsWith(prefix)))
    errors.invalid(path, value, `should be a json path under ${text}`);
}

export function validateSubresources(
  errors: ErrorList,
  path: FieldPath,
  subresources: CustomResourceSubresources | undefined,
): void {
  const scale = subresources?.scale;
  if (!scale) return;
  scalePath(errors, path.child('scale.specReplicasPath'), scale.specReplicasPath, ['.spec.'], '.spec');
  scalePath(errors, path.child('scale.statusReplicasPath'), scale.statusReplicasPath, ['.status.'], '.status');
  const selector = path.child('scale.labelSelectorPath');
  if (scale.labelSelectorPath)
    scalePath(errors, selector, scale.labelSelectorPath, ['.spec.', '.status.'], 'either .spec or .status');
}

const selectableTypes = ['string', 'boolean', 'integer'];

/** `allowMany`: there were too many before, and they are the same. */
export function validateSelectableFields(
  errors: ErrorList,
  path: FieldPath,
  fields: readonly SelectableField[],
  schema: Structural,
  allowMany: boolean,
): void {
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of fields.entries()) {
    const at = path.index(i).child('jsonPath');
    if (!jsonPath) errors.required(at);
    else selectableField(errors, at, jsonPath, schema, seen);
  }
  if (seen.size > maxSelectableFields && !allowMany) errors.tooMany(path, seen.size, maxSelectableFields);
}

function selectableField(
  errors: ErrorList,
  path: FieldPath,
  jsonPath: string,
  schema: Structural,
  seen: Set<string>,
): void {
  try {
    const found = followPath(jsonPath, schema, { brackets: false });
    if (found.root === 'metadata') errors.invalid(path, jsonPath, 'must not point to fields in metadata');
    if (!selectableTypes.includes(found.schema.type))
      errors.invalid(
        path,
        jsonPath,
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      );
    if (seen.has(found.path)) errors.duplicate(path, jsonPath);
    seen.add(found.path);
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    errors.invalid(path, jsonPath, `is an invalid path: ${error.message}`);
  }
}
