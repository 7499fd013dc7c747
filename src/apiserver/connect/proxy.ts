import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { serviceUnavailable } from '../../api/status.ts';
import { dialText } from '../../node/dial-text.ts';
import type { DialTarget } from '../../node/gateway.ts';
import type { AnswerHeaders } from '../exchange.ts';
import { joinUpgrade, passAnswer, passedHeaders } from '../pass-on.ts';
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
    headers: passedHeaders(exchange, to.host),
    createConnection: () => channel as never,
    setHost: false,
  });
  outgoing.on('error', (error) => {
    channel.destroy();
    if (!exchange.answered) fail(log, request, unreachable(to, error));
  });
  if (exchange.upgrade) return joinUpgrade(request, outgoing, (incoming) => refused(request, incoming));
  outgoing.on('response', (incoming) => passAnswer(request, incoming, (headers) => rebased(request, headers)));
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

/** A path of the backend is a path below the proxy's. */
function rebased({ info }: ApiRequest, headers: AnswerHeaders): void {
  const { location } = headers;
  if (typeof location === 'string' && location.startsWith('/') && !location.startsWith('//'))
    headers['location'] = info.path.slice(0, info.path.length - info.rest.length) + location;
}

function refused(request: ApiRequest, incoming: IncomingMessage): void {
  incoming.resume();
  request.exchange.respond(
    502,
    headersFor(request, 'text/plain'),
    `the backend refused the upgrade with status ${incoming.statusCode}\n`,
  );
}
