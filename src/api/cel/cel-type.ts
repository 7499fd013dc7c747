/**
 * Types of CEL values as the checker sees them. Size limits feed the cost estimate: a list of at most ten short strings
 * is cheap to walk, one without a limit is not. Source: apiserver `pkg/cel/types.go` (DeclType).
 */
export type CelType =
  | CelScalarType
  | CelTextType
  | CelListType
  | CelMapType
  | CelObjectType
  | CelOptionalType
  | CelOpaqueType;

export interface CelScalarType {
  /** `dyn` is checked at run time only: preserved unknown fields, int-or-string. */
  readonly kind: 'bool' | 'int' | 'uint' | 'double' | 'null' | 'dyn' | 'type' | 'duration' | 'timestamp';
  /** Of what can be a text in JSON (dyn, duration, timestamp): its greatest size. */
  readonly maxLength?: number;
}

export interface CelTextType {
  readonly kind: 'string' | 'bytes';
  /** Longest value in characters (bytes for `bytes`); no limit unless given. */
  readonly maxLength?: number;
}

export interface CelListType {
  readonly kind: 'list';
  readonly element: CelType;
  readonly maxElements?: number;
  /** How two lists are compared and added. Source: apiserver `pkg/cel/common/values.go`. */
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listKeys?: readonly string[];
}

export interface CelMapType {
  readonly kind: 'map';
  readonly key: CelType;
  readonly value: CelType;
  readonly maxElements?: number;
}

/** A JSON object with known fields. Recursive types expand on first use. */
export interface CelObjectType {
  readonly kind: 'object';
  /** As error texts name it. */
  readonly name: string;
  /** By escaped CEL name (`__namespace__` for `namespace`): see `escapeField`. */
  readonly fields: ReadonlyMap<string, CelField>;
}

export interface CelField {
  /** The name in JSON. */
  readonly name: string;
  readonly type: CelType;
  readonly required: boolean;
}

export interface CelOptionalType {
  readonly kind: 'optional';
  readonly of: CelType;
}

/** Types of the Kubernetes libraries: values are made by their functions only. */
export interface CelOpaqueType {
  readonly kind: 'opaque';
  /** `kubernetes.Quantity`, `kubernetes.URL`, `net.IP`, `net.CIDR`, `kubernetes.Semver`, `kubernetes.authorization.Authorizer` … */
  readonly name: string;
}
