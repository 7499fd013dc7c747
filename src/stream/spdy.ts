import { createInflate, type Inflate, constants as zlib } from 'node:zlib';
import { spdyDictionary, spdyDictionaryId } from './spdy-dictionary.ts';

/** Control frame types of SPDY/3.1. */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** RST_STREAM reasons used here. */
export const resetReason = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
} as const;

/** The flag of a frame that half-closes its stream. */
export const finFlag = 1;

/** Control frames carry a few headers; anything bigger is an attack or not SPDY. */
export const maxControlFrame = 64 * 1024;

const spdyVersion = 3;

/** A part of a frame as it came off the wire: control frames whole, data in whatever pieces arrived. */
export type FrameEvent =
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly payload: Buffer }
  | { readonly kind: 'data'; readonly streamId: number; readonly payload: Buffer; readonly fin: boolean };

/** The bytes are not SPDY/3: the connection cannot go on. */
export class SpdyProtocolError extends Error {}

/** Cuts a byte stream into frames without copying data payloads. */
export class FrameParser {
  #pending: Buffer = Buffer.alloc(0);
  /** The data frame whose payload is passing through. */
  #data: { streamId: number; left: number; fin: boolean } | undefined;

  /** The frames, and parts of data frames, that `chunk` completes. */
  *push(chunk: Buffer): Generator<FrameEvent> {
    let rest = chunk;
    for (;;) {
      if (this.#data) {
        if (rest.length === 0 && this.#data.left > 0) return;
        const { streamId, fin } = this.#data;
        const payload = rest.subarray(0, this.#data.left);
        rest = rest.subarray(payload.length);
        this.#data.left -= payload.length;
        const last = this.#data.left === 0;
        if (last) this.#data = undefined;
        yield { kind: 'data', streamId, payload, fin: fin && last };
        continue;
      }
      rest = this.#join(rest);
      if (rest.length < 8) return void (this.#pending = rest);
      const first = rest.readUInt32BE(0);
      const flags = rest[4]!;
      const length = rest.readUIntBE(5, 3);
      if (first < 0x80000000) {
        this.#data = { streamId: first, left: length, fin: (flags & finFlag) !== 0 };
        rest = rest.subarray(8);
        continue;
      }
      if (((first >>> 16) & 0x7fff) !== spdyVersion) throw new SpdyProtocolError('not a SPDY/3 frame');
      if (length > maxControlFrame) throw new SpdyProtocolError(`control frame of ${length} bytes`);
      if (rest.length < 8 + length) return void (this.#pending = rest);
      yield { kind: 'control', type: first & 0xffff, flags, payload: rest.subarray(8, 8 + length) };
      rest = rest.subarray(8 + length);
    }
  }

  #join(rest: Buffer): Buffer {
    if (this.#pending.length === 0) return rest;
    const all = Buffer.concat([this.#pending, rest]);
    this.#pending = Buffer.alloc(0);
    return all;
  }
}

/** A control frame. */
export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length);
  frame.writeUInt16BE(0x8000 | spdyVersion, 0);
  frame.writeUInt16BE(type, 2);
  frame.writeUInt32BE(payload.length, 4);
  frame[4] = flags;
  payload.copy(frame, 8);
  return frame;
}

/** A control frame whose payload is 32-bit numbers. */
export function numbersFrame(type: number, ...numbers: number[]): Buffer {
  const payload = Buffer.allocUnsafe(numbers.length * 4);
  numbers.forEach((n, i) => void payload.writeUInt32BE(n >>> 0, i * 4));
  return controlFrame(type, 0, payload);
}

/** A data frame; `payload` is shorter than 16 MiB. */
export function dataFrame(streamId: number, payload: Buffer, fin: boolean): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length);
  frame.writeUInt32BE(streamId, 0);
  frame.writeUInt32BE(payload.length, 4);
  frame[4] = fin ? finFlag : 0;
  payload.copy(frame, 8);
  return frame;
}

/** Reads header blocks, which share one zlib stream: they must be given in the order they came. */
export class HeaderReader {
  readonly #inflate: Inflate;
  #out: Buffer[] = [];
  #length = 0;
  #failure: Error | undefined;
  #onFailure: ((failure: Error) => void) | undefined;

  constructor() {
    this.#inflate = createInflate({ dictionary: spdyDictionary, flush: zlib.Z_SYNC_FLUSH });
    // zlib does not call back a write that broke it, so failures are told apart from it.
    this.#inflate.on('error', (error) => this.#fail(error.message));
    this.#inflate.on('data', (chunk: Buffer) => {
      this.#length += chunk.length;
      if (this.#length > maxControlFrame) this.#fail('header block too large');
      else this.#out.push(chunk);
    });
  }

  /** The headers of one block, names in lower case. */
  async read(block: Buffer): Promise<Map<string, string>> {
    this.#out = [];
    this.#length = 0;
    await new Promise<void>((resolve, reject) => {
      this.#onFailure = reject;
      if (this.#failure) reject(this.#failure);
      else this.#inflate.write(block, () => resolve());
    });
    this.#inflate.read();
    if (this.#failure) throw this.#failure;
    return parseHeaders(Buffer.concat(this.#out));
  }

  close(): void {
    this.#fail('connection closed');
  }

  #fail(why: string): void {
    this.#failure ??= new SpdyProtocolError(why);
    this.#onFailure?.(this.#failure);
    this.#inflate.destroy();
  }
}

function parseHeaders(block: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const number = () => {
    if (at + 4 > block.length) throw new SpdyProtocolError('truncated header block');
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = () => {
    const length = number();
    if (at + length > block.length) throw new SpdyProtocolError('truncated header block');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  for (let left = number(); left > 0; left--) {
    const name = text().toLowerCase();
    headers.set(name, text());
  }
  return headers;
}

/**
 * Writes the empty header block of SYN_REPLY, the only one a server here sends: a zlib stream of stored blocks,
 * so that it needs no compressor and no waiting.
 */
export class EmptyHeaderWriter {
  #started = false;

  next(): Buffer {
    // A stored deflate block (not final, four bytes, their complement, "no headers") and the empty one of a sync
    // flush, at which Go's decompressor gives out what it has.
    const block = Buffer.from([0x00, 0x04, 0x00, 0xfb, 0xff, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xff, 0xff]);
    if (this.#started) return block;
    this.#started = true;
    const head = Buffer.from([0x78, 0xbb, 0, 0, 0, 0]);
    head.writeUInt32BE(spdyDictionaryId, 2);
    return Buffer.concat([head, block]);
  }
}
