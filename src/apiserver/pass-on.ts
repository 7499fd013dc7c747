import type { ClientRequest, IncomingMessage } from 'node:http';
import type { AnswerHeaders, Exchange } from './exchange.ts';
import type { ApiRequest } from './request.ts';
import { headersFor } from './respond.ts';

/** What every proxy does: it hands a request on to a backend, and the backend's answer back. */

/** Headers of one connection, and those that say who asked: neither may reach the backend. */
const dropped =
  /^(connection|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|authorization|x-remote-.*|impersonate-.*|:.*)$/;

/** Headers as they are sent to a backend. */
export type PassedHeaders = Record<string, string | string[]>;

/** What the client's headers become for a backend that is known as `host`. */
export function passedHeaders(exchange: Exchange, host: string): PassedHeaders {
  const headers: PassedHeaders = { host };
  for (const [name, value] of Object.entries(exchange.headers()))
    if (value !== undefined && !dropped.test(name)) headers[name] = typeof value === 'string' ? value : [...value];
  headers['x-forwarded-for'] = exchange.connection.remoteAddress;
  headers['x-forwarded-proto'] = 'https';
  if (exchange.upgrade) {
    headers['connection'] = 'Upgrade';
    headers['upgrade'] = exchange.header('upgrade') ?? '';
  }
  return headers;
}

/** A code that is none, as 099, cannot be handed back. */
const sayable = (code = 0): number => (code < 200 ? 502 : code);

/** Hands a backend's answer back as it comes, no faster than the client takes it. `change` has the last word on headers. */
export function passAnswer(
  request: ApiRequest,
  incoming: IncomingMessage,
  change: (headers: AnswerHeaders) => void = () => undefined,
): void {
  const headers = headersFor(request, incoming.headers['content-type'] ?? 'application/octet-stream');
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined && !dropped.test(name)) headers[name] = value;
  change(headers);
  const stream = request.exchange.stream(sayable(incoming.statusCode), headers);
  incoming.on('data', (chunk: Buffer) => {
    if (stream.write(chunk)) return;
    incoming.pause();
    stream.onDrain(() => incoming.resume());
  });
  incoming.on('end', () => stream.end());
  incoming.on('error', () => stream.destroy());
}

/**
 * Joins the two sockets, but only after the backend has said 101 (CVE-2018-1002105). `refused` gets any other answer. Sends
 * the request.
 */
export function joinUpgrade(
  { exchange }: ApiRequest,
  outgoing: ClientRequest,
  refused: (incoming: IncomingMessage) => void,
): void {
  const { socket, head } = exchange.upgrade!;
  outgoing.on('upgrade', (incoming, backend, backendHead) => {
    backend.on('error', () => backend.destroy());
    const lines = ['HTTP/1.1 101 Switching Protocols'];
    for (let i = 0; i < incoming.rawHeaders.length; i += 2)
      lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (backendHead.length > 0) socket.write(backendHead);
    if (head.length > 0) backend.write(head);
    backend.pipe(socket);
    socket.pipe(backend);
    socket.on('close', () => backend.destroy());
    backend.on('close', () => socket.destroy());
  });
  outgoing.on('response', refused);
  outgoing.end();
}
