import { parseDuration } from '../duration.ts';
import { type TypeFacts, typeFacts } from '../facts.ts';
import { delimited, fixed64, varint, WireWriter } from './wire-writer.ts';

/**
 * A canonical tree to a Kubernetes protobuf message, driven by the type facts alone. As Go's encoders do it: fields in
 * the order of their numbers, whatever is no pointer written even when it is nothing, maps sorted by key. As they do,
 * it writes from the end to the start, so everything here runs backwards. `decode.ts` is the way back.
 */

type Tree = Readonly<Record<string, unknown>>;
type Write = (value: unknown, type: TypeFacts, out: WireWriter) => void;

/** A field, worked out once. */
interface Field {
  readonly name: string;
  readonly tag: number;
  readonly type: TypeFacts;
  readonly write: Write;
  readonly form: 'one' | 'list' | 'map' | 'inline';
  /** What Go writes, tag included, where there is no value; undefined for what may be nil. */
  readonly zero: Uint8Array | undefined;
}

const plans = new WeakMap<TypeFacts, readonly Field[]>();

/** The fields of a struct, last one first. */
function planOf(type: TypeFacts): readonly Field[] {
  let plan = plans.get(type);
  if (!plan) plans.set(type, (plan = makePlan(type)));
  return plan;
}

function makePlan(type: TypeFacts): Field[] {
  return [...type.wire]
    .sort((a, b) => b.number - a.number)
    .map(({ name, number, type: of, pointer, inline }) => {
      const form = inline ? 'inline' : of.shape === 'map' ? 'map' : of.shape === 'list' && !of.wrapped ? 'list' : 'one';
      const value = form === 'list' ? of.element! : of;
      const field = { name, form, tag: tagOf(number, value), type: value, write: writerOf(value) } as const;
      const always = form === 'one' && !pointer && of.shape !== 'bytes' && of.shape !== 'list';
      return { ...field, zero: always ? zeroOf(field.tag, value, field.write) : undefined };
    });
}

function zeroOf(tag: number, type: TypeFacts, write: Write): Uint8Array {
  const out = new WireWriter(64);
  writeTagged(tag, type, undefined, write, out);
  return out.finish();
}

const writerOf = (type: TypeFacts): Write => writers[type.shape] ?? writeStruct;

/** A field's number and wire type in one. */
export const tagOf = (number: number, type: TypeFacts): number => (number << 3) | (wireTypes[type.shape] ?? delimited);

const wireTypes: Readonly<Partial<Record<TypeFacts['shape'], number>>> = {
  bool: varint,
  int32: varint,
  int64: varint,
  float: fixed64,
};

/** One value with its tag and, where the wire wants it, its length. Absent ones stand for Go's zero value. */
function writeTagged(tag: number, type: TypeFacts, value: unknown, write: Write, out: WireWriter): void {
  const mark = out.size;
  write(value, type, out);
  if ((tag & 7) === delimited) out.close(tag, mark);
  else out.unsigned(tag);
}

function writeStruct(value: unknown, type: TypeFacts, out: WireWriter): void {
  const tree = (value ?? none) as Tree;
  for (const field of planOf(type)) {
    if (field.form === 'inline') {
      writeTagged(field.tag, field.type, tree, writeStruct, out);
      continue;
    }
    const present = tree[field.name];
    if (present === undefined || present === null) {
      if (field.zero) out.bytes(field.zero);
    } else if (field.form === 'list') writeList(present as readonly unknown[], field.tag, field.type, field.write, out);
    else if (field.form === 'map') writeMap(present as Tree, field.tag, field.type.element!, out);
    else writeTagged(field.tag, field.type, present, field.write, out);
  }
}

const none: Tree = Object.freeze({});

function writeList(list: readonly unknown[], tag: number, element: TypeFacts, write: Write, out: WireWriter): void {
  for (let i = list.length - 1; i >= 0; i--) writeTagged(tag, element, list[i], write, out);
}

