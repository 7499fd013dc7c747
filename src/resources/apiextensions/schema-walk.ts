import type { CustomResourceDefinitionSpec, JSONSchemaProps } from '../../api/types/apiextensions-v1.gen.ts';

/** Schemas of a definition, node by node. */

export const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const single = ['items', 'not', 'additionalProperties', 'additionalItems'] as const;
const lists = ['items', 'allOf', 'anyOf', 'oneOf'] as const;
const maps = ['properties', 'patternProperties', 'definitions', 'dependencies'] as const;

/** The schemas right below one. */
export function* childSchemas(schema: JSONSchemaProps): Generator<JSONSchemaProps> {
  for (const field of single) if (isSchema(schema[field])) yield schema[field];
  for (const field of lists) {
    const list = schema[field];
    if (Array.isArray(list)) for (const child of list) yield child as JSONSchemaProps;
  }
  for (const field of maps) for (const child of Object.values(schema[field] ?? {})) if (isSchema(child)) yield child;
}

/** A schema and all below it. */
export function* allSchemas(schema: JSONSchemaProps | undefined): Generator<JSONSchemaProps> {
  if (!schema) return;
  yield schema;
  for (const child of childSchemas(schema)) yield* allSchemas(child);
}

/** All schemas of all versions. */
export function* specSchemas(spec: CustomResourceDefinitionSpec): Generator<JSONSchemaProps> {
  for (const version of spec.versions ?? []) yield* allSchemas(version.schema?.openAPIV3Schema);
}

/** Whether any schema of a definition is such. */
export function hasSchema(spec: CustomResourceDefinitionSpec, is: (schema: JSONSchemaProps) => boolean): boolean {
  for (const schema of specSchemas(spec)) if (is(schema)) return true;
  return false;
}
