import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../types/apiextensions-v1.gen.ts';
import type { Describe, Dialect, Schema } from './schema.ts';

/**
 * Schemas of custom kinds, as documents show them: with the metadata of every object, and in v2 without what v2 cannot say.
 * Source: apiextensions `controller/openapi/{builder,v2}`, `apiserver/schema/{unfold,kubeopenapi}.go`.
 */

type Props = JSONSchemaProps;
type Draft = Record<string, unknown>;

/** Keywords that structural schemas have and documents show as they are. */
const copied = [
  'description',
  'type',
  'format',
  'title',
  'default',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'enum',
  'maxProperties',
  'minProperties',
  'required',
  'externalDocs',
  'example',
  'nullable',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const;

const branches = ['allOf', 'anyOf', 'oneOf', 'not'] as const;
const eitherType = [{ type: 'integer' }, { type: 'string' }];

const isProps = (value: unknown): value is Props =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** "stable.example.com", "v1", "CronTab" → "com.example.stable.v1.CronTab". */
export const customModelName = (group: string, version: string, kind: string): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

/** Writes the schemas of one dialect. */
export class CustomSchemaWriter {
  readonly #dialect: Dialect;
  readonly #describe: Describe;

  constructor(dialect: Dialect, describe: Describe) {
    this.#dialect = dialect;
    this.#describe = describe;
  }

  /** A kind in a version. */
  kind(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): Schema {
    const { group, names } = crd.spec;
    const source = version.schema?.openAPIV3Schema;
    const schema = this.#root(source, crd.spec.preserveUnknownFields ?? false);
    return { ...schema, ...kindExtension(group, version.name, names.kind), ...selectable(version) };
  }

  /** The list of a kind. */
  list(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): Schema {
    const { group, names } = crd.spec;
    const { kind, plural, listKind = `${kind}List` } = names;
    const place = this.#dialect === 'v2' ? '#/definitions/' : '#/components/schemas/';
    return {
      description: `${listKind} is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...this.#typeMeta(),
        items: {
          description: `List of ${plural}`,
          type: 'array',
          items: { $ref: `${place}${customModelName(group, version.name, kind)}` },
        },
        metadata: this.#metadata('ListMeta', 'core/v1.ConfigMapList'),
      },
      ...kindExtension(group, version.name, listKind),
      ...selectable(version),
    };
  }

  #root(source: Props | undefined, preserves: boolean): Schema {
    // Of a kind that keeps unknown fields v2 says nothing more: kubectl would refuse them.
    const open = this.#dialect === 'v2' && (preserves || source?.['x-kubernetes-preserve-unknown-fields']);
    if (!source || open) return { type: 'object' };
    const schema = this.#schema(source);
    const properties = {
      ...(schema['properties'] as Draft | undefined),
      ...this.#typeMeta(),
      metadata: this.#metadata('ObjectMeta', 'core/v1.ConfigMap'),
    };
    return { ...schema, properties };
  }

  #schema(source: Props): Draft {
    const schema: Draft = {};
    for (const key of copied) if (source[key] !== undefined) schema[key] = source[key];
    const { items, properties, additionalProperties: rest } = source;
    if (isProps(items)) schema['items'] = this.#schema(items);
    if (properties)
      schema['properties'] = Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, this.#schema(property)]),
      );
    if (rest !== undefined) schema['additionalProperties'] = isProps(rest) ? this.#schema(rest) : rest;
    if (this.#dialect === 'v2') reduce(schema, source);
    else unfold(schema);
    this.#embed(schema);
    return schema;
  }

  /** What every embedded object has. v2 leaves it away where unknown fields are kept. */
  #embed(schema: Draft): void {
    if (!schema['x-kubernetes-embedded-resource']) return;
    if (this.#dialect === 'v2' && schema['x-kubernetes-preserve-unknown-fields']) return;
    schema['properties'] = {
      ...(schema['properties'] as Draft | undefined),
      ...this.#typeMeta(),
      metadata: this.#metadata('ObjectMeta', 'core/v1.ConfigMap'),
    };
    const required = (schema['required'] as string[] | undefined) ?? [];
    schema['required'] = [...new Set([...required, 'kind', 'apiVersion'])];
  }

  #typeMeta(): Draft {
    const text = (field: string) => described(this.#describe('core/v1.ConfigMap', field), { type: 'string' });
    return { apiVersion: text('apiVersion'), kind: text('kind') };
  }

  #metadata(type: string, owner: string): Schema {
    const place = this.#dialect === 'v2' ? '#/definitions/' : '#/components/schemas/';
    const reference = { $ref: `${place}io.k8s.apimachinery.pkg.apis.meta.v1.${type}` };
    const description = this.#describe(owner, 'metadata');
    // Beside a reference v3 allows nothing.
    return described(description, this.#dialect === 'v2' ? reference : { allOf: [reference] });
  }
}

const described = (description: string | undefined, schema: Schema): Schema =>
  description === undefined ? schema : { description, ...schema };

const kindExtension = (group: string, version: string, kind: string): Schema => ({
  'x-kubernetes-group-version-kind': [{ group, kind, version }],
});

const selectable = ({ selectableFields }: CustomResourceDefinitionVersion): Schema =>
  selectableFields?.length
    ? {
        'x-kubernetes-selectable-fields': selectableFields.map(({ jsonPath }) => ({
          fieldPath: jsonPath.replace(/^\./, ''),
        })),
      }
    : {};

/** Says of an int-or-string that it is one or the other, unless its author has. */
function unfold(schema: Draft): void {
  if (!schema['x-kubernetes-int-or-string']) return;
  const saysSo = (list: unknown) => JSON.stringify(list) === JSON.stringify(eitherType);
  const [first] = (schema['allOf'] as Draft[] | undefined) ?? [];
  if (saysSo(schema['anyOf']) || saysSo(first?.['anyOf'])) return;
  if (schema['anyOf'] === undefined) schema['anyOf'] = eitherType;
  else schema['allOf'] = [{ anyOf: eitherType }, ...((schema['allOf'] as Draft[] | undefined) ?? [])];
}

/** Leaves out what v2 cannot say and kubectl's v2 parser stumbles over. */
function reduce(schema: Draft, source: Props): void {
  for (const branch of branches) delete schema[branch];
  const preserves = source['x-kubernetes-preserve-unknown-fields'];
  delete schema['nullable'];
  if (source.nullable || preserves) {
    delete schema['items'];
    delete schema['properties'];
  }
  const isBareList = schema['type'] === 'array' && schema['items'] === undefined;
  if (source.nullable || isBareList || (preserves && schema['type'] === 'object')) delete schema['type'];
  const rest = source.additionalProperties;
  const required =
    isProps(rest) && rest.nullable
      ? []
      : (source.required ?? []).filter((name) => !(schema['properties'] && source.properties?.[name]?.nullable));
  if (required.length > 0) schema['required'] = required;
  else delete schema['required'];
}