/** Go sorts keys by their bytes, which for all but exotic ones is the order of JavaScript. */
function writeMap(map: Tree, tag: number, element: TypeFacts, out: WireWriter): void {
  const keys = Object.keys(map).sort();
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!;
    const mark = out.size;
    writeTagged(tagOf(2, element), element, map[key], writerOf(element), out);
    writeText(1, key, out);
    out.close(tag, mark);
  }
}

function writeText(number: number, text: string, out: WireWriter): void {
  const mark = out.size;
  out.text(text);
  out.close((number << 3) | delimited, mark);
}

function writeVarint(number: number, value: unknown, out: WireWriter): void {
  out.integer(value);
  out.unsigned((number << 3) | varint);
}

/** The contents of a value of each shape; structs have `writeStruct`. */
const writers: Readonly<Partial<Record<TypeFacts['shape'], Write>>> = {
  string: (value, _, out) => out.text((value as string | undefined) ?? ''),
  bool: (value, _, out) => out.unsigned(value === true ? 1 : 0),
  int32: (value, _, out) => out.integer(value),
  int64: (value, _, out) => out.integer(value),
  float: (value, _, out) => out.double(Number(value ?? 0)),
  bytes: (value, _, out) => out.bytes(Buffer.from((value as string | undefined) ?? '', 'base64')),
  list: (value, type, out) => {
    const element = type.element!;
    writeList((value as readonly unknown[] | undefined) ?? [], tagOf(1, element), element, writerOf(element), out);
  },
  time: (value, _, out) => writeTime(value as string | undefined, 0, out),
  microTime: (value, _, out) =>
    writeTime(value as string | undefined, Number(/\.(\d{1,6})/.exec(String(value))?.[1]?.padEnd(6, '0') ?? 0), out),
  duration: (value, _, out) => writeVarint(1, value ? parseDuration(value as string) : 0, out),
  quantity: (value, _, out) => writeText(1, String(value ?? '0'), out),
  intOrString: (value, _, out) => {
    const isText = typeof value === 'string';
    writeText(3, isText ? value : '', out);
    writeVarint(2, isText ? 0 : value, out);
    writeVarint(1, isText ? 1 : 0, out);
  },
  object: writeRaw,
  any: writeRaw,
  schemaOr: writeSchemaOr,
};

/** Timestamp {seconds 1, nanos 2}; nothing for no time. */
function writeTime(text: string | undefined, micros: number, out: WireWriter): void {
  if (!text) return;
  writeVarint(2, micros * 1000, out);
  writeVarint(1, Math.floor(Date.parse(text) / 1000), out);
}

/** RawExtension, FieldsV1, JSON: {raw 1}, the text. */
function writeRaw(value: unknown, _: TypeFacts, out: WireWriter): void {
  if (value !== undefined && value !== null) writeText(1, JSON.stringify(value), out);
}

/** JSONSchemaPropsOrBool {allows 1, schema 2}, OrArray {schema 1, schemas 2}, OrStringArray {schema 1, property 2}. */
function writeSchemaOr(value: unknown, type: TypeFacts, out: WireWriter): void {
  const other = type.element!;
  const withBool = other.shape === 'bool';
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isSchema) {
    const schema = typeFacts(type.name.replace(/OrArray$|OrBool$|OrStringArray$/, ''));
    writeTagged(tagOf(withBool ? 2 : 1, schema), schema, value, writeStruct, out);
  } else if (Array.isArray(value)) {
    const element = other.element!;
    writeList(value, tagOf(2, element), element, writerOf(element), out);
  }
  // A schema implies that what it describes is allowed.
  if (withBool) writeVarint(1, isSchema || value === true ? 1 : 0, out);
}

const shared = new WireWriter();

/** The message of a value of this type, without an envelope. */
export function encodeMessage(type: TypeFacts, value: unknown): Buffer {
  try {
    writeStruct(value, type, shared);
    return shared.finish();
  } finally {
    shared.reset();
  }
}
