import type { Duplex } from 'node:stream';
import { constants, createDeflate } from 'node:zlib';
import { controlFrame, dataFrame, FrameParser, frameType, numbersFrame } from '../../../src/stream/spdy.ts';
import { spdyDictionary } from '../../../src/stream/spdy-dictionary.ts';

const number = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};

/** A client end for tests that do what no kubectl does. Frames it receives are collected. */
export class SpdyClient {
  readonly transport: Duplex;
  readonly replies: number[] = [];
  readonly resets: number[] = [];
  readonly pings: number[] = [];
  readonly data = new Map<number, Buffer[]>();
  readonly ended = new Set<number>();
  goAway = false;
  readonly #deflate = createDeflate({ dictionary: spdyDictionary });
  #nextId = 1;

  constructor(transport: Duplex) {
    this.transport = transport;
    transport.on('error', () => undefined);
    const parser = new FrameParser();
    transport.on('data', (chunk: Buffer) => {
      for (const event of parser.push(chunk)) {
        if (event.kind === 'data') {
          this.data.set(event.streamId, [...(this.data.get(event.streamId) ?? []), event.payload]);
          if (event.fin) this.ended.add(event.streamId);
        } else if (event.type === frameType.synReply) this.replies.push(event.payload.readUInt32BE(0));
        else if (event.type === frameType.rstStream) this.resets.push(event.payload.readUInt32BE(0));
        else if (event.type === frameType.ping) this.pings.push(event.payload.readUInt32BE(0));
        else if (event.type === frameType.goAway) this.goAway = true;
      }
    });
  }

  /** Opens a stream and returns its id. */
  async open(headers: Record<string, string>, id = this.#nextId): Promise<number> {
    this.#nextId = id + 2;
    const block = Buffer.concat([
      number(Object.keys(headers).length),
      ...Object.entries(headers).flatMap(([name, value]) => [
        number(name.length),
        Buffer.from(name),
        number(Buffer.byteLength(value)),
        Buffer.from(value),
      ]),
    ]);
    this.transport.write(
      controlFrame(
        frameType.synStream,
        0,
        Buffer.concat([number(id), number(0), Buffer.alloc(2), await this.#pack(block)]),
      ),
    );
    return id;
  }

  send(id: number, payload: Buffer | string, fin = false): boolean {
    return this.transport.write(dataFrame(id, Buffer.from(payload), fin));
  }

  ping(id: number): void {
    this.transport.write(numbersFrame(frameType.ping, id));
  }

  reset(id: number): void {
    this.transport.write(numbersFrame(frameType.rstStream, id, 5));
  }

  text(id: number): string {
    return Buffer.concat(this.data.get(id) ?? []).toString();
  }

  #pack(block: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      const take = (chunk: Buffer) => void parts.push(chunk);
      this.#deflate.on('data', take);
      this.#deflate.write(block);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#deflate.off('data', take);
        resolve(Buffer.concat(parts));
      });
    });
  }
}
