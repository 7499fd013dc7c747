import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UserInfo } from '../client/call.ts';

/** Headers of an answer; names in lower case. Ownership passes to the exchange, which adds its own. */
export type AnswerHeaders = Record<string, string | string[] | number>;

/**
 * One request and its answer, whichever HTTP version carries it: the only view the handlers have. Errors of the
 * underlying sockets never surface here; a client that left shows as `gone`.
 */
export interface Exchange {
  readonly method: string;
  /** The path without the query, still percent-encoded. */
  readonly path: string;
  /** The query without its "?", still encoded; "" without one. */
  readonly queryText: string;
  /** Parsed at first use. */
  readonly query: URLSearchParams;
  readonly connection: Connection;
  readonly http2: boolean;
  /** The first value of a header; `name` in lower case. */
  header(name: string): string | undefined;
  /** All headers, the values of repeated ones joined by commas; for the proxies. */
  headers(): Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The values of each header as they were sent, where a comma is part of a value. */
  distinctHeaders(): Readonly<Record<string, readonly string[] | undefined>>;

  /** The whole body. Throws the 413 Status above `limit` bytes. */
  body(limit: number): Promise<Buffer>;
  /** The body as it arrives, for the proxies. */
  bodyStream(): NodeJS.ReadableStream;

  /** Answers at once. Does nothing when the client has left or an answer has begun. */
  respond(code: number, headers: AnswerHeaders, body?: Buffer | string): void;
  /** Begins a streamed answer. */
  stream(code: number, headers: AnswerHeaders): AnswerStream;
  /** The answer's code; 0 before it has begun. */
  readonly code: number;
  /** Whether an answer has begun. */
  readonly answered: boolean;

  /** The raw socket of an HTTP/1.1 request with `Connection: Upgrade`; taking it ends the exchange's own answer. */
  readonly upgrade: Upgrade | undefined;

  /** Runs once when the exchange is over: answered in full, or the client left. */
  onEnd(run: () => void): void;
  /** Aborted when the exchange is over. Made at first use. */
  readonly signal: AbortSignal;
}

/** A socket being upgraded and the bytes that came with the request. */
export interface Upgrade {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** An answer of unknown length. */
export interface AnswerStream {
  /** Writes, buffering what the client has not taken yet. Whether more may be written without buffering. */
  write(data: Buffer | string): boolean;
  /** Bytes written and not yet handed to the socket. */
  readonly buffered: number;
  /** Runs once each time the buffer has emptied after `write` returned false. */
  onDrain(run: () => void): void;
  end(): void;
  /** Cuts the connection (HTTP/1.1) or the stream (HTTP/2). */
  destroy(): void;
}

/** What is known of the socket under an exchange; lives as long as it. */
export interface Connection {
  readonly remoteAddress: string;
  /** The verified client certificate: its subject, and its hash in hex. */
  readonly certificate:
    | { readonly commonName: string; readonly organizations: readonly string[]; readonly sha256: string }
    | undefined;
  /** The user of the certificate, once worked out. */
  user: UserInfo | undefined;
  /** Refuses further requests on this connection (HTTP/2: GOAWAY). */
  retire(): void;
}
