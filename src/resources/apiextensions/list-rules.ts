import type { ErrorList, FieldPath } from '../../api/field-errors.ts';
import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { isSchema } from './schema-walk.ts';

/** List types, map types and list map keys. Source: ValidateCustomResourceDefinitionOpenAPISchema, validateMapListKeysMapSet. */

const listTypes = ['atomic', 'set', 'map'];
const mapTypes = ['atomic', 'granular'];

/** A schema whose type must be another for what it says. */
function needsType(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps, type: string, field: string): boolean {
  if (schema.type === type) return true;
  const text = `must be ${type} if ${field} is specified`;
  if (schema.type) errors.invalid(path.child('type'), schema.type, text);
  else errors.required(path.child('type'), text);
  return false;
}

export function listRules(
  errors: ErrorList,
  path: FieldPath,
  schema: JSONSchemaProps,
  requireAtomicSetItems: boolean,
): void {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    needsType(errors, path, schema, 'object', 'x-kubernetes-map-type');
    if (!mapTypes.includes(mapType))
      errors.notSupported(path.child('x-kubernetes-map-type'), mapType, mapTypes, 'given');
  }
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== undefined) {
    const isList = needsType(errors, path, schema, 'array', 'x-kubernetes-list-type');
    if (isList && requireAtomicSetItems && !hasAtomicSetItems(schema)) nonAtomicItems(errors, path, schema);
    if (!listTypes.includes(listType))
      errors.notSupported(path.child('x-kubernetes-list-type'), listType, listTypes, 'given');
  }
  mapKeys(errors, path, schema);
}

/** Whether the items of a set are compared as a whole; so for a list of any other type. */
export function hasAtomicSetItems(schema: JSONSchemaProps): boolean {
  const { items } = schema;
  if (schema['x-kubernetes-list-type'] !== 'set' || !isSchema(items)) return true;
  if (items.type === 'array') return (items['x-kubernetes-list-type'] ?? 'atomic') === 'atomic';
  return items.type !== 'object' || items['x-kubernetes-map-type'] === 'atomic';
}

function nonAtomicItems(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  const items = schema.items as JSONSchemaProps;
  const field = items.type === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type';
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  errors.invalid(path.child('items', field), items['x-kubernetes-list-type'] ?? null, text);
}

function mapKeys(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const listType = schema['x-kubernetes-list-type'];
  const typePath = path.child('x-kubernetes-list-type');
  const text = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (keys.length > 0 && listType === undefined) errors.required(typePath, text);
  else if (keys.length > 0 && listType !== 'map') errors.invalid(typePath, listType, text);
  if (listType !== 'map') return;
  if (keys.length === 0)
    errors.required(path.child('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map');
  const { items } = schema;
  const at = path.child('items');
  if (items === undefined) errors.required(at, 'must have a schema if x-kubernetes-list-type is map');
  else if (!isSchema(items))
    errors.invalid(at, items, 'must only have a single schema if x-kubernetes-list-type is map');
  else if (items.type !== 'object')
    errors.invalid(
      at.child('type'),
      items.type ?? '',
      "must be object if parent array's x-kubernetes-list-type is map",
    );
  else keyRules(errors, path, keys, items);
}

function keyRules(errors: ErrorList, path: FieldPath, keys: readonly string[], items: JSONSchemaProps): void {
  const at = path.child('x-kubernetes-list-map-keys');
  const properties = items.properties ?? {};
  for (const [i, key] of keys.entries()) {
    if (!Object.hasOwn(properties, key)) errors.invalid(at, keys, 'entries must all be names of item properties');
    else if (properties[key]!.type === 'array' || properties[key]!.type === 'object')
      errors.invalid(
        path.child('items', 'properties').key(key).child('type'),
        items.type,
        "must be a scalar type if parent array's x-kubernetes-list-type is map",
      );
    if (keys.indexOf(key) < i) errors.invalid(at, keys, 'must not contain duplicate entries');
  }
}

/** Items of sets and map lists are never null; the keys of map lists are always there. */
export function mapListRules(errors: ErrorList, path: FieldPath, schema: JSONSchemaProps): void {
  const { items } = schema;
  const listType = schema['x-kubernetes-list-type'];
  if (!isSchema(items) || (listType !== 'set' && listType !== 'map')) return;
  if (items.nullable)
    errors.forbidden(path.child('items', 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`);
  if (listType === 'set') return;
  const properties = items.properties ?? {};
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!property) continue;
    const at = path.child('items', 'properties').key(key);
    if (!items.required?.includes(key) && property.default === undefined)
      errors.required(
        at.child('default'),
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      );
    if (property.nullable)
      errors.forbidden(
        at.child('nullable'),
        'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      );
  }
}
