/**
 * CEL values. What JavaScript has is used as it is: booleans, strings, null, bigint for int, number for double,
 * Uint8Array for bytes. The rest are the classes below, so that `typeof` and `instanceof` tell all types apart.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Duration
  | Timestamp
  | TypeValue
  | Optional
  | CelList
  | CelMap
  | Opaque;

/** An unsigned 64-bit integer. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A length of time in nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A point in time, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  /** Minutes east of UTC that it was written with; only how it prints depends on it. */
  readonly offset: number;

  constructor(nanos: bigint, offset = 0) {
    this.nanos = nanos;
    this.offset = offset;
  }
}

/** A type as a value: `int`, `type(x)`. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value that may be missing. */
export class Optional {
  readonly value: Value | undefined;

  private constructor(value: Value | undefined) {
    this.value = value;
  }

  static readonly none = new Optional(undefined);
  static of(value: Value): Optional {
    return new Optional(value);
  }
}

/** A list of CEL values. */
export abstract class CelList {
  abstract readonly size: number;
  /** The element at `index`, which must be within the list. */
  abstract at(index: number): Value;

  *[Symbol.iterator](): Iterator<Value> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

/** A map or object of CEL values. */
export abstract class CelMap {
  abstract readonly size: number;
  /** The value under a key, undefined when there is none. */
  abstract find(key: Value): Value | undefined;
  abstract keys(): Iterable<Value>;
  /** Whether the map lists the key. */
  has(key: Value): boolean {
    return this.find(key) !== undefined;
  }
  /** The name of an object type that an expression constructed. */
  get typeName(): string {
    return 'map';
  }
}

/** Values of the Kubernetes libraries: a URL, an address, a quantity, an authorizer. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: Value): boolean;
  /** What `size` counts for the cost; undefined where it counts as one. */
  get costSize(): number | undefined {
    return undefined;
  }
  /** How the value leaves CEL. */
  abstract toJson(): unknown;
}

/** A value of CEL on its way through the caller, to be a variable of another expression. */
export class Bound {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

export const isInt64 = (value: bigint): boolean => value >= minInt && value <= maxInt;
export const isUint64 = (value: bigint): boolean => value >= 0n && value <= maxUint;
