import { type TypeFacts, typeFacts } from '../facts.ts';
import { encodeMessage } from './encode.ts';
import { ProtobufError, WireReader } from './wire-reader.ts';
import { delimited, WireWriter } from './wire-writer.ts';

/**
 * The envelope of `application/vnd.kubernetes.protobuf`: four bytes that say what it is, and a runtime.Unknown that names
 * the kind around the object's own message. Source: apimachinery `runtime/serializer/protobuf`.
 */
export const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export const protobufType = 'application/vnd.kubernetes.protobuf';

const field = (number: number) => (number << 3) | delimited;

/** Unknown's contentEncoding 3 and contentType 4, both empty: Go writes them. */
const tail = Buffer.from([field(3), 0, field(4), 0]);

const shared = new WireWriter();

/** What stands before `size` bytes of a message of this kind. */
function head(apiVersion: string, kind: string, size: number): Buffer {
  shared.unsigned(size);
  shared.unsigned(field(2));
  const mark = shared.size;
  part(2, kind);
  part(1, apiVersion);
  shared.close(field(1), mark);
  shared.bytes(magic);
  return shared.finish();
}

function part(number: number, text: string): void {
  const mark = shared.size;
  shared.text(text);
  shared.close(field(number), mark);
}

/** A field's tag and the length of what follows. */
function opening(number: number, size: number): Buffer {
  shared.unsigned(size);
  shared.unsigned(field(number));
  return shared.finish();
}

/** A message in its envelope. */
export const envelope = (apiVersion: string, kind: string, message: Uint8Array): Buffer =>
  Buffer.concat([head(apiVersion, kind, message.length), message, tail]);

/** An object of this type, encoded and enveloped. */
export const encodeProtobuf = (
  type: TypeFacts,
  object: { readonly apiVersion?: string; readonly kind?: string },
): Buffer => envelope(object.apiVersion ?? '', object.kind ?? '', encodeMessage(type, object));

/** What an envelope holds. */
export interface Enveloped {
  readonly apiVersion: string;
  readonly kind: string;
  /** The object's own message. */
  readonly raw: Buffer;
}

/** Whether bytes say that they are an envelope. */
export const isEnveloped = (bytes: Uint8Array): boolean => bytes.length >= 4 && magic.compare(bytes, 0, 4) === 0;

/** Opens an envelope, whatever it holds. Throws `ProtobufError`. */
export function openEnvelope(bytes: Uint8Array): Enveloped {
  if (bytes.length === 0) throw new ProtobufError('empty data');
  if (!isEnveloped(bytes))
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  if (bytes.length === magic.length) throw new ProtobufError('empty body');
  const reader = new WireReader(bytes.subarray(magic.length));
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  for (let number = reader.next(); number > 0; number = reader.next())
    if (number === 2) raw = reader.bytes();
    else if (number === 1) {
      const outer = reader.enter();
      for (let part = reader.next(); part > 0; part = reader.next())
        if (part === 1) apiVersion = reader.text();
        else if (part === 2) kind = reader.text();
        else reader.skip();
      reader.leave(outer);
    } else reader.skip();
  return { apiVersion, kind, raw };
}

const listMeta = typeFacts('meta/v1.ListMeta');

/** What is said of a list beside its items. */
export interface ListHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: unknown;
}

/** The one kind whose list says its items first: {items 1, metadata 2}. All others say {metadata 1, items 2}. */
const itemsFirst = (list: ListHead) =>
  list.kind === 'PartialObjectMetadataList' && list.apiVersion === 'meta.k8s.io/v1beta1';

/** A list around the messages of its items. `allocate` gives the room. */
export function envelopeList(list: ListHead, items: readonly Uint8Array[], allocate: (size: number) => Buffer): Buffer {
  const metadata = encodeMessage(listMeta, list.metadata);
  let size = lengthOfField(metadata.length);
  for (const item of items) size += lengthOfField(item.length);
  const start = head(list.apiVersion, list.kind, size);
  const body = allocate(start.length + size + tail.length);
  body.set(start, 0);
  let at = start.length;
  const late = itemsFirst(list);
  if (!late) at = put(body, at, 1, metadata);
  for (const item of items) at = put(body, at, late ? 1 : 2, item);
  if (late) at = put(body, at, 2, metadata);
  body.set(tail, at);
  return body;
}

function lengthOfField(size: number): number {
  let length = 2;
  for (let rest = size >>> 7; rest > 0; rest >>>= 7) length++;
  return length + size;
}

function put(body: Buffer, at: number, number: number, message: Uint8Array): number {
  body[at++] = field(number);
  let size = message.length;
  for (; size > 0x7f; size >>>= 7) body[at++] = (size & 0x7f) | 0x80;
  body[at++] = size;
  body.set(message, at);
  return at + message.length;
}

/**
 * One frame of a watch: its length in four bytes, and a bare WatchEvent {type 1, object 2 {raw 1}} around an enveloped
 * object. Source: apimachinery `runtime/serializer/protobuf`, RawSerializer and LengthDelimitedFramer.
 */
export function watchFrame(type: string, enveloped: Uint8Array): Buffer {
  const raw = opening(1, enveloped.length);
  const object = opening(2, raw.length + enveloped.length);
  part(1, type);
  const start = shared.finish();
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(start.length + object.length + raw.length + enveloped.length);
  return Buffer.concat([length, start, object, raw, enveloped]);
}
