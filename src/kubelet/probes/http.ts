import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { abortable } from '../../base/abortable.ts';
import type { Dialer, DialTarget } from '../../node/gateway.ts';
import type { HTTPGetAction } from '../types.ts';
import type { Endpoint } from './endpoint.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

/** Source: kubelet `maxRespBodyLength`. */
const maxBody = 10 * 1024;

/** The URL as kubelet prints it. */
export function urlOf(action: HTTPGetAction, endpoint: Endpoint): string {
  const path = action.path ?? '/';
  return `${(action.scheme ?? 'HTTP').toLowerCase()}://${endpoint.address}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** A connection that has an error listener; one that comes too late is closed. */
export async function dialled(dialer: Dialer, target: DialTarget, signal: AbortSignal): Promise<Duplex> {
  const quiet = (socket: Duplex) => socket.on('error', () => undefined);
  const socket = await abortable(dialer.dial(target, signal), signal, (late) => void quiet(late).destroy());
  return quiet(socket);
}

/** One GET over a dialled connection, without redirects, certificates unchecked, body cut at 10 KiB. */
export async function httpGet(
  dialer: Dialer,
  endpoint: Endpoint,
  action: HTTPGetAction,
  userAgent: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const plain = await dialled(dialer, endpoint.target, signal);
  const socket = action.scheme === 'HTTPS' ? secured(plain, endpoint) : plain;
  try {
    return await exchange(socket, endpoint, action, userAgent, signal);
  } finally {
    socket.destroy();
    plain.destroy();
  }
}

function secured(plain: Duplex, endpoint: Endpoint): Duplex {
  const socket = connectTls({ socket: plain, rejectUnauthorized: false, servername: serverName(endpoint.host) });
  socket.on('error', () => undefined);
  return socket;
}

/** Addresses may not be sent as a server name. */
const serverName = (host: string): string => (/^[\d.]+$|:/.test(host) ? '' : host);

function exchange(
  socket: Duplex,
  endpoint: Endpoint,
  action: HTTPGetAction,
  userAgent: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const headers: Record<string, string> = { Host: endpoint.address, 'User-Agent': userAgent, Accept: '*/*' };
  for (const { name, value } of action.httpHeaders ?? []) setHeader(headers, name, value);
  return new Promise((resolve, reject) => {
    const url = new URL(urlOf(action, endpoint));
    const sent = request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, Connection: 'close' },
      createConnection: () => socket,
      signal,
    });
    sent.on('error', reject);
    sent.on('response', (response) => collect(response, resolve, reject));
    sent.end();
  });
}

/** Header names are case-blind; an empty Accept or User-Agent removes it. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase());
  if (known) delete headers[known];
  if (value !== '' || !known) headers[known ?? name] = value;
}

function collect(
  response: IncomingMessage,
  resolve: (answer: HttpAnswer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const done = () =>
    resolve({
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks).subarray(0, maxBody).toString('utf8'),
      location: response.headers.location,
    });
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBody) done();
  });
  response.on('end', done);
  response.on('error', reject);
}
