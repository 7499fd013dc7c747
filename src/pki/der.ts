/**
 * The few DER forms a certificate is written with (X.690). Only writing: whatever others send is read by a library.
 * Making a cluster's three certificates this way costs a millisecond; loading a library for it costs forty.
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  set: 0x31,
  sequence: 0x30,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** Tag, length, value. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(size)]), ...parts]);
}

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes = [];
  for (let rest = size; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(tags.sequence, ...parts);
export const setOf = (...parts: readonly Uint8Array[]): Buffer => der(tags.set, ...parts);
export const octets = (value: Uint8Array): Buffer => der(tags.octetString, value);
export const utf8 = (text: string): Buffer => der(tags.utf8, Buffer.from(text));
export const truth = (value: boolean): Buffer => der(tags.boolean, Buffer.from([value ? 0xff : 0]));

/** A positive whole number, given by its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  return der(tags.integer, ...(value[0]! & 0x80 ? [Buffer.of(0)] : []), value);
}

/** Whole bytes as bits. */
export const bits = (value: Uint8Array): Buffer => der(tags.bitString, Buffer.of(0), value);

/** Named bits, the lowest one first; trailing zeros are not written. */
export function namedBits(flags: number): Buffer {
  const count = 32 - Math.clz32(flags);
  const bytes = Buffer.alloc(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) if (flags & (1 << i)) bytes[i >> 3]! |= 0x80 >> (i & 7);
  return der(tags.bitString, Buffer.of(bytes.length * 8 - count), bytes);
}

/** An object identifier in dotted form. */
export function objectId(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first! * 40 + second!, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128))
      groups.unshift(0x80 | (more & 0x7f));
    return groups;
  });
  return der(tags.objectId, Buffer.from(bytes));
}

/** A whole second: with a year of two digits before 2050, of four from then on (RFC 5280, 4.1.2.5). */
export function time(ms: number): Buffer {
  const digits = `${new Date(Math.floor(ms / 1000) * 1000).toISOString().replaceAll(/\.000|[-:T]/g, '')}`;
  return digits < '2050'
    ? der(tags.utcTime, Buffer.from(digits.slice(2)))
    : der(tags.generalizedTime, Buffer.from(digits));
}

/** The parts of a value that was encoded before: each with its tag and length. */
export function* partsOf(value: Uint8Array): Generator<Uint8Array> {
  for (let at = contentOf(value, 0).start, end = value.length; at < end; ) {
    const next = contentOf(value, at).end;
    yield value.subarray(at, next);
    at = next;
  }
}

function contentOf(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const first = bytes[at + 1]!;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  let size = 0;
  for (let i = 0; i < (first & 0x7f); i++) size = size * 256 + bytes[at + 2 + i]!;
  const start = at + 2 + (first & 0x7f);
  return { start, end: start + size };
}
