import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';

/** The first byte of a v5 frame that closes the channel named by its second byte. */
const closeFrame = 255;
const highWater = 256 * 1024;
/** Largest message written: clients read whole messages into memory. */
const maxMessage = 64 * 1024;

/** How a channel sub-protocol writes messages. */
export interface ChannelCodec {
  /** Text messages of a channel digit and base64, instead of binary ones of a channel byte and the bytes. */
  readonly base64: boolean;
  /** Clients may half-close a channel (v5). */
  readonly closes: boolean;
}

/** Channels of Kubernetes' WebSocket protocols as Node streams, with back-pressure both ways. */
export class WebSocketChannels {
  readonly #ws: WebSocket;
  readonly #codec: ChannelCodec;
  readonly #incoming = new Map<number, Readable>();
  readonly #full = new Set<number>();

  constructor(ws: WebSocket, codec: ChannelCodec) {
    this.#ws = ws;
    this.#codec = codec;
    ws.on('message', (data) => this.#receive(data as Buffer));
    ws.once('close', () => {
      for (const stream of this.#incoming.values()) stream.destroy();
    });
  }

  /** What the client writes to `channel`; what it writes to channels never asked for is dropped. */
  readable(channel: number): Readable {
    const stream = new Readable({
      highWaterMark: highWater,
      read: () => this.#release(channel),
      destroy: (error, done) => {
        // A stream nobody reads any more must not hold up the others.
        this.#incoming.delete(channel);
        this.#release(channel);
        done(error);
      },
    });
    stream.on('error', () => undefined);
    this.#incoming.set(channel, stream);
    return stream;
  }

  /** What the client reads on `channel`. Ending it sends nothing: no version of the protocol has a word for it. */
  writable(channel: number): Writable {
    const stream = new Writable({
      highWaterMark: highWater,
      write: (chunk: Buffer, _encoding, done) => this.#send(channel, chunk, done),
    });
    stream.on('error', () => undefined);
    return stream;
  }

  /** An empty message tells clients that the session is up. */
  announce(channel: number): void {
    this.#ws.send(this.#encode(channel, Buffer.alloc(0)), () => undefined);
  }

  #release(channel: number): void {
    if (this.#full.delete(channel) && this.#full.size === 0 && this.#ws.isPaused) this.#ws.resume();
  }

  #send(channel: number, chunk: Buffer, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length; at += maxMessage) {
      const last = at + maxMessage >= chunk.length;
      const message = this.#encode(channel, chunk.subarray(at, at + maxMessage));
      this.#ws.send(message, last ? (error) => done(error) : () => undefined);
    }
    if (chunk.length === 0) done();
  }

  #encode(channel: number, payload: Buffer): Buffer | string {
    if (this.#codec.base64) return `${channel}${payload.toString('base64')}`;
    const message = Buffer.allocUnsafe(payload.length + 1);
    message[0] = channel;
    payload.copy(message, 1);
    return message;
  }

  #receive(message: Buffer): void {
    if (message.length === 0) return;
    if (this.#codec.closes && message[0] === closeFrame) {
      const closed = message[1] ?? 0;
      this.#incoming.get(closed)?.push(null);
      this.#incoming.delete(closed);
      this.#release(closed);
      return;
    }
    const channel = this.#codec.base64 ? message[0]! - 0x30 : message[0]!;
    const stream = this.#incoming.get(channel);
    if (!stream || message.length === 1) return;
    const payload = this.#codec.base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    if (stream.push(payload)) return;
    this.#full.add(channel);
    this.#ws.pause();
  }
}
