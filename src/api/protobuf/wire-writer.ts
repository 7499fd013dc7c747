import { isBigInteger } from '../json-number.ts';

/** Wire types: how the reader finds the end of a value. */
export const varint = 0;
export const fixed64 = 1;
export const delimited = 2;

const firstSize = 16 * 1024;
/** Longer texts are measured and copied by the machine's own code. */
const shortText = 40;
const fewBytes = 16;

/**
 * Writes a message from its end to its start, so that the length of everything is known when it has to be written: no
 * message is measured or moved. What comes last in the message is written first.
 */
export class WireWriter {
  #buffer: Buffer;
  #at: number;

  constructor(size = firstSize) {
    this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#at = size;
  }

  /** Bytes written so far. A message's length is the difference between two of these. */
  get size(): number {
    return this.#buffer.length - this.#at;
  }

  /** The message in a buffer of its own. The writer is empty afterwards. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.size);
    this.#buffer.copy(bytes, 0, this.#at);
    this.#at = this.#buffer.length;
    // One huge object must not hold its memory for good.
    if (this.#buffer.length > 64 * firstSize) this.#buffer = Buffer.allocUnsafeSlow((this.#at = firstSize));
    return bytes;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#at = this.#buffer.length;
  }

  /** The length of what was written since `size` was `mark`, and then a tag. */
  close(tag: number, mark: number): void {
    this.unsigned(this.size - mark);
    this.unsigned(tag);
  }

  /** A varint of up to 32 bits: tags, lengths, bools. */
  unsigned(value: number): void {
    if (value < 0x80) {
      if (this.#at === 0) this.#grow(1);
      this.#buffer[--this.#at] = value;
      return;
    }
    let size = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) size++;
    if (this.#at < size) this.#grow(size);
    this.#at -= size;
    let at = this.#at;
    for (; value > 0x7f; value >>>= 7) this.#buffer[at++] = (value & 0x7f) | 0x80;
    this.#buffer[at] = value;
  }

  /** A signed integer of up to 64 bits, as a varint of its two's complement. */
  integer(value: unknown): void {
    if (typeof value === 'number' && value >= 0 && value < 2 ** 31) this.unsigned(value);
    else this.#long(isBigInteger(value) ? BigInt(value.rawJSON) : BigInt(Math.trunc(Number(value ?? 0))));
  }

  #long(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.bytes(bytes);
  }

  double(value: number): void {
    if (this.#at < 8) this.#grow(8);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
  }

  bytes(bytes: ArrayLike<number>): void {
    if (this.#at < bytes.length) this.#grow(bytes.length);
    this.#at -= bytes.length;
    if (bytes.length > fewBytes) this.#buffer.set(bytes, this.#at);
    else for (let i = 0; i < bytes.length; i++) this.#buffer[this.#at + i] = bytes[i]!;
  }

  /** Text as UTF-8, without its length. */
  text(text: string): void {
    const { length } = text;
    if (length <= shortText && this.#ascii(text)) return;
    const size = Buffer.byteLength(text);
    if (this.#at < size) this.#grow(size);
    this.#at -= size;
    this.#buffer.write(text, this.#at, size === length ? 'latin1' : 'utf8');
  }

  #ascii(text: string): boolean {
    const { length } = text;
    if (this.#at < length) this.#grow(length);
    const start = this.#at - length;
    const buffer = this.#buffer;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + i] = code;
    }
    this.#at = start;
    return true;
  }

  #grow(by: number): void {
    const { size } = this;
    let length = this.#buffer.length * 2;
    while (length < size + by) length *= 2;
    const buffer = Buffer.allocUnsafeSlow(length);
    this.#buffer.copy(buffer, length - size, this.#at);
    this.#buffer = buffer;
    this.#at = length - size;
  }
}
