import { PbfReader } from 'pbf';
import { formatDuration } from '../duration.ts';
import { kindFacts, type TypeFacts, type WireField } from '../facts.ts';
import { bigInteger } from '../json-number.ts';
import { apiVersionOf, parseApiVersion } from '../object.ts';

/**
 * Kubernetes protobuf to the tree that JSON would have given, driven by the type facts alone: no schema compiler, no
 * generated classes. Source of the envelope: apimachinery `runtime/serializer/protobuf`.
 */

export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

type Tree = Record<string, unknown>;

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const maxDepth = 200;

/** Reads an enveloped object. Throws `ProtobufError`, also for kinds the facts do not know. */
export function decodeProtobuf(bytes: Uint8Array): Tree {
  if (bytes.length < 4 || magic.compare(bytes, 0, 4) !== 0)
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  try {
    return readUnknown(bytes.subarray(4));
  } catch (error) {
    if (error instanceof ProtobufError) throw error;
    throw new ProtobufError(`malformed protobuf message: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** runtime.Unknown: typeMeta 1 {apiVersion 1, kind 2}, raw 2. */
function readUnknown(bytes: Uint8Array): Tree {
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array();
  each(bytes, (number, reader) => {
    if (number === 2) raw = reader.readBytes();
    else if (number === 1)
      each(reader.readBytes(), (n, inner) => {
        if (n === 1) apiVersion = inner.readString();
        else if (n === 2) kind = inner.readString();
      });
  });
  const gv = parseApiVersion(apiVersion);
  const type = gv && kindFacts(gv.group, gv.version, kind);
  if (!gv || !type)
    throw new ProtobufError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  const tree = readStruct(type, raw, 0);
  tree['apiVersion'] = apiVersionOf(gv);
  tree['kind'] = kind;
  return tree;
}

/** Calls `field` with each field's number; what it does not read is skipped. */
function each(bytes: Uint8Array, field: (number: number, reader: PbfReader) => void): void {
  const reader = new PbfReader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.readVarint();
    const at = reader.pos;
    (reader as { type: number }).type = tag & 7;
    field(tag >>> 3, reader);
    if (reader.pos === at) reader.skip(tag);
    if (reader.pos > bytes.length) throw new ProtobufError('unexpected end of the message');
  }
}

const byNumber = new WeakMap<TypeFacts, Map<number, WireField>>();

function wireOf(type: TypeFacts): Map<number, WireField> {
  let fields = byNumber.get(type);
  if (!fields) byNumber.set(type, (fields = new Map(type.wire.map((f) => [f.number, f]))));
  return fields;
}

function readStruct(type: TypeFacts, bytes: Uint8Array, depth: number, into: Tree = {}): Tree {
  if (depth > maxDepth) throw new ProtobufError('the message is nested too deeply');
  const fields = wireOf(type);
  each(bytes, (number, reader) => {
    const field = fields.get(number);
    if (!field) return;
    if (field.inline) readStruct(field.type, reader.readBytes(), depth + 1, into);
    else into[field.name] = readField(field.type, reader, into[field.name], depth);
  });
  return into;
}

function readField(type: TypeFacts, reader: PbfReader, before: unknown, depth: number): unknown {
  if (type.shape === 'list' && !type.wrapped) return readElement(type, reader, (before as unknown[]) ?? [], depth);
  if (type.shape === 'map') return readEntry(type, reader, (before as Tree) ?? {}, depth);
  return readValue(type, reader, depth);
}

function readElement(type: TypeFacts, reader: PbfReader, list: unknown[], depth: number): unknown[] {
  const element = type.element!;
  // Packed numbers come as one run of bytes.
  if (numeric.has(element.shape) && reader.type === 2) {
    const end = reader.readVarint() + reader.pos;
    while (reader.pos < end) list.push(readScalar(element, reader));
  } else list.push(readValue(element, reader, depth));
  return list;
}

const numeric: ReadonlySet<string> = new Set(['bool', 'int32', 'int64', 'float']);

function readEntry(type: TypeFacts, reader: PbfReader, map: Tree, depth: number): Tree {
  const element = type.element!;
  let key = '';
  let value: unknown = emptyValue(element);
  each(reader.readBytes(), (number, inner) => {
    if (number === 1) key = inner.readString();
    else if (number === 2) value = readValue(element, inner, depth);
  });
  if (key === '__proto__') throw new ProtobufError('the key "__proto__" is not supported');
  map[key] = value;
  return map;
}

/** What a map value is that was not written. */
function emptyValue(type: TypeFacts): unknown {
  if (type.shape === 'list') return [];
  if (type.shape === 'struct') return {};
  if (type.shape === 'quantity') return '0';
  return numeric.has(type.shape) ? (type.shape === 'bool' ? false : 0) : '';
}

function readValue(type: TypeFacts, reader: PbfReader, depth: number): unknown {
  switch (type.shape) {
    case 'struct':
      return readStruct(type, reader.readBytes(), depth + 1);
    case 'list':
      return readWrapped(type, reader.readBytes(), depth + 1);
    case 'map':
      throw new ProtobufError(`a map cannot stand where ${type.name} does`);
    case 'bytes':
      return Buffer.from(reader.readBytes()).toString('base64');
    default:
      return type.shape in messages ? messages[type.shape]!(reader.readBytes(), type, depth) : readScalar(type, reader);
  }
}

/** A list in a message of its own: `repeated items = 1`. */
function readWrapped(type: TypeFacts, bytes: Uint8Array, depth: number): unknown[] {
  const list: unknown[] = [];
  each(bytes, (number, reader) => {
    if (number === 1) readElement(type, reader, list, depth);
  });
  return list;
}

function readScalar(type: TypeFacts, reader: PbfReader): unknown {
  switch (type.shape) {
    case 'string':
      return reader.readString();
    case 'bool':
      return reader.readBoolean();
    case 'int32':
    case 'int64':
      return integer(reader);
    case 'float':
      return reader.type === 5 ? reader.readFloat() : reader.readDouble();
    default:
      throw new ProtobufError(`values of type ${type.name} cannot be read`);
  }
}

/** A signed integer, exact: beyond 2^53 as digits. */
function integer(reader: PbfReader): unknown {
  const start = reader.pos;
  const value = reader.readVarint(true);
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let at = start, shift = 0n; at < reader.pos; at++, shift += 7n) exact |= BigInt(reader.buf[at]! & 0x7f) << shift;
  return bigInteger(BigInt.asIntN(64, exact).toString());
}

/** Types that marshal themselves, as messages. */
const messages: Readonly<Record<string, (bytes: Uint8Array, type: TypeFacts, depth: number) => unknown>> = {
  time: (bytes) => {
    const t = secondsAndNanos(bytes);
    return t && new Date(t.seconds * 1000).toISOString().replace('.000Z', 'Z');
  },
  microTime: (bytes) => {
    const t = secondsAndNanos(bytes);
    if (!t) return null;
    const micros = String(Math.floor(t.nanos / 1000)).padStart(6, '0');
    return `${new Date(t.seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
  },
  duration: (bytes) => formatDuration(oneOf(bytes, 1, (r) => r.readVarint(true)) ?? 0),
  quantity: (bytes) => oneOf(bytes, 1, (r) => r.readString()) ?? '0',
  intOrString: (bytes) => {
    let isString = false;
    let number = 0;
    let text = '';
    each(bytes, (n, reader) => {
      if (n === 1) isString = reader.readVarint(true) === 1;
      else if (n === 2) number = reader.readVarint(true);
      else if (n === 3) text = reader.readString();
    });
    return isString ? text : number;
  },
  object: rawJson,
  any: rawJson,
  schemaOr: (bytes, type, depth) => readSchemaOr(bytes, type, depth),
};

function oneOf<T>(bytes: Uint8Array, wanted: number, read: (reader: PbfReader) => T): T | undefined {
  let value: T | undefined;
  each(bytes, (number, reader) => {
    if (number === wanted) value = read(reader);
  });
  return value;
}

function secondsAndNanos(bytes: Uint8Array): { seconds: number; nanos: number } | null {
  let seconds = 0;
  let nanos = 0;
  each(bytes, (number, reader) => {
    if (number === 1) seconds = reader.readVarint(true);
    else if (number === 2) nanos = reader.readVarint(true);
  });
  if (seconds === 0 && nanos === 0) return null;
  if (Math.abs(seconds) > 253_402_300_800) throw new ProtobufError(`the time ${seconds} is out of range`);
  return { seconds, nanos };
}

/** RawExtension, FieldsV1 and JSON carry JSON text, or an object enveloped as this one is. */
function rawJson(bytes: Uint8Array): unknown {
  const raw = oneOf(bytes, 1, (reader) => reader.readBytes());
  if (!raw || raw.length === 0) return null;
  if (raw.length > 4 && magic.compare(raw, 0, 4) === 0) return decodeProtobuf(raw);
  return JSON.parse(Buffer.from(raw).toString('utf8'), (key, value) => {
    if (key === '__proto__') throw new ProtobufError('the key "__proto__" is not supported');
    return value;
  });
}

/** JSONSchemaPropsOrBool {allows 1, schema 2}, OrArray {schema 1, schemas 2}, OrStringArray {schema 1, property 2}. */
function readSchemaOr(bytes: Uint8Array, type: TypeFacts, depth: number): unknown {
  const schema = kindFacts('apiextensions.k8s.io', 'v1', 'JSONSchemaProps')!;
  const other = type.element!;
  const withBool = other.shape === 'bool';
  let value: unknown = withBool ? false : null;
  each(bytes, (number, reader) => {
    if (number === (withBool ? 2 : 1)) value = readStruct(schema, reader.readBytes(), depth + 1);
    else if (withBool && number === 1) value = reader.readBoolean();
    else if (number === 2) value = readElement(other, reader, Array.isArray(value) ? value : [], depth);
  });
  return value;
}
