import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { AnswerHeaders, AnswerStream, Connection, Exchange } from '../exchange.ts';
import { collectBody } from './body.ts';
import type { SocketConnection } from './connection.ts';
import type { ExchangeHandler } from './http1.ts';

/** Upstream's limit of concurrent streams of one connection. */
const maxStreams = 250;

/**
 * Serves HTTP/2 on a socket by core streams (the compatibility API halves the rate). Streams reset faster than Node's
 * burst limit end the connection (CVE-2023-44487).
 */
export function serveHttp2(
  socket: TLSSocket,
  connection: SocketConnection,
  handler: ExchangeHandler,
): ServerHttp2Session {
  const session = performServerHandshake(socket, {
    settings: { maxConcurrentStreams: maxStreams, initialWindowSize: 1 << 20, enablePush: false },
    maxSessionInvalidFrames: 100,
    maxHeaderListPairs: 256,
    streamResetBurst: 1000,
    streamResetRate: 100,
  } as Parameters<typeof performServerHandshake>[1]);
  connection.retire = () => {
    if (!session.closed && !session.destroyed) session.close();
  };
  session.on('error', () => session.destroy());
  session.on('frameError', () => {});
  session.on('stream', (stream, headers, _flags, raw) => {
    stream.on('error', () => {});
    handler(new Http2Exchange(stream, headers, raw, connection));
  });
  return session;
}

class Http2Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly queryText: string;
  readonly connection: Connection;
  readonly http2 = true;
  readonly upgrade = undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent. */
  readonly #raw: readonly string[];
  #query: URLSearchParams | undefined;
  #ends: (() => void)[] | undefined;
  #over = false;
  /** 0 until an answer has begun. */
  code = 0;
  #abort: AbortController | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly string[], connection: Connection) {
    this.#stream = stream;
    this.#headers = headers;
    this.#raw = raw;
    this.connection = connection;
    this.method = String(headers[':method'] ?? 'GET');
    const url = String(headers[':path'] ?? '/');
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.queryText = mark < 0 ? '' : url.slice(mark + 1);
    stream.on('close', () => this.#end());
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.queryText));
  }

  get answered(): boolean {
    return this.code !== 0;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over) this.#abort.abort();
    return this.#abort.signal;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  headers(): Readonly<Record<string, string | readonly string[] | undefined>> {
    return this.#headers;
  }

  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>> {
    const values: Record<string, string[]> = {};
    for (let i = 0; i < this.#raw.length; i += 2) (values[this.#raw[i]!] ??= []).push(this.#raw[i + 1]!);
    return values;
  }

  body(limit: number): Promise<Buffer> {
    return collectBody(this.#stream, this.header('content-length'), limit);
  }

  bodyStream(): NodeJS.ReadableStream {
    return this.#stream;
  }

  respond(code: number, headers: AnswerHeaders, body: Buffer | string = ''): void {
    if (this.code !== 0 || this.#over) return;
    this.code = code;
    const stream = this.#stream;
    headers[':status'] = sayable(code);
    headers['content-length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const bodiless = this.method === 'HEAD' || body.length === 0;
    stream.respond(headers, { endStream: bodiless });
    if (!bodiless) stream.end(body);
    // Node itself lets go of a body that is not there.
    if (!stream.endAfterHeaders) stream.resume();
  }

  stream(code: number, headers: AnswerHeaders): AnswerStream {
    this.code = code;
    const stream = this.#stream;
    if (!this.#over) {
      stream.respond({ ...headers, ':status': sayable(code) });
      stream.resume();
    }
    return {
      write: (data) => (this.#over ? true : stream.write(data)),
      get buffered() {
        return stream.writableLength;
      },
      onDrain: (run) => void stream.once('drain', run),
      end: () => void (this.#over || stream.end()),
      destroy: () => stream.close(constants.NGHTTP2_CANCEL),
    };
  }

  onEnd(run: () => void): void {
    if (this.#over) run();
    else (this.#ends ??= []).push(run);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort?.abort();
    for (const run of this.#ends ?? []) run();
  }
}

/** Node sends no code above; webhooks and other servers may give one. */
const largestCode = 599;
const sayable = (code: number): number => Math.min(code, largestCode);
