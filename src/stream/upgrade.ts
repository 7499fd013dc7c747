import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** What node:http hands over with its 'upgrade' event. */
export interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** A raw HTTP answer instead of an upgrade. */
export interface Refusal {
  readonly code: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as plain text. */
  readonly body: string | object;
}

const phrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Answers an upgrade request with an ordinary HTTP response and closes the connection. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  const json = typeof refusal.body !== 'string';
  const body = Buffer.from(json ? JSON.stringify(refusal.body) : `${refusal.body}\n`);
  const headers = {
    ...refusal.headers,
    'Content-Type': json ? 'application/json' : 'text/plain; charset=utf-8',
    'Content-Length': String(body.length),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${refusal.code} ${phrases[refusal.code] ?? 'Error'}\r\n${lines.join('')}\r\n`);
  // Reading on lets the client's own bytes go somewhere: closing with unread ones resets and may lose the answer.
  socket.once('end', () => socket.destroy());
  socket.resume();
  socket.end(body);
}

/** Gives an upgrade's socket its error listener and keep-alive, and an abort signal that fires when it closes. */
export function watchSocket(socket: Duplex): AbortSignal {
  const gone = new AbortController();
  socket.on('error', () => undefined);
  socket.once('close', () => gone.abort(new Error('the client went away')));
  if (socket.destroyed) gone.abort(new Error('the client went away'));
  (socket as Partial<Socket>).setNoDelay?.(true);
  (socket as Partial<Socket>).setKeepAlive?.(true, 30_000);
  return gone.signal;
}

/** Comma-separated values of a header that may also be repeated. */
export function listHeader(req: IncomingMessage, name: string): string[] {
  const raw: string[] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    if (req.rawHeaders[i]!.toLowerCase() === name) raw.push(req.rawHeaders[i + 1]!);
  }
  return raw
    .join(',')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

export const wantsWebSocket = (req: IncomingMessage): boolean => listHeader(req, 'upgrade').some(is('websocket'));
export const wantsSpdy = (req: IncomingMessage): boolean => listHeader(req, 'upgrade').some(is('spdy/3.1'));

function is(wanted: string): (value: string) => boolean {
  return (value) => value.toLowerCase() === wanted;
}

/** The sub-protocols a WebSocket client offers, its favourite first. */
export const offeredSubprotocols = (req: IncomingMessage): string[] => listHeader(req, 'sec-websocket-protocol');

/** The answer to a WebSocket client none of whose sub-protocols are spoken here. */
export const unknownSubprotocol = (offered: readonly string[], known: readonly string[]): Refusal => ({
  code: 403,
  body: `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${known.join(' ')}]`,
});

/** Completes a WebSocket handshake with `protocol` ('' for none). ws answers a malformed handshake itself: undefined. */
export function upgradeWebSocket({ req, socket, head }: UpgradeRequest, protocol: string): WebSocket | undefined {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 32 * 1024 * 1024,
  });
  if (protocol) server.on('headers', (lines) => void lines.push(`Sec-WebSocket-Protocol: ${protocol}`));
  // ws refuses sub-protocols with a slash, as the tunnel's has, so the choice is made without it.
  const { 'sec-websocket-protocol': _offered, ...headers } = req.headers;
  const handshake: IncomingMessage = Object.create(req, { headers: { value: headers } });
  let accepted: WebSocket | undefined;
  server.handleUpgrade(handshake, socket, head, (ws) => {
    ws.on('error', () => undefined);
    accepted = ws;
  });
  return accepted;
}

/** Completes a SPDY upgrade; the bytes after it are frames. */
export function upgradeSpdy({ socket, head }: UpgradeRequest, protocol: string): void {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
}

/** Chooses a SPDY sub-protocol as upstream's handshake does: the first of the client's that is spoken here. */
export function negotiateSpdy(req: IncomingMessage, known: readonly string[]): string | Refusal {
  const offered = listHeader(req, 'x-stream-protocol-version');
  if (offered.length === 0) return { code: 400, body: 'unable to upgrade: X-Stream-Protocol-Version is required' };
  const protocol = offered.find((p) => known.includes(p));
  if (protocol) return protocol;
  return {
    code: 403,
    headers: { 'X-Accepted-Stream-Protocol-Versions': known.join(', ') },
    body: `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`,
  };
}

/** An upgrade request that is neither WebSocket nor SPDY. */
export const notUpgradable = (req: IncomingMessage): Refusal => ({
  code: 400,
  body: `unable to upgrade: missing upgrade headers in request: Upgrade: ${req.headers.upgrade ?? ''}; WebSocket and SPDY/3.1 are spoken here`,
});
