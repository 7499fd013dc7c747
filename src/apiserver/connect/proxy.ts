import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { serviceUnavailable } from '../../api/status.ts';
import { dialText } from '../../node/dial-text.ts';
import type { DialTarget } from '../../node/gateway.ts';
import type { ApiRequest } from '../request.ts';
import { headersFor } from '../respond.ts';
import { fail } from '../serve.ts';
import type { ConnectParts } from './connect-parts.ts';

/** Where a proxied request goes. */
export interface ProxyTarget {
  readonly target: DialTarget;
  readonly scheme: 'http' | 'https';
  /** The Host header and, with https, nothing else: such certificates are not verified, as upstream. */
  readonly host: string;
}

/** Headers of one connection, and those that say who asked: neither may reach the backend. */
const dropped =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|authorization|x-remote-.*|impersonate-.*|:.*)$/;

/** Passes a request on and its answer back. Redirects are passed back, never followed. */
export async function forward(parts: ConnectParts, request: ApiRequest, to: ProxyTarget): Promise<void> {
  const { exchange } = request;
  const { log } = parts.registry;
  if (redirectToFolder(request)) return;
  let socket: Duplex;
  try {
    socket = await parts.nodes().dial(to.target, exchange.signal);
  } catch (error) {
    throw unreachable(to, error);
  }
  socket.on('error', () => socket.destroy());
  exchange.onEnd(() => socket.destroy());
  const channel = to.scheme === 'https' ? secure(socket) : socket;
  const outgoing = httpRequest({
    method: exchange.method,
    path: pathOf(request),
    headers: headersTo(request, to),
    createConnection: () => channel as never,
    setHost: false,
  });
  outgoing.on('error', (error) => {
    channel.destroy();
    if (!exchange.answered) fail(log, request, unreachable(to, error));
  });
  if (exchange.upgrade) return carryUpgrade(request, outgoing);
  outgoing.on('response', (incoming) => answer(request, incoming));
  exchange.bodyStream().pipe(outgoing);
}

/** Relative links of a page need a path that ends in "/": a browser that left it away is told so. */
function redirectToFolder(request: ApiRequest): boolean {
  const { exchange, info } = request;
  if (info.rest !== '' || exchange.upgrade || !['GET', 'HEAD'].includes(exchange.method)) return false;
  const location = `${info.path}/${exchange.queryText ? `?${exchange.queryText}` : ''}`;
  exchange.respond(301, { ...headersFor(request, 'text/plain'), location }, '');
  return true;
}

function unreachable({ target, host }: ProxyTarget, error: unknown): Error {
  const address = target.to === 'pod' ? `${target.address}:${target.port}` : host;
  return serviceUnavailable(`error trying to reach service: ${dialText(address, error)}`);
}

function secure(socket: Duplex): Duplex {
  const channel = tlsConnect({ socket, rejectUnauthorized: false });
  channel.on('error', () => channel.destroy());
  return channel;
}

const pathOf = ({ info, exchange }: ApiRequest) =>
  (info.rest || '/') + (exchange.queryText ? `?${exchange.queryText}` : '');

function headersTo({ exchange }: ApiRequest, to: ProxyTarget): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { host: to.host };
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

function answer(request: ApiRequest, incoming: IncomingMessage): void {
  const { exchange, info } = request;
  const headers = headersFor(request, incoming.headers['content-type'] ?? 'application/octet-stream');
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined && !dropped.test(name)) headers[name] = value;
  const location = incoming.headers.location;
  // A path of the backend is a path below the proxy's.
  if (location?.startsWith('/') && !location.startsWith('//'))
    headers['location'] = info.path.slice(0, info.path.length - info.rest.length) + location;
  const stream = exchange.stream(incoming.statusCode ?? 502, headers);
  incoming.on('data', (chunk: Buffer) => {
    if (stream.write(chunk)) return;
    incoming.pause();
    stream.onDrain(() => incoming.resume());
  });
  incoming.on('end', () => stream.end());
  incoming.on('error', () => stream.destroy());
}

/** Joins the two sockets, but only after the backend has said 101 (CVE-2018-1002105). Anything else is refused. */
function carryUpgrade(request: ApiRequest, outgoing: ReturnType<typeof httpRequest>): void {
  const { socket, head } = request.exchange.upgrade!;
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
  outgoing.on('response', (incoming) => {
    incoming.resume();
    request.exchange.respond(
      502,
      headersFor(request, 'text/plain'),
      `the backend refused the upgrade with status ${incoming.statusCode}\n`,
    );
  });
  outgoing.end();
}
