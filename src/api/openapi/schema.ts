import { type FieldFacts, factPackages, type TypeFacts, typeFacts } from '../facts.ts';

/** JSON schemas of types, in the words of OpenAPI v2 (definitions) and v3 (components). */

export type Dialect = 'v2' | 'v3';
export type Schema = Record<string, unknown>;

/** Text for a type, or for a field of it. Comes from a build asset; without it documents have no descriptions. */
export type Describe = (type: string, field?: string) => string | undefined;

/** Scalars and types that marshal themselves. */
const plain: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: {},
};

/** Types with a schema of their own that is no struct. */
const special: Readonly<Record<string, Readonly<Record<Dialect, Schema>>>> = {
  time: same({ type: 'string', format: 'date-time' }),
  microTime: same({ type: 'string', format: 'date-time' }),
  duration: same({ type: 'string' }),
  object: same({ type: 'object' }),
  schemaOr: same({}),
  quantity: { v2: { type: 'string' }, v3: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  intOrString: {
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
};

function same(schema: Schema): Readonly<Record<Dialect, Schema>> {
  return { v2: schema, v3: schema };
}

/** `core/v1.Pod` → `io.k8s.api.core.v1.Pod`. */
export function modelName(type: string): string {
  const dot = type.indexOf('.');
  return `${factPackages.get(type.slice(0, dot))!.model}${type.slice(dot)}`;
}

/** Whether the type is a component that others refer to, rather than written in place. */
const isComponent = (type: TypeFacts): boolean =>
  type.shape === 'struct' || special[type.shape] !== undefined || (type.shape === 'any' && type.name.includes('.'));

/** Zero values that required fields and list elements carry as defaults. */
const zeros: Readonly<Record<string, unknown>> = { string: '', bool: false, int32: 0, int64: 0, float: 0 };

/** Kinds of meta/v1 that are the core group's own. */
const unversioned: ReadonlySet<string> = new Set([
  'meta/v1.Status',
  'meta/v1.APIResourceList',
  'meta/v1.APIVersions',
  'meta/v1.APIGroup',
  'meta/v1.APIGroupList',
]);

/** Kinds every group serves, with the group versions they are said to be of. */
export type EveryGroup = (type: string) => readonly { group: string; kind: string; version: string }[] | undefined;

export class SchemaWriter {
  readonly #dialect: Dialect;
  readonly #describe: Describe;
  readonly #everyGroup: EveryGroup;

  constructor(dialect: Dialect, describe: Describe, everyGroup: EveryGroup) {
    this.#dialect = dialect;
    this.#describe = describe;
    this.#everyGroup = everyGroup;
  }

  reference(type: string): Schema {
    const place = this.#dialect === 'v2' ? '#/definitions/' : '#/components/schemas/';
    return { $ref: `${place}${modelName(type)}` };
  }

  /** The schema of a component, and the names of those it refers to. */
  component(name: string): { schema: Schema; refers: ReadonlySet<string> } {
    const type = typeFacts(name);
    const refers = new Set<string>();
    const description = this.#describe(name);
    const start: Schema = description === undefined ? {} : { description };
    if (type.shape !== 'struct')
      return { schema: { ...start, ...(special[type.shape]?.[this.#dialect] ?? plain[type.shape]) }, refers };
    const schema: Schema = { ...start, type: 'object' };
    const fields = [...type.fields.values()];
    const required = fields.filter((f) => !f.optional).map((f) => f.name);
    if (required.length) schema['required'] = required;
    if (fields.length)
      schema['properties'] = Object.fromEntries(fields.map((f) => [f.name, this.#property(name, f, refers)]));
    const kinds = this.#everyGroup(name) ?? this.#kindsOf(type);
    if (kinds.length) schema['x-kubernetes-group-version-kind'] = kinds;
    if (type.granularity) schema['x-kubernetes-map-type'] = type.granularity;
    return { schema, refers };
  }

  #kindsOf(type: TypeFacts): { group: string; kind: string; version: string }[] {
    if (!type.kind || (type.name.startsWith('meta/') && !unversioned.has(type.name))) return [];
    const { group, kind, version } = type.kind;
    return [{ group: type.name.startsWith('meta/') ? '' : group, kind, version }];
  }

  #property(owner: string, field: FieldFacts, refers: Set<string>): Schema {
    const schema: Schema = {};
    const { type } = field;
    const description = this.#describe(owner, field.name);
    if (description !== undefined) schema['description'] = description;
    const isReference = isComponent(type);
    Object.assign(schema, this.#inPlace(type, refers, isReference && this.#dialect === 'v3'));
    if (field.hasDefault) schema['default'] = field.default;
    else if (this.#dialect === 'v3' && isReference && type.shape === 'struct' && !field.pointer) schema['default'] = {};
    else if (!field.optional && !field.pointer && zeros[type.shape] !== undefined)
      schema['default'] = zeros[type.shape];
    if (field.listType) schema['x-kubernetes-list-type'] = field.listType;
    if (field.listKeys.length) schema['x-kubernetes-list-map-keys'] = field.listKeys;
    if (field.granularity && !isReference) schema['x-kubernetes-map-type'] = field.granularity;
    if (field.patchMergeKey) schema['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
    if (field.patchStrategies.length) schema['x-kubernetes-patch-strategy'] = field.patchStrategies.join(',');
    return schema;
  }

  /** What stands in a property: a reference (in allOf, where siblings must not be lost), or the type itself. */
  #inPlace(type: TypeFacts, refers: Set<string>, wrapped: boolean): Schema {
    if (isComponent(type)) {
      refers.add(type.name);
      const reference = this.reference(type.name);
      return wrapped ? { allOf: [reference] } : reference;
    }
    if (type.shape === 'list') return { type: 'array', items: this.#element(type, refers) };
    if (type.shape === 'map') return { type: 'object', additionalProperties: this.#element(type, refers) };
    const schema: Schema = { ...plain[type.shape] };
    if (type.enum?.length) schema['enum'] = [...type.enum].sort();
    return schema;
  }

  #element(type: TypeFacts, refers: Set<string>): Schema {
    const element = type.element!;
    const defaulted = this.#dialect === 'v3' && !type.elementPointer;
    const isStruct = element.shape === 'struct';
    const schema = this.#inPlace(element, refers, defaulted && isComponent(element));
    if (defaulted && (isStruct || zeros[element.shape] !== undefined))
      schema['default'] = isStruct ? {} : zeros[element.shape];
    return schema;
  }
}
