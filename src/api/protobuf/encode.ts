import { PbfWriter } from 'pbf';
import { parseDuration } from '../duration.ts';
import { type TypeFacts, typeFacts, type WireField } from '../facts.ts';
import { isBigInteger } from '../json-number.ts';

/**
 * A canonical tree to Kubernetes protobuf, driven by the type facts alone. As Go's encoders do it: fields in the order of
 * their numbers, whatever is no pointer written even when it is nothing, maps sorted by key. `decode.ts` is the way back.
 */

type Tree = Record<string, unknown>;

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const inOrder = new WeakMap<TypeFacts, readonly WireField[]>();

function wireOf(type: TypeFacts): readonly WireField[] {
  let fields = inOrder.get(type);
  if (!fields) inOrder.set(type, (fields = [...type.wire].sort((a, b) => a.number - b.number)));
  return fields;
}

function message(number: number, pbf: PbfWriter, write: (pbf: PbfWriter) => void): void {
  pbf.writeMessage(number, (_: undefined, inner: PbfWriter) => write(inner), undefined);
}

function writeInteger(value: unknown, pbf: PbfWriter): void {
  if (!isBigInteger(value)) {
    pbf.writeVarint(Number(value ?? 0));
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value.rawJSON));
  pbf.realloc(10);
  while (rest > 0x7fn) {
    pbf.buf[pbf.pos++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  pbf.buf[pbf.pos++] = Number(rest);
}

function writeStruct(type: TypeFacts, tree: Tree, pbf: PbfWriter): void {
  for (const field of wireOf(type)) {
    if (field.inline) message(field.number, pbf, (inner) => writeStruct(field.type, tree, inner));
    else writeField(field, tree[field.name], pbf);
  }
}

function writeField(field: WireField, value: unknown, pbf: PbfWriter): void {
  const { type, number } = field;
  const absent = value === undefined || value === null;
  if (type.shape === 'list' && !type.wrapped) {
    for (const item of absent ? [] : (value as unknown[])) writeValue(type.element!, number, item, pbf);
  } else if (type.shape === 'map') {
    for (const key of Object.keys(absent ? {} : (value as Tree)).sort())
      writeEntry(type.element!, number, key, (value as Tree)[key], pbf);
  } else if (!absent || (!field.pointer && type.shape !== 'bytes' && type.shape !== 'list')) {
    writeValue(type, number, value, pbf);
  }
}

function writeEntry(element: TypeFacts, number: number, key: string, value: unknown, pbf: PbfWriter): void {
  message(number, pbf, (entry) => {
    writeText(1, key, entry);
    writeValue(element, 2, value, entry);
  });
}

function writeText(number: number, text: string, pbf: PbfWriter): void {
  pbf.writeTag(number, 2);
  pbf.writeString(text);
}

function writeBytes(number: number, bytes: Uint8Array, pbf: PbfWriter): void {
  pbf.writeTag(number, 2);
  pbf.writeBytes(bytes);
}

/** One value with its tag. `undefined` and null stand for Go's zero value. */
function writeValue(type: TypeFacts, number: number, value: unknown, pbf: PbfWriter): void {
  switch (type.shape) {
    case 'string':
      writeText(number, (value as string | undefined) ?? '', pbf);
      return;
    case 'bool':
      pbf.writeTag(number, 0);
      pbf.writeBoolean(value === true);
      return;
    case 'int32':
    case 'int64':
      pbf.writeTag(number, 0);
      writeInteger(value, pbf);
      return;
    case 'float':
      pbf.writeTag(number, 1);
      pbf.writeDouble(Number(value ?? 0));
      return;
    case 'bytes':
      writeBytes(number, Buffer.from((value as string | undefined) ?? '', 'base64'), pbf);
      return;
    case 'struct':
      message(number, pbf, (inner) => writeStruct(type, (value as Tree | undefined) ?? {}, inner));
      return;
    default:
      message(number, pbf, (inner) => own[type.shape]!(value, type, inner));
  }
}

/** The insides of types that marshal themselves. */
const own: Readonly<Record<string, (value: unknown, type: TypeFacts, pbf: PbfWriter) => void>> = {
  list: (value, type, pbf) => {
    for (const item of (value as unknown[] | undefined) ?? []) writeValue(type.element!, 1, item, pbf);
  },
  time: (value, _, pbf) => writeTime(value, false, pbf),
  microTime: (value, _, pbf) => writeTime(value, true, pbf),
  duration: (value, _, pbf) => {
    pbf.writeTag(1, 0);
    pbf.writeVarint(value ? parseDuration(value as string) : 0);
  },
  quantity: (value, _, pbf) => writeText(1, String(value ?? '0'), pbf),
  intOrString: (value, _, pbf) => {
    const isText = typeof value === 'string';
    pbf.writeTag(1, 0);
    pbf.writeVarint(isText ? 1 : 0);
    pbf.writeTag(2, 0);
    pbf.writeVarint(isText ? 0 : Number(value ?? 0));
    writeText(3, isText ? value : '', pbf);
  },
  object: writeRaw,
  any: writeRaw,
  schemaOr: writeSchemaOr,
};

function writeTime(value: unknown, micros: boolean, pbf: PbfWriter): void {
  if (!value) return;
  const text = value as string;
  pbf.writeTag(1, 0);
  pbf.writeVarint(Math.floor(Date.parse(text) / 1000));
  pbf.writeTag(2, 0);
  pbf.writeVarint(micros ? Number(/\.(\d{1,6})/.exec(text)?.[1]?.padEnd(6, '0') ?? 0) * 1000 : 0);
}

function writeRaw(value: unknown, _: TypeFacts, pbf: PbfWriter): void {
  if (value !== undefined && value !== null) writeBytes(1, Buffer.from(JSON.stringify(value)), pbf);
}

/** JSONSchemaPropsOrBool {allows 1, schema 2}, OrArray {schema 1, schemas 2}, OrStringArray {schema 1, property 2}. */
function writeSchemaOr(value: unknown, type: TypeFacts, pbf: PbfWriter): void {
  const other = type.element!;
  const withBool = other.shape === 'bool';
  const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
  const schema = typeFacts(type.name.replace(/OrArray$|OrBool$|OrStringArray$/, ''));
  // A schema implies that what it describes is allowed.
  if (withBool) writeValue(other, 1, isSchema || value === true, pbf);
  if (isSchema) writeValue(schema, withBool ? 2 : 1, value, pbf);
  else if (Array.isArray(value)) for (const item of value) writeValue(other.element!, 2, item, pbf);
}

/** Encodes an object of this type in the envelope of `application/vnd.kubernetes.protobuf`. */
export function encodeProtobuf(
  type: TypeFacts,
  object: { readonly apiVersion?: string; readonly kind?: string },
): Buffer {
  const raw = new PbfWriter();
  writeStruct(type, object as Tree, raw);
  const body = raw.finish();
  const pbf = new PbfWriter();
  message(1, pbf, (meta) => {
    writeText(1, object.apiVersion ?? '', meta);
    writeText(2, object.kind ?? '', meta);
  });
  writeBytes(2, body, pbf);
  writeText(3, '', pbf);
  writeText(4, '', pbf);
  return Buffer.concat([magic, pbf.finish()]);
}
