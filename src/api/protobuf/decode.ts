import { formatDuration } from '../duration.ts';
import { kindFacts, type TypeFacts, typeFacts, type WireField } from '../facts.ts';
import { parseJson } from '../json.ts';
import { JsonError, pathText } from '../json-parser.ts';
import { parseApiVersion } from '../object.ts';
import { isEnveloped, openEnvelope } from './envelope.ts';
import { ProtobufError, WireReader } from './wire-reader.ts';

/**
 * Kubernetes protobuf to the tree that JSON would have given, driven by the type facts alone: no schema compiler, no
 * generated classes. The bytes are not trusted: every failure is a `ProtobufError`. `encode.ts` is the way back.
 */

type Tree = Record<string, unknown>;

/** What a message says. */
export interface DecodedMessage {
  readonly tree: Tree;
  /** Paths of fields the type does not have, by number and at most 100: `spec.99`. Those that say nothing are not named. */
  readonly unknown: readonly string[];
}

const maxUnknown = 100;

const byNumber = new WeakMap<TypeFacts, ReadonlyMap<number, WireField>>();

function fieldsOf(type: TypeFacts): ReadonlyMap<number, WireField> {
  let fields = byNumber.get(type);
  if (!fields) byNumber.set(type, (fields = new Map(type.wire.map((f) => [f.number, f]))));
  return fields;
}

class Decoder {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];

  struct(type: TypeFacts, reader: WireReader, into: Tree): Tree {
    const fields = fieldsOf(type);
    for (let number = reader.next(); number > 0; number = reader.next()) {
      const field = fields.get(number);
      if (field === undefined) {
        if (reader.skip() && this.unknown.length < maxUnknown)
          this.unknown.push(pathText([...this.#path, String(number)]));
      } else if (field.inline) this.#message(reader, () => this.struct(field.type, reader, into));
      else {
        this.#path.push(field.name);
        into[field.name] = this.#field(field.type, reader, into[field.name]);
        this.#path.pop();
      }
    }
    return into;
  }

  #message<T>(reader: WireReader, read: () => T): T {
    const outer = reader.enter();
    const value = read();
    reader.leave(outer);
    return value;
  }

  #field(type: TypeFacts, reader: WireReader, before: unknown): unknown {
    if (type.shape === 'map') return this.#entry(type.element!, reader, (before as Tree | undefined) ?? {});
    if (type.shape === 'list' && !type.wrapped)
      return this.#element(type.element!, reader, (before as unknown[] | undefined) ?? []);
    return this.#value(type, reader, before);
  }

  #element(element: TypeFacts, reader: WireReader, list: unknown[]): unknown[] {
    // Packed numbers come as one run of bytes.
    const wire = packable[element.shape];
    if (wire !== undefined && reader.wire === 2)
      this.#message(reader, () => {
        reader.wire = wire;
        while (reader.more) list.push(this.#value(element, reader, undefined));
      });
    else {
      this.#path.push(list.length);
      list.push(this.#value(element, reader, undefined));
      this.#path.pop();
    }
    return list;
  }

  #entry(element: TypeFacts, reader: WireReader, map: Tree): Tree {
    let key = '';
    // A value that was not written is Go's zero value, which conforming fills in.
    let value: unknown = null;
    this.#message(reader, () => {
      for (let number = reader.next(); number > 0; number = reader.next())
        if (number === 1) key = reader.text();
        else if (number === 2) {
          this.#path.push(key);
          value = this.#field(element, reader, undefined);
          this.#path.pop();
        } else reader.skip();
    });
    if (key === '__proto__') throw new ProtobufError('the key "__proto__" is not supported');
    map[key] = value;
    return map;
  }

  /** One value; a message that comes twice is merged, as Go does. */
  #value(type: TypeFacts, reader: WireReader, before: unknown): unknown {
    switch (type.shape) {
      case 'string':
        return reader.text();
      case 'bool':
        return reader.bool();
      case 'int32':
        return reader.int32();
      case 'int64':
        return reader.integer();
      case 'float':
        return reader.float();
      case 'bytes':
        return reader.bytes().toString('base64');
      case 'struct':
        return this.#message(reader, () => this.struct(type, reader, (before as Tree | undefined) ?? {}));
      case 'map':
        throw new ProtobufError(`a map cannot stand where ${type.name} does`);
      default:
        return this.#message(reader, () => this.#own(type, reader, before));
    }
  }

  /** Types that marshal themselves, as messages. */
  #own(type: TypeFacts, reader: WireReader, before: unknown): unknown {
    switch (type.shape) {
      case 'list':
        return this.#wrapped(type.element!, reader, (before as unknown[] | undefined) ?? []);
      case 'time':
        return time(reader, ({ seconds }) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
      case 'microTime':
        return time(reader, microTime);
      case 'duration':
        return formatDuration(Number(digits(one(reader, () => reader.integer()) ?? 0)));
      case 'quantity':
        return one(reader, () => reader.text()) ?? '0';
      case 'intOrString':
        return intOrString(reader);
      case 'schemaOr':
        return this.#schemaOr(type, reader);
      default:
        return this.#raw(reader);
    }
  }

  /** A list in a message of its own: {items 1}. */
  #wrapped(element: TypeFacts, reader: WireReader, list: unknown[]): unknown[] {
    for (let number = reader.next(); number > 0; number = reader.next())
      if (number === 1) this.#element(element, reader, list);
      else reader.skip();
    return list;
  }

  /** RawExtension, FieldsV1 and JSON carry JSON text, or an object enveloped as this one is. */
  #raw(reader: WireReader): unknown {
    const raw = one(reader, () => reader.bytes());
    if (!raw || raw.length === 0) return null;
    if (isEnveloped(raw)) return this.#enveloped(raw, reader.depth);
    try {
      return parseJson(raw).value;
    } catch (error) {
      throw error instanceof JsonError ? new ProtobufError(error.message) : error;
    }
  }

  #enveloped(bytes: Buffer, depth: number): Tree {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const gv = parseApiVersion(apiVersion);
    const type = gv && kindFacts(gv.group, gv.version, kind);
    if (!type) throw new ProtobufError(notRegistered(apiVersion, kind));
    return { apiVersion, kind, ...this.struct(type, new WireReader(raw, depth + 1), {}) };
  }

  /** JSONSchemaPropsOrBool {allows 1, schema 2}, OrArray {schema 1, schemas 2}, OrStringArray {schema 1, property 2}. */
  #schemaOr(type: TypeFacts, reader: WireReader): unknown {
    const other = type.element!;
    const withBool = other.shape === 'bool';
    const schema = typeFacts(type.name.replace(/OrArray$|OrBool$|OrStringArray$/, ''));
    let value: unknown = withBool ? false : null;
    for (let number = reader.next(); number > 0; number = reader.next())
      if (number === (withBool ? 2 : 1)) value = this.#value(schema, reader, isTree(value) ? value : undefined);
      else if (withBool && number === 1) {
        const allows = reader.bool();
        if (!isTree(value)) value = allows;
      } else if (number === 2) value = this.#element(other.element!, reader, Array.isArray(value) ? value : []);
      else reader.skip();
    return value;
  }
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The wire type of numbers that may come packed. */
const packable: Readonly<Partial<Record<TypeFacts['shape'], number>>> = { bool: 0, int32: 0, int64: 0, float: 1 };

