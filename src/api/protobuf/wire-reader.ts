import { bigInteger } from '../json-number.ts';

/** Bytes that are no message, or not one of the type they are said to be. The texts are Go's. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** Deeper messages could overflow the stack of whatever walks them. Real objects stay below 60. */
const maxDepth = 500;

const endGroup = 4;

/**
 * Reads messages from untrusted bytes. A message's end is a wall: nothing reads past it, and every read either takes at
 * least a byte or throws `ProtobufError`.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #depth: number;
  /** The wire type of the field whose turn it is. */
  wire = 0;

  /** `depth` is how deep the bytes already stand in other messages. */
  constructor(bytes: Uint8Array, depth = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
    this.#depth = depth;
    if (depth > maxDepth) throw new ProtobufError('proto: message nested too deeply');
  }

  get depth(): number {
    return this.#depth;
  }

  /** The number of the next field of the message being read; 0 at its end. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.#varint32();
    const number = tag >>> 3;
    this.wire = tag & 7;
    if (this.wire === endGroup) throw new ProtobufError('proto: wiretype end group for non-group');
    if (number === 0) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${tag})`);
    return number;
  }

  /** Goes into the message that is the field's value. What it returns must be given to `leave`. */
  enter(): number {
    const size = this.#length();
    const outer = this.#end;
    this.#end = this.#at + size;
    if (++this.#depth > maxDepth) throw new ProtobufError('proto: message nested too deeply');
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.#end = outer;
  }

  /** Whether the message being read goes on: for packed numbers. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  bytes(): Buffer {
    const size = this.#length();
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  text(): string {
    const size = this.#length();
    this.#at += size;
    return this.#bytes.toString('utf8', this.#at - size, this.#at);
  }

  bool(): boolean {
    this.expect(0);
    return this.#varint() !== 0;
  }

  /** A signed integer, exact: beyond 2^53 as its digits. */
  integer(): unknown {
    this.expect(0);
    const value = this.#varint();
    if (typeof value === 'number') return value;
    const exact = BigInt.asIntN(64, value);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : bigInteger(exact.toString());
  }

  /** An int32: the lower half of what is there, as Go reads it. */
  int32(): number {
    this.expect(0);
    const value = this.#varint();
    return typeof value === 'number' ? value : Number(BigInt.asIntN(32, value));
  }

  /** A double, or a float where the field is one. JSON has no word for what is no number. */
  float(): number {
    const value = this.wire === 5 ? this.#bytes.readFloatLE(this.#fixed(4)) : this.#double();
    if (!Number.isFinite(value)) throw new ProtobufError(`json: unsupported value: ${value}`);
    return value;
  }

  /** Passes over the value. Whether it said anything: zeros and empty ones do not. */
  skip(): boolean {
    switch (this.wire) {
      case 0:
        return this.#varint() !== 0;
      case 1:
        return this.#bytes.readBigUInt64LE(this.#fixed(8)) !== 0n;
      case 2:
        return this.bytes().length > 0;
      case 3:
        this.#skipGroup();
        return true;
      case 5:
        return this.#bytes.readUInt32LE(this.#fixed(4)) !== 0;
      default:
        throw new ProtobufError(`proto: illegal wireType ${this.wire}`);
    }
  }

  expect(wire: number): void {
    if (this.wire !== wire) throw new ProtobufError(`proto: wrong wireType = ${this.wire}`);
  }

  #skipGroup(): void {
    for (let depth = 1; depth > 0; ) {
      if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
      this.wire = this.#varint32() & 7;
      if (this.wire === 3) depth++;
      else if (this.wire === endGroup) depth--;
      else this.skip();
    }
  }

  #double(): number {
    this.expect(1);
    return this.#bytes.readDoubleLE(this.#fixed(8));
  }

  /** Where a value of a fixed size starts; it is passed. */
  #fixed(size: number): number {
    if (this.#at + size > this.#end) throw new ProtobufError('unexpected EOF');
    this.#at += size;
    return this.#at - size;
  }

  /** The length of a delimited value, which must fit. */
  #length(): number {
    this.expect(2);
    const size = this.#varint();
    if (size >= 1n << 63n) throw new ProtobufError('proto: negative length found during unmarshaling');
    if (size > this.#end - this.#at) throw new ProtobufError('unexpected EOF');
    return Number(size);
  }

  #varint32(): number {
    const value = this.#varint();
    return typeof value === 'number' ? value : Number(BigInt.asUintN(32, value));
  }

  /** An unsigned integer of up to 64 bits: a number up to 28 bits, which nearly all are, else a bigint. */
  #varint(): number | bigint {
    let value = 0;
    for (let shift = 0, at = this.#at; shift < 28; shift += 7) {
      if (at >= this.#end) throw new ProtobufError('unexpected EOF');
      const byte = this.#bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#at = at;
        return value;
      }
    }
    return this.#long();
  }

  #long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      if (this.#at >= this.#end) throw new ProtobufError('unexpected EOF');
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('proto: integer overflow');
  }
}
