import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { atTurnsEnd } from '../../base/turns-end.ts';
import { refuseUpgrade } from '../../stream/upgrade.ts';
import type { AnswerHeaders, AnswerStream, Connection, Exchange, Upgrade } from '../exchange.ts';
import { collectBody } from './body.ts';

/** What serves exchanges. Must never throw. */
export type ExchangeHandler = (exchange: Exchange) => void;

/** Where the Connection of a socket is kept. */
export const connectionOf = new WeakMap<Duplex, Connection>();

/** An HTTP/1.1 server without a listening socket: connections are given to it by `emit('connection')`. */
export function createHttp1(handler: ExchangeHandler): Server {
  const server = createServer({
    headersTimeout: 30_000,
    // Reads of slow bodies are ended by the request filter; watches must live on.
    requestTimeout: 0,
    keepAliveTimeout: 90_000,
    connectionsCheckingInterval: 30_000,
    maxHeaderSize: 64 * 1024,
    noDelay: true,
    // A request without a body costs no stream.
    optimizeEmptyRequests: true,
  });
  server.on('request', (request, response) => {
    const exchange = new Http1Exchange(request, response, undefined);
    handler(exchange);
    exchange.handled();
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    handler(new Http1Exchange(request, undefined, { req: request, socket, head }));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const line = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

/** Bodies up to this go out in one piece with their head: node:http joins texts, and writes bytes as a piece of their own. */
const smallBody = 15 * 1024;

function sendWhole(response: ServerResponse, body: Buffer | string): void {
  // UTF-8 read as Latin-1 is written as Latin-1 again: the same bytes.
  if (typeof body !== 'string' && body.length <= smallBody) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** Larger bodies are encrypted and sent in parts of this size: whole they would stall the loop and double in memory. */
const largeBody = 1024 * 1024;

function sendInParts(response: ServerResponse, body: Buffer): void {
  let at = 0;
  const next = (): void => {
    while (at < body.length && !response.destroyed) {
      const part = body.subarray(at, at + largeBody);
      at += part.length;
      if (!response.write(part) && at < body.length) {
        response.once('drain', next);
        return;
      }
    }
    response.end();
  };
  next();
}

class Http1Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly queryText: string;
  readonly connection: Connection;
  readonly http2 = false;
  readonly upgrade: Upgrade | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse | undefined;
  #query: URLSearchParams | undefined;
  #ends: (() => void)[] | undefined;
  #over = false;
  /** Until the handler has returned: an answer comes in the turn in which the request was read. */
  #handling = true;
  /** 0 until an answer has begun. */
  code = 0;
  #abort: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse | undefined, upgrade: Upgrade | undefined) {
    this.#request = request;
    this.#response = response;
    this.upgrade = upgrade;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.queryText = mark < 0 ? '' : url.slice(mark + 1);
    this.connection = connectionOf.get(request.socket)!;
    const end = () => this.#end();
    request.on('error', end);
    if (response) {
      response.on('error', end);
      response.on('close', end);
    } else {
      upgrade?.socket.on('close', end);
    }
  }

  /** Tells that the handler has returned. */
  handled(): void {
    this.#handling = false;
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
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  headers(): Readonly<Record<string, string | readonly string[] | undefined>> {
    return this.#request.headers;
  }

  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>> {
    return this.#request.headersDistinct;
  }

  body(limit: number): Promise<Buffer> {
    if (!this.#hasBody()) return Promise.resolve(Buffer.alloc(0));
    return collectBody(this.#request, this.#request.headers['content-length'], limit);
  }

  bodyStream(): NodeJS.ReadableStream {
    return this.#hasBody() ? this.#request : Readable.from([]);
  }

  respond(code: number, headers: AnswerHeaders, body: Buffer | string = ''): void {
    if (this.code !== 0 || this.#over) return;
    this.code = code;
    headers['content-length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    if (this.#response) this.#answer(this.#response, code, headers, body);
    else this.#refuseUpgrade(code, headers, body);
  }

  #answer(response: ServerResponse, code: number, headers: AnswerHeaders, body: Buffer | string): void {
    // A body that nobody reads would block the next request of this connection.
    if (!this.#request.complete && this.#hasBody()) {
      headers['connection'] = 'close';
      this.#request.resume();
    }
    response.writeHead(code, headers);
    if (this.method === 'HEAD') response.end();
    else if (body.length > largeBody && typeof body !== 'string') sendInParts(response, body);
    // A client that sleeps is then woken once for all answers of this turn. Waking it is the dearer part of a small one.
    else if (this.#handling) atTurnsEnd(() => sendWhole(response, body));
    else sendWhole(response, body);
  }

  #hasBody(): boolean {
    const { 'content-length': length, 'transfer-encoding': coding } = this.#request.headers;
    return coding !== undefined || (length !== undefined && length !== '0');
  }

  #refuseUpgrade(code: number, fields: AnswerHeaders, body: Buffer | string): void {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(fields))
      if (name !== 'content-type' && name !== 'content-length') headers[name] = String(value);
    const text = body.toString();
    refuseUpgrade(this.upgrade!.socket, {
      code,
      headers,
      body: fields['content-type'] === 'application/json' ? JSON.parse(text) : text,
    });
  }

  stream(code: number, headers: AnswerHeaders): AnswerStream {
    this.code = code;
    const response = this.#response;
    if (!response) throw new Error('an upgraded request has no streamed answer');
    if (!this.#over) {
      response.writeHead(code, headers);
      response.flushHeaders();
    }
    return {
      write: (data) => (this.#over ? true : response.write(data)),
      get buffered() {
        return response.writableLength;
      },
      onDrain: (run) => void response.once('drain', run),
      end: () => void (this.#over || response.end()),
      destroy: () => void response.destroy(),
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
