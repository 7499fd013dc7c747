import { integerOf, isBigInteger } from '../../json-number.ts';
import type { CelListType, CelObjectType, CelType } from '../cel-type.ts';
import { escapeField } from '../escape.ts';
import { fail, noSuchOverload } from './fault.ts';
import { misfit, readBytes, readDuration, readInt, readTimestamp } from './read-scalar.ts';
import { Bound, CelList, CelMap, Duration, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './value.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON value under its type. Only the value itself is looked at: elements and fields are read when they are asked for.
 * Throws a fault where the value does not fit. Source of the texts: apiserver `pkg/cel/common/valuesunstructured.go`.
 */
export function readJson(raw: unknown, type: CelType): Value {
  // No value of an optional variable is none: an object that did not exist before.
  if (raw === null || raw === undefined) return type.kind === 'optional' ? Optional.none : null;
  return raw instanceof Bound ? raw.value : readers[type.kind](raw, type as never);
}

const readers: { readonly [K in CelType['kind']]: (raw: unknown, type: Extract<CelType, { kind: K }>) => Value } = {
  dyn: readDyn,
  bool: (raw) => (typeof raw === 'boolean' ? raw : misfit('bool', raw)),
  int: readInt,
  uint: (raw) => (raw instanceof Uint ? raw : new Uint(readInt(raw))),
  double: (raw) => (typeof raw === 'number' ? raw : isBigInteger(raw) ? Number(raw.rawJSON) : misfit('float', raw)),
  null: (raw) => misfit('null', raw),
  type: (raw) => (raw instanceof TypeValue ? raw : misfit('type', raw)),
  string: (raw) => (typeof raw === 'string' ? raw : misfit('string', raw)),
  bytes: readBytes,
  duration: readDuration,
  timestamp: readTimestamp,
  list: (raw, type) => {
    if (raw instanceof CelList) return raw;
    return Array.isArray(raw)
      ? new JsonList(raw, type)
      : fail('invalid data, expected an array for the provided schema with type=array');
  },
  map: (raw, type) => (raw instanceof CelMap ? raw : new JsonMap(objectOf(raw), type.value)),
  object: (raw, type) => (raw instanceof CelMap ? raw : new JsonRecord(objectOf(raw), type)),
  optional: (raw, type) => (raw instanceof Optional ? raw : Optional.of(readJson(raw, type.of))),
  opaque: (raw, type) => (raw instanceof Opaque ? raw : misfit(type.name, raw)),
};

function readDyn(raw: unknown): Value {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return raw;
    case 'number':
      return Number.isSafeInteger(raw) ? BigInt(raw) : raw;
  }
  if (isBigInteger(raw)) return BigInt(raw.rawJSON);
  if (Array.isArray(raw)) return new JsonList(raw, undefined);
  return isValue(raw) ? raw : new JsonMap(raw as JsonObject, { kind: 'dyn' });
}

/** Values made by the library itself pass through. */
const isValue = (raw: unknown): raw is Value =>
  raw instanceof CelMap ||
  raw instanceof CelList ||
  raw instanceof Opaque ||
  raw instanceof Optional ||
  raw instanceof Uint ||
  raw instanceof Timestamp ||
  raw instanceof Duration ||
  raw instanceof TypeValue ||
  raw instanceof Uint8Array;

function objectOf(raw: unknown): JsonObject {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !isBigInteger(raw)) return raw as JsonObject;
  return fail('invalid data, expected a map for the provided schema with type=object');
}

const dyn: CelType = { kind: 'dyn' };

/** A JSON array, whose elements are read as they are asked for. */
export class JsonList extends CelList {
  readonly raw: readonly unknown[];
  readonly element: CelType;
  readonly type: CelListType | undefined;
  #index: Map<string, unknown> | undefined;

  constructor(raw: readonly unknown[], type: CelListType | undefined) {
    super();
    this.raw = raw;
    this.type = type;
    this.element = type?.element ?? dyn;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): Value {
    return readJson(this.raw[index], this.element);
  }

  /** The raw elements by what tells them apart: the whole scalar of a set, the keys of a map list's element. */
  get index(): ReadonlyMap<string, unknown> {
    if (this.#index === undefined) {
      this.#index = new Map();
      for (const raw of this.raw) this.#index.set(this.identityOf(raw), raw);
    }
    return this.#index;
  }

  /** What makes a raw element of a set or map list the same as another. */
  identityOf(raw: unknown): string {
    if (this.type?.listType !== 'map') return scalarIdentity(raw);
    const element = (raw ?? {}) as Record<string, unknown>;
    return (this.type.listKeys ?? []).map((key) => scalarIdentity(element[key])).join('\0');
  }
}

function scalarIdentity(raw: unknown): string {
  const integer = integerOf(raw);
  if (integer !== undefined) return `n${integer}`;
  return typeof raw === 'object' ? `j${JSON.stringify(raw)}` : `${typeof raw}${raw}`;
}

/** A JSON object whose keys are data. */
export class JsonMap extends CelMap {
  readonly raw: JsonObject;
  readonly value: CelType;

  constructor(raw: JsonObject, value: CelType) {
    super();
    this.raw = raw;
    this.value = value;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') throw noSuchOverload;
    return Object.hasOwn(this.raw, key) ? readJson(this.raw[key], this.value) : undefined;
  }

  keys(): Iterable<Value> {
    return Object.keys(this.raw);
  }
}

/** A JSON object with declared fields; the others are there, for size and equality, but cannot be reached. */
export class JsonRecord extends CelMap {
  readonly raw: JsonObject;
  readonly type: CelObjectType;

  constructor(raw: JsonObject, type: CelObjectType) {
    super();
    this.raw = raw;
    this.type = type;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  /** A null field is an absent one. */
  find(key: Value): Value | undefined {
    if (typeof key !== 'string') throw noSuchOverload;
    const field = this.type.fields.get(key);
    if (field === undefined || !Object.hasOwn(this.raw, field.name)) return undefined;
    const raw = this.raw[field.name];
    return raw === null || raw === undefined ? undefined : readJson(raw, field.type);
  }

  *keys(): Iterable<Value> {
    for (const name of Object.keys(this.raw)) {
      const escaped = escapeField(name);
      if (escaped !== undefined && this.type.fields.has(escaped)) yield escaped;
    }
  }
}
