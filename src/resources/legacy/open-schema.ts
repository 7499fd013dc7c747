import type { JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';
import { openApiTypes } from '../apiextensions/schema-rules.ts';
import { isTree, type Tree, without } from '../tree.ts';

/**
 * A schema of a definition that keeps unknown fields, as a structural one that does: every object in it is open, and
 * whatever v1 does not allow in a schema is left out. So all that the old schema accepted is accepted and kept, a few
 * things that it refused are accepted too, and opening an open schema changes nothing.
 * Source of what is structural: apiextensions-apiserver `apiserver/schema/validation.go`.
 */
export function openSchema(schema: JSONSchemaProps | undefined): JSONSchemaProps {
  const root = without((schema ?? {}) as Tree, ['additionalProperties', 'nullable', intOrString]);
  const { properties, ...rest } = opened({ ...root, type: 'object' });
  if (!isTree(properties)) return rest as JSONSchemaProps;
  const metadata = isTree(properties['metadata']) && { metadata: rootMetadata(properties['metadata']) };
  return { ...rest, properties: { ...properties, ...typeStrings(properties), ...metadata } } as JSONSchemaProps;
}

const open = 'x-kubernetes-preserve-unknown-fields';
const intOrString = 'x-kubernetes-int-or-string';
const embedded = 'x-kubernetes-embedded-resource';

/** Refused in v1 altogether. */
const refused = [
  'id',
  '$schema',
  '$ref',
  'definitions',
  'dependencies',
  'patternProperties',
  'additionalItems',
  'uniqueItems',
];
const junctors = ['allOf', 'anyOf', 'oneOf'];
const logical = [...junctors, 'not'];

/** What says more of a value than that it is an integer or a string. */
const notScalar = ['type', 'format', open, embedded, 'properties', 'additionalProperties', 'items', ...logical];

function opened(given: Tree): Tree {
  const schema = without(given, refused);
  if (isIntOrString(schema)) return { ...without(schema, notScalar), [intOrString]: true };
  const type = typeOf(schema);
  const base = { ...without(schema, ['type', open, ...logical]), ...keptLogic(schema) };
  if (type === undefined) return { ...base, [open]: true };
  if (type === 'object') return openObject({ ...without(base, ['items']), type });
  const plain = { ...without(base, ['properties', 'additionalProperties']), type };
  return type === 'array' ? openArray(plain) : without(plain, ['items']);
}

/** The type a schema states, if there is such a type, or the one type that what it states is about. */
function typeOf(schema: Tree): unknown {
  if (schema[embedded] === true) return 'object';
  if (openApiTypes.includes(schema['type'] as string)) return schema['type'];
  if ('properties' in schema || 'additionalProperties' in schema) return 'object';
  return 'items' in schema ? 'array' : undefined;
}

function openObject(schema: Tree): Tree {
  const { properties, additionalProperties, ...rest } = schema;
  if (isTree(properties)) {
    const all = mapped(properties);
    return { ...rest, properties: schema[embedded] === true ? { ...all, ...typeStrings(all) } : all, [open]: true };
  }
  // Of a map all keys are known.
  if (isTree(additionalProperties) && schema[embedded] !== true)
    return { ...rest, additionalProperties: opened(additionalProperties) };
  return { ...rest, [open]: true };
}

const mapped = (schemas: Tree): Tree =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, isTree(schema) ? opened(schema) : schema]));

const openArray = (schema: Tree): Tree => ({
  ...schema,
  items: isTree(schema['items']) ? opened(schema['items']) : { [open]: true },
});

/** kind and apiVersion of a resource, where its schema names them, are strings; its metadata is an object. */
function typeStrings(properties: Tree): Tree {
  const types = { apiVersion: 'string', kind: 'string', metadata: 'object' };
  return Object.fromEntries(
    Object.entries(types).flatMap(([name, type]) => {
      const schema = properties[name];
      if (!isTree(schema) || schema['type'] === type) return [];
      return [[name, type === 'object' ? { type, [open]: true } : { type }]];
    }),
  );
}

/** Of the metadata at the root a schema may say no more than what name and generateName must look like. */
function rootMetadata(schema: Tree): Tree {
  const properties = isTree(schema['properties']) ? schema['properties'] : {};
  const names = Object.entries(properties).filter(([name]) => name === 'name' || name === 'generateName');
  return { type: 'object', ...(names.length > 0 && { properties: Object.fromEntries(names) }) };
}

/** The flag, or a choice of integer and string, which schemas had before there was one. */
function isIntOrString(schema: Tree): boolean {
  if (schema[intOrString] === true) return true;
  const choice = (schema['anyOf'] ?? schema['oneOf']) as Tree[] | undefined;
  const types = choice?.map((s) => (Object.keys(s).length === 1 ? s['type'] : undefined));
  return !schema['type'] && types?.length === 2 && types.includes('integer') && types.includes('string');
}

/** Those of allOf, anyOf, oneOf and not that are structural. */
function keptLogic(schema: Tree): Tree {
  const kept = Object.entries(schema).filter(([key, value]) => {
    if (key === 'not') return isTree(value) && isLogical(value, schema);
    return junctors.includes(key) && (value as Tree[]).every((s) => isLogical(s, schema));
  });
  return Object.fromEntries(kept);
}

/** What says how a value is made up, rather than which values are good, and so has no place within allOf and the like. */
const shaping = [
  ...refused,
  'type',
  'title',
  'description',
  'default',
  'additionalProperties',
  'nullable',
  open,
  intOrString,
  embedded,
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
];

/** Whether a schema within allOf and the like judges only what is described outside of it too. */
function isLogical(schema: Tree, outside: Tree): boolean {
  if (shaping.some((key) => key in schema)) return false;
  const { properties, items, not } = schema;
  const fits = (inner: unknown, there: unknown) => isTree(inner) && isTree(there) && isLogical(inner, there);
  if (isTree(properties)) {
    const described = isTree(outside['properties']) ? outside['properties'] : {};
    for (const [name, inner] of Object.entries(properties))
      if (!Object.hasOwn(described, name) || !fits(inner, described[name])) return false;
  }
  if (items !== undefined && !fits(items, outside['items'])) return false;
  if (isTree(not) && !isLogical(not, outside)) return false;
  return junctors.every((key) => ((schema[key] ?? []) as Tree[]).every((inner) => isLogical(inner, outside)));
}
