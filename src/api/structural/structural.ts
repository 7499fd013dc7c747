import type { ListType } from '../type-facts.ts';
import type { JSONSchemaProps, ValidationRule } from '../types/apiextensions-v1.gen.ts';
import { isKnownFormat } from './formats.ts';

/**
 * A node of a structural schema, compiled from the `openAPIV3Schema` of a CustomResourceDefinition: what pruning,
 * defaulting, validation, CEL rules and server-side apply walk. Nodes inside `allOf`, `anyOf`, `oneOf` and `not` are of
 * the same shape; they only validate. Source: apiextensions-apiserver `pkg/apiserver/schema/structural.go`.
 */
export interface Structural {
  /** `object`, `array`, `string`, …; "" where the schema gives none. */
  readonly type: string;
  /** What a value may be: the type, `integer` and `string` for int-or-string, nothing for anything. */
  readonly types: readonly string[];
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, Structural>;
  readonly items: Structural | undefined;
  readonly additionalProperties: Structural | boolean | undefined;
  readonly xPreserveUnknownFields: boolean;
  readonly xIntOrString: boolean;
  readonly xEmbeddedResource: boolean;
  readonly listType: ListType | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  /** undefined for none: a null default is none. */
  readonly default: unknown;
  /** CEL rules, in order. */
  readonly validations: readonly ValidationRule[];

  /** As written; "" for none and for one that nobody knows. */
  readonly format: string;
  readonly maximum: number | undefined;
  readonly exclusiveMaximum: boolean;
  readonly minimum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly multipleOf: number | undefined;
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;
  readonly pattern: string;
  readonly maxItems: number | undefined;
  readonly minItems: number | undefined;
  readonly maxProperties: number | undefined;
  readonly minProperties: number | undefined;
  readonly required: readonly string[];
  readonly enum: readonly unknown[];
  readonly allOf: readonly Structural[];
  readonly anyOf: readonly Structural[];
  readonly oneOf: readonly Structural[];
  readonly not: Structural | undefined;
}

const noSchemas: readonly Structural[] = [];
const noValues: readonly unknown[] = [];
const noNames: readonly string[] = [];
const noRules: readonly ValidationRule[] = [];
const noProperties: ReadonlyMap<string, Structural> = new Map();
const intOrString: readonly string[] = ['integer', 'string'];

const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const compileAll = (schemas: readonly JSONSchemaProps[] | undefined): readonly Structural[] =>
  schemas?.length ? schemas.map(compileStructural) : noSchemas;

const compileOne = (schema: unknown): Structural | undefined =>
  isSchema(schema) ? compileStructural(schema) : undefined;

function compileProperties(properties: JSONSchemaProps['properties']): ReadonlyMap<string, Structural> {
  const entries = Object.entries(properties ?? {});
  return entries.length ? new Map(entries.map(([name, schema]) => [name, compileStructural(schema)])) : noProperties;
}

function typesOf(schema: JSONSchemaProps): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return intOrString;
  return schema.type ? [schema.type] : noNames;
}

/**
 * Compiles a schema. Whether it is structural has been checked when its CustomResourceDefinition was accepted; of what
 * could not have been accepted (a list of schemas for items, `definitions`) nothing is kept.
 */
export function compileStructural(schema: JSONSchemaProps): Structural {
  const types = typesOf(schema);
  const { additionalProperties } = schema;
  return {
    type: schema.type ?? '',
    types,
    nullable: schema.nullable ?? false,
    properties: compileProperties(schema.properties),
    items: compileOne(schema.items),
    additionalProperties: isSchema(additionalProperties)
      ? compileStructural(additionalProperties)
      : additionalProperties,
    xPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? false,
    xIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    xEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    listType: schema['x-kubernetes-list-type'] as ListType | undefined,
    listMapKeys: schema['x-kubernetes-list-map-keys'] ?? noNames,
    mapType: schema['x-kubernetes-map-type'] as Structural['mapType'],
    default: schema.default ?? undefined,
    validations: schema['x-kubernetes-validations'] ?? noRules,
    format: schema.format && isKnownFormat(types, schema.format) ? schema.format : '',
    maximum: schema.maximum,
    exclusiveMaximum: schema.exclusiveMaximum ?? false,
    minimum: schema.minimum,
    exclusiveMinimum: schema.exclusiveMinimum ?? false,
    multipleOf: schema.multipleOf,
    maxLength: schema.maxLength,
    minLength: schema.minLength,
    pattern: schema.pattern ?? '',
    maxItems: schema.maxItems,
    minItems: schema.minItems,
    maxProperties: schema.maxProperties,
    minProperties: schema.minProperties,
    required: schema.required ?? noNames,
    enum: schema.enum ?? noValues,
    allOf: compileAll(schema.allOf),
    anyOf: compileAll(schema.anyOf),
    oneOf: compileAll(schema.oneOf),
    not: compileOne(schema.not),
  };
}

/** The schema of a field of a value: its property's, else the one of all other fields; undefined where there is none. */
export function fieldSchema(schema: Structural | undefined, name: string): Structural | undefined {
  const property = schema?.properties.get(name);
  if (property) return property;
  const rest = schema?.additionalProperties;
  return typeof rest === 'object' ? rest : undefined;
}
