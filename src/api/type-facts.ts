/** The shapes of type facts. What they are read from, and how: `facts.ts`. */

/** How a value of a type looks in JSON. Everything that walks objects switches on this. */
export type Shape =
  | 'struct'
  | 'list'
  | 'map'
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float'
  /** Base64 text. */
  | 'bytes'
  /** RFC 3339 with seconds. */
  | 'time'
  /** RFC 3339 with microseconds. */
  | 'microTime'
  /** Go duration text. */
  | 'duration'
  /** String or number. */
  | 'quantity'
  | 'intOrString'
  /** Any JSON object, kept as it is: RawExtension, FieldsV1. */
  | 'object'
  /** Any JSON value: the JSON type of CRD schemas, custom resources' preserved unknown fields. */
  | 'any'
  /** A JSONSchemaProps, or a list of them, a bool, or a list of strings. */
  | 'schemaOr';

export type ListType = 'atomic' | 'set' | 'map';
export type Granularity = 'atomic' | 'granular';

export interface TypeFacts {
  readonly shape: Shape;
  /** `core/v1.Pod` for a named type, else the Go text, e.g. `[]core/v1.Container`. */
  readonly name: string;
  /** The type as Go prints it in errors: `v1.Pod`, `[]v1.Container`, `int32`. */
  readonly goName: string;
  /** Of a list or map. For `schemaOr` the alternative to an object: JSONSchemaProps is `struct`. */
  readonly element: TypeFacts | undefined;
  /** Whether the elements of the list or map are Go pointers. */
  readonly elementPointer: boolean;
  /** Of a struct: fields by JSON name in Go order, inlined ones flattened in place. */
  readonly fields: ReadonlyMap<string, FieldFacts>;
  /** Of a struct: fields Go writes even when nobody set them: empty structs, and whatever is not omitempty. */
  readonly always: readonly FieldFacts[];
  /** Of a struct: unknown fields are kept. Custom resources without a schema. */
  readonly open: boolean;
  /** Values of an enum type; undefined when any string goes. */
  readonly enum: readonly string[] | undefined;
  /** Type-level default of map and struct fields of this type. */
  readonly granularity: Granularity | undefined;
  /** Of a list that is an item or a map's value in a custom resource; lists that are fields are described there. */
  readonly listType?: ListType | undefined;
  readonly listKeys?: readonly string[];
  /** Whether protobuf wraps the list in a message of its own. */
  readonly wrapped: boolean;
  /** Of a struct: the fields as protobuf sees them: inlined structs are nested messages, JSON-less fields exist. */
  readonly wire: readonly WireField[];
  /** Kind of the API this struct is, if it is one. */
  readonly kind: KindFacts | undefined;
}

export interface FieldFacts {
  readonly name: string;
  readonly type: TypeFacts;
  readonly pointer: boolean;
  readonly optional: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  /** Protobuf number within `owner`. */
  readonly number: number;
  /** Name of the struct that declares the field (differs from the walked one for inlined fields). */
  readonly owner: string;
  readonly listType: ListType | undefined;
  readonly listKeys: readonly string[];
  readonly granularity: Granularity | undefined;
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  readonly gates: readonly string[];
  /** A `+default` marker; `hasDefault` tells it from none. */
  readonly default: unknown;
  readonly hasDefault: boolean;
}

/** A field on the protobuf wire. */
export interface WireField {
  readonly number: number;
  /** JSON name; for inlined structs and JSON-less fields the Go name. */
  readonly name: string;
  readonly type: TypeFacts;
  readonly pointer: boolean;
  readonly inline: boolean;
  readonly hidden: boolean;
}

export interface KindFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly introduced: string | undefined;
  readonly deprecated: string | undefined;
  readonly removed: string | undefined;
  /** What to use once it is deprecated. */
  readonly replacement?: { readonly group: string; readonly version: string; readonly kind: string } | undefined;
}
