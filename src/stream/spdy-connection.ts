import { Duplex } from 'node:stream';
import type { Logger } from '../base/log.ts';
import {
  controlFrame,
  dataFrame,
  EmptyHeaderWriter,
  type FrameEvent,
  FrameParser,
  finFlag,
  frameType,
  HeaderReader,
  numbersFrame,
  resetReason,
  SpdyProtocolError,
} from './spdy.ts';

/** Bytes one stream may hold unread before the connection stops reading. */
const unreadLimit = 512 * 1024;
/** Streams one client may have open. */
const streamLimit = 16_384;
/** Largest data frame written. */
const maxDataFrame = 1024 * 1024;

/** One SPDY stream the client opened. Ending it half-closes; destroying it resets. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly #connection: SpdyConnection;
  #resume: (() => void) | undefined;
  #finished = false;
  #ended = false;

  constructor(connection: SpdyConnection, id: number, headers: ReadonlyMap<string, string>) {
    super({ allowHalfOpen: true, readableHighWaterMark: 256 * 1024, writableHighWaterMark: 256 * 1024 });
    this.#connection = connection;
    this.id = id;
    this.headers = headers;
    // A reset or lost stream tells its users by 'close'; nobody is obliged to listen for errors.
    this.on('error', () => undefined);
  }

  /** Takes bytes off the wire; a promise means: read no further until it resolves. */
  receive(payload: Buffer, fin: boolean): Promise<void> | undefined {
    if (this.destroyed || this.#ended) return undefined;
    if (payload.length > 0) this.push(payload);
    if (fin) {
      this.#ended = true;
      this.push(null);
    }
    if (fin || this.readableLength < unreadLimit) return undefined;
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** The client reset the stream. */
  reset(): void {
    this.#finished = this.#ended = true;
    this.destroy(new Error('stream reset by the client'));
  }

  override _read(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length; at += maxDataFrame) {
      const part = chunk.subarray(at, at + maxDataFrame);
      const last = at + maxDataFrame >= chunk.length;
      this.#connection.send(dataFrame(this.id, part, false), last ? done : undefined);
    }
    if (chunk.length === 0) done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finished = true;
    this.#connection.send(dataFrame(this.id, Buffer.alloc(0), true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read();
    if (!(this.#finished && this.#ended)) {
      this.#connection.send(numbersFrame(frameType.rstStream, this.id, resetReason.cancel));
    }
    this.#connection.forget(this);
    done(error);
  }
}

/**
 * The server end of one SPDY/3.1 connection over any byte stream. There is no send window, as in every Kubernetes
 * implementation: TCP is the back-pressure, and a stream nobody reads stops the whole connection.
 */
export class SpdyConnection {
  readonly #transport: Duplex;
  readonly #log: Logger;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #parser = new FrameParser();
  readonly #headers = new HeaderReader();
  readonly #replies = new EmptyHeaderWriter();
  #lastStream = 0;
  #lastPing = 0;
  /** Resolves when the transport has closed, however it happened. */
  readonly closed: Promise<void>;

  constructor(transport: Duplex, log: Logger, onStream: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#log = log;
    this.#onStream = onStream;
    transport.on('error', (error) => log.debug('spdy transport failed', { error: error.message }));
    this.closed = new Promise((resolve) => {
      const end = () => {
        for (const stream of this.#streams.values()) stream.destroy(new Error('connection lost'));
        this.#headers.close();
        resolve();
      };
      if (transport.destroyed) end();
      else transport.once('close', end);
    });
  }

  /** Reads frames until the client ends or breaks the connection; then the transport is destroyed. */
  async run(): Promise<void> {
    try {
      for await (const chunk of this.#transport) {
        for (const event of this.#parser.push(chunk as Buffer)) {
          const ready = event.kind === 'data' ? this.#data(event) : this.#control(event);
          if (ready) await ready;
        }
      }
    } catch (error) {
      if (error instanceof SpdyProtocolError) {
        this.#log.info('spdy connection ended', { reason: error.message });
        this.#goAway(1);
      }
    }
    this.#transport.destroy();
    await this.closed;
  }

  /** Queues bytes; `done` is called when the kernel (or the tunnel) took them. */
  send(frame: Buffer, done?: (error?: Error | null) => void): void {
    if (this.#transport.destroyed || this.#transport.writableEnded) {
      done?.(new Error('connection lost'));
      return;
    }
    this.#transport.write(frame, done);
  }

  /** Finds out whether the client is still there: a dead one makes the write fail. */
  ping(): void {
    // A server's ping ids are even.
    this.#lastPing = (this.#lastPing + 2) % 0x7ffffffe;
    this.send(numbersFrame(frameType.ping, this.#lastPing));
  }

  /** Says good-bye and ends the sending side; what the client still sends is read and thrown away by `run`. */
  end(): void {
    this.#goAway(0);
    if (!this.#transport.destroyed) this.#transport.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#transport.destroy();
  }

  forget(stream: SpdyStream): void {
    this.#streams.delete(stream.id);
  }

  #goAway(status: number): void {
    this.send(numbersFrame(frameType.goAway, this.#lastStream, status));
  }

  #data(event: Extract<FrameEvent, { kind: 'data' }>): Promise<void> | undefined {
    const stream = this.#streams.get(event.streamId);
    if (!stream && event.streamId > this.#lastStream) throw new SpdyProtocolError('data before SYN_STREAM');
    return stream?.receive(event.payload, event.fin);
  }

  #control(event: Extract<FrameEvent, { kind: 'control' }>): Promise<void> | undefined {
    const { type, payload } = event;
    switch (type) {
      case frameType.synStream:
        return this.#open(payload, event.flags);
      case frameType.synReply:
      case frameType.headers:
        // Nothing in them matters, but the next block needs the state they leave behind.
        return this.#headers.read(payload.subarray(4)).then(() => undefined);
      case frameType.rstStream:
        this.#streams.get(idOf(payload))?.reset();
        return undefined;
      case frameType.ping:
        if (idOf(payload) % 2 === 1) this.send(controlFrame(frameType.ping, 0, payload));
        return undefined;
      case frameType.goAway:
      case frameType.settings:
      case frameType.windowUpdate:
        return undefined;
      default:
        throw new SpdyProtocolError(`unknown control frame ${type}`);
    }
  }

  async #open(payload: Buffer, flags: number): Promise<void> {
    if (payload.length < 10) throw new SpdyProtocolError('truncated SYN_STREAM');
    const id = idOf(payload);
    const headers = await this.#headers.read(payload.subarray(10));
    if (id % 2 === 0 || id <= this.#lastStream) throw new SpdyProtocolError(`stream id ${id} out of order`);
    this.#lastStream = id;
    if (this.#streams.size >= streamLimit) {
      return this.send(numbersFrame(frameType.rstStream, id, resetReason.refusedStream));
    }
    const stream = new SpdyStream(this, id, headers);
    this.#streams.set(id, stream);
    const start = Buffer.alloc(4);
    start.writeUInt32BE(id);
    this.send(controlFrame(frameType.synReply, 0, Buffer.concat([start, this.#replies.next()])));
    if (flags & finFlag) void stream.receive(Buffer.alloc(0), true);
    this.#onStream(stream);
  }
}

function idOf(payload: Buffer): number {
  if (payload.length < 4) throw new SpdyProtocolError('truncated control frame');
  return payload.readUInt32BE(0) & 0x7fffffff;
}