/** The value of field 1 of a message that has no other that matters. */
function one<T>(reader: WireReader, read: () => T): T | undefined {
  let value: T | undefined;
  for (let number = reader.next(); number > 0; number = reader.next())
    if (number === 1) value = read();
    else reader.skip();
  return value;
}

const digits = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

const lastSecond = 253_402_300_799;
const firstSecond = -62_135_596_800;

/** Timestamp {seconds 1, nanos 2}; null for no time. Go's own zero time counts as none. */
function time(reader: WireReader, show: (instant: Instant) => string): string | null {
  let seconds = 0;
  let nanos = 0;
  for (let number = reader.next(); number > 0; number = reader.next())
    if (number === 1) seconds = Number(digits(reader.integer()));
    else if (number === 2) nanos = reader.int32();
    else reader.skip();
  if (nanos === 0 && (seconds === 0 || seconds === firstSecond)) return null;
  if (seconds > lastSecond || seconds < firstSecond || nanos < 0 || nanos > 999_999_999)
    throw new ProtobufError(`the time ${seconds}.${nanos} is out of range`);
  return show({ seconds, nanos });
}

const microTime = ({ seconds, nanos }: Instant): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;

/** IntOrString {type 1, intVal 2, strVal 3}. */
function intOrString(reader: WireReader): string | number {
  let isText = false;
  let number = 0;
  let text = '';
  for (let field = reader.next(); field > 0; field = reader.next())
    if (field === 1) isText = reader.int32() === 1;
    else if (field === 2) number = reader.int32();
    else if (field === 3) text = reader.text();
    else reader.skip();
  return isText ? text : number;
}

export const notRegistered = (apiVersion: string, kind: string): string =>
  `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`;

/** Reads the message of a type. Throws `ProtobufError`. */
export function decodeMessage(type: TypeFacts, bytes: Uint8Array): DecodedMessage {
  const decoder = new Decoder();
  const tree = decoder.struct(type, new WireReader(bytes), {});
  return { tree, unknown: decoder.unknown };
}
