import { ErrorList, type FieldPath } from '../../api/field-errors.ts';
import { patternOf } from '../../api/structural/pattern.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { completeness } from './completeness.ts';
import { isSchema } from './schema-walk.ts';

/**
 * What makes a schema structural: types are given outside of `allOf`, `anyOf`, `oneOf` and `not`, which only validate.
 * Source: apiextensions-apiserver `pkg/apiserver/schema/validation.go`.
 */

type Level = 'root' | 'item' | 'field';

/** Fields that a structural schema may not have at all, as the error for each says it. */
const unsupported: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['id', 'id'],
  ['$schema', 'schema'],
  ['$ref', '$ref'],
  ['patternProperties', 'patternProperties'],
  ['dependencies', 'dependencies'],
  ['additionalItems', 'additionalItems'],
  ['definitions', 'definitions'],
];

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Why a schema, or one below it, has no structural form at all; "" when it has one. */
export function conversionFailure(schema: JSONSchemaProps): string {
  for (const [field, name] of unsupported)
    if (!isEmpty(schema[field])) return `OpenAPIV3Schema '${name}' is not supported`;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(schema.items) && schema.items.length > 0)
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const below = [
    schema.not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    schema.items,
    ...Object.values(schema.properties ?? {}),
    schema.additionalProperties,
  ];
  for (const child of below) {
    const failure = isSchema(child) ? conversionFailure(child) : '';
    if (failure) return failure;
  }
  return '';
}

/** Appends why a schema is not structural, sorted by text as upstream does it. */
export function validateStructure(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  const found = new ErrorList();
  invariants(found, path, schema, 'root');
  completeness(found, path, schema);
  errors.errors.push(...found.errors.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)));
}

/** Whether a schema has a structural form that is structural. */
export function isStructural(schema: JSONSchemaProps, path: FieldPath): boolean {
  if (conversionFailure(schema)) return false;
  const errors = new ErrorList();
  validateStructure(errors, path, schema);
  return errors.empty;
}

const isJust = (schema: JSONSchemaProps | undefined, type: string): boolean =>
  schema !== undefined && schema.type === type && Object.keys(schema).length === 1;

/** `anyOf` an integer or a string: the one place below which int-or-string may name types. */
const isIntOrString = (anyOf: JSONSchemaProps['anyOf']): boolean =>
  anyOf?.length === 2 && isJust(anyOf[0], 'integer') && isJust(anyOf[1], 'string');

function invariants(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, level: Level): void {
  const { type, properties, additionalProperties: rest } = schema;
  const items = isSchema(schema.items) ? schema.items : undefined;
  if (type === 'array' && !items) errors.required(path.child('items'), 'must be specified');
  if (items) invariants(errors, path.child('items'), items, 'item');
  for (const [name, property] of Object.entries(properties ?? {}))
    invariants(errors, path.child('properties').key(name), property, 'field');
  if (rest !== undefined) {
    if (level === 'root') errors.forbidden(path.child('additionalProperties'), 'must not be used at the root');
    if (isSchema(rest)) invariants(errors, path.child('additionalProperties'), rest, 'field');
  }
  extensions(errors, path, schema);
  branches(errors, path, schema, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf));
  typeRules(errors, path, schema, level);
  metadataRules(errors, path, schema, level);
}

function extensions(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  if (!schema['x-kubernetes-int-or-string']) return;
  for (const field of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    if (schema[field]) errors.invalid(path.child(field), true, 'must be false if x-kubernetes-int-or-string is true');
}

const typeTexts: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function typeRules(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, level: Level): void {
  const at = path.child('type');
  const { type } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const open = schema['x-kubernetes-preserve-unknown-fields'] ?? false;
  const needsObject = 'must be object if x-kubernetes-embedded-resource is true';
  if (embedded && type !== 'object') {
    if (type) errors.invalid(at, type, needsObject);
    else errors.required(at, needsObject);
  } else if (!type && !schema['x-kubernetes-int-or-string'] && !open) errors.required(at, typeTexts[level]);
  if (embedded && schema.additionalProperties !== undefined)
    errors.forbidden(path.child('additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set');
  if (level === 'root' && type && type !== 'object') errors.invalid(at, type, 'must be object at the root');
  if (embedded && !open && Object.keys(schema.properties ?? {}).length === 0)
    errors.required(
      path.child('properties'),
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    );
}

const own = (schema: JSONSchemaProps, name: string): JSONSchemaProps | undefined =>
  schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;

function metadataRules(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, level: Level): void {
  const isObject = level === 'root' || (schema['x-kubernetes-embedded-resource'] ?? false);
  const at = (name: string) => path.child('properties').key(name);
  for (const name of ['kind', 'apiVersion']) {
    const property = own(schema, name);
    if (isObject && property && property.type !== 'string')
      errors.invalid(at(name).child('type'), property.type ?? '', 'must be string');
  }
  const metadata = own(schema, 'metadata');
  if (!metadata) return;
  if (isObject && metadata.type !== 'object')
    errors.invalid(at('metadata').child('type'), metadata.type ?? '', 'must be object');
  if (level === 'root' && !restrictsNamesOnly(metadata))
    errors.forbidden(
      at('metadata'),
      'must not specify anything other than name and generateName, but metadata is implicitly specified',
    );
}

/** Defaults are checked elsewhere. */
function restrictsNamesOnly(metadata: JSONSchemaProps): boolean {
  const fields = Object.keys(metadata).filter((field) => field !== 'type' && field !== 'default');
  const names = Object.keys(metadata.properties ?? {});
  return (
    fields.every((field) => field === 'properties') && names.every((name) => name === 'name' || name === 'generateName')
  );
}

/** The branches of a schema. `mayTypeAny`, `mayTypeFirst`: `anyOf`, or that of the first of `allOf`, may name types. */
function branches(
  errors: ErrorList,
  path: FieldPath,
  schema: JSONSchemaProps,
  mayTypeAny: boolean,
  mayTypeFirst: boolean,
): void {
  if (!mayTypeAny)
    for (const [i, child] of (schema.anyOf ?? []).entries()) branch(errors, path.child('anyOf').index(i), child, false);
  for (const [i, child] of (schema.allOf ?? []).entries())
    branch(errors, path.child('allOf').index(i), child, mayTypeFirst && i === 0);
  for (const [i, child] of (schema.oneOf ?? []).entries()) branch(errors, path.child('oneOf').index(i), child, false);
  if (schema.not) branch(errors, path.child('not'), schema.not, false);
  const failure = schema.pattern ? patternOf(schema.pattern).error : '';
  if (failure)
    errors.invalid(path.child('pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${failure}`);
}

/** What a branch may not say, and the word for how it must be. */
const forbiddenInBranches: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

/** Whether a field of a branch says something. A false additionalProperties counts as none, as in upstream's own form. */
const says = (schema: JSONSchemaProps, field: keyof JSONSchemaProps): boolean =>
  schema[field] !== undefined && schema[field] !== false && schema[field] !== '';

function branch(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, mayTypeAny: boolean): void {
  branches(errors, path, schema, mayTypeAny, false);
  if (isSchema(schema.items)) branch(errors, path.child('items'), schema.items, false);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    branch(errors, path.child('properties').key(name), property, false);
  for (const [field, how] of forbiddenInBranches)
    if (says(schema, field)) errors.forbidden(path.child(field), `must be ${how} to be structural`);
  if (own(schema, 'metadata'))
    errors.forbidden(path.child('properties').key('metadata'), 'must not be specified in a nested context');
}
