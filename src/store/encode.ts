import type { KubeObject, Mutable } from '../api/object.ts';

/** Sets the revision on a private object and returns its storage JSON. */
export function encodeAt(object: Mutable<KubeObject>, revision: number): Buffer {
  object.metadata.resourceVersion = String(revision);
  return encode(object);
}

/** JSON bytes in a buffer of their own: pooled slices would keep their neighbours' memory alive. */
export function encode(object: KubeObject): Buffer {
  const json = JSON.stringify(object);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return bytes;
}

/** Freezes a tree. A frozen node is taken to be frozen below: objects share the unchanged parts of earlier versions. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) for (const item of value) deepFreeze(item);
  else for (const name in value) deepFreeze(value[name]);
  return Object.freeze(value);
}

/** The same object at another revision, sharing everything below metadata. */
export function atRevision(object: KubeObject, revision: number): KubeObject {
  return Object.freeze({
    ...object,
    metadata: Object.freeze({ ...object.metadata, resourceVersion: String(revision) }),
  });
}

const quote = 0x22;
const backslash = 0x5c;
const open = 0x7b;
const close = 0x7d;
const openList = 0x5b;
const closeList = 0x5d;
const colon = 0x3a;
const metadataName = Buffer.from('"metadata"');

/** Where the value of the top-level field `metadata` begins and ends (exclusive) in compact JSON; undefined without one. */
export function metadataRange(bytes: Buffer): { start: number; end: number } | undefined {
  let depth = 0;
  let start = -1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const end = stringEnd(bytes, at);
      if (start < 0 && depth === 1 && bytes[end] === colon && end - at === metadataName.length) {
        if (bytes.compare(metadataName, 0, metadataName.length, at, end) === 0) start = end + 1;
      }
      at = end - 1;
    } else if (byte === open || byte === openList) depth++;
    else if (byte === close || byte === closeList) {
      depth--;
      if (start >= 0 && depth === 1) return { start, end: at + 1 };
    }
  }
  return undefined;
}

/** The index after the closing quote of the string that opens at `at`. */
function stringEnd(bytes: Buffer, at: number): number {
  let end = at;
  for (;;) {
    end = bytes.indexOf(quote, end + 1);
    if (end < 0) return bytes.length;
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}
