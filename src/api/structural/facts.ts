import { typeFacts } from '../facts.ts';
import { apiVersionOf } from '../object.ts';
import type { FieldFacts, Shape, TypeFacts } from '../type-facts.ts';
import type { Structural } from './structural.ts';

/**
 * A custom resource as type facts: how managedFields and server-side apply see it. List types, keys, atomic maps and
 * structs are the schema's, metadata is that of every object. These facts are for comparing and merging; decoding takes
 * those without a schema (`customKindFacts`), since values of a wrong type are the validation's to refuse.
 */

const none: readonly string[] = [];
const noFields: ReadonlyMap<string, FieldFacts> = new Map();

const plain: Omit<TypeFacts, 'shape' | 'name' | 'goName'> = {
  element: undefined,
  elementPointer: false,
  fields: noFields,
  always: [],
  open: false,
  enum: undefined,
  granularity: undefined,
  wrapped: false,
  wire: [],
  kind: undefined,
};

const scalars: Readonly<Record<string, Shape>> = {
  string: 'string',
  boolean: 'bool',
  integer: 'int64',
  number: 'float',
};

/** Fields that nobody describes: maps are merged, lists are atomic. */
const deduced: TypeFacts = { ...plain, shape: 'struct', name: 'object', goName: 'interface {}', open: true };

function fieldOf(name: string, owner: string, schema: Structural, required: boolean): FieldFacts {
  return {
    name,
    type: typeOf(schema, `${owner}.${name}`),
    pointer: true,
    optional: !required,
    omitEmpty: true,
    omitZero: false,
    number: 0,
    owner,
    listType: schema.listType,
    listKeys: schema.listMapKeys,
    granularity: schema.mapType,
    patchStrategies: none,
    patchMergeKey: undefined,
    gates: none,
    default: schema.default,
    hasDefault: schema.default !== undefined,
  };
}

function fieldsOf(schema: Structural, name: string): Map<string, FieldFacts> {
  const required = new Set(schema.required);
  return new Map([...schema.properties].map(([key, s]) => [key, fieldOf(key, name, s, required.has(key))]));
}

/** What every object has: apiVersion, kind and metadata. */
const objectFields = () => typeFacts('meta/v1.PartialObjectMetadata').fields;

function typeOf(schema: Structural, name: string): TypeFacts {
  const granularity = schema.mapType;
  if (schema.xIntOrString) return { ...plain, shape: 'intOrString', name, goName: 'intstr.IntOrString' };
  const scalar = scalars[schema.type];
  if (scalar) return { ...plain, shape: scalar, name, goName: schema.type };
  if (schema.type === 'array')
    return {
      ...plain,
      shape: 'list',
      name,
      goName: '[]interface {}',
      element: schema.items ? typeOf(schema.items, `${name}[]`) : deduced,
      listType: schema.listType,
      listKeys: schema.listMapKeys,
    };
  const rest = schema.additionalProperties;
  if (typeof rest === 'object' && schema.properties.size === 0)
    return {
      ...plain,
      shape: 'map',
      name,
      goName: 'map[string]interface {}',
      element: typeOf(rest, `${name}[]`),
      granularity,
    };
  const fields = fieldsOf(schema, name);
  return {
    ...deduced,
    name,
    fields: schema.xEmbeddedResource ? new Map([...fields, ...objectFields()]) : fields,
    open: schema.xPreserveUnknownFields || schema.type === '' || rest === true,
    granularity,
  };
}

/** The facts of a custom resource of this schema. */
export function structuralFacts(schema: Structural, group: string, version: string, kind: string): TypeFacts {
  const name = `${apiVersionOf({ group, version })}.${kind}`;
  const shared = typeFacts('meta/v1.PartialObjectMetadata');
  return {
    ...plain,
    shape: 'struct',
    name,
    goName: 'unstructured.Unstructured',
    fields: new Map([...fieldsOf(schema, name), ...shared.fields]),
    always: shared.always,
    open: schema.xPreserveUnknownFields,
    granularity: schema.mapType,
    kind: { group, version, kind, introduced: undefined, deprecated: undefined, removed: undefined },
  };
}
