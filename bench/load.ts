import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { quantile } from './record.ts';
import type { Target } from './target.ts';

/** One request to send: made anew for each send, so that creates can number their objects. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Of the body; JSON unless given. */
  readonly contentType?: string;
  /** Of the answer; JSON unless given. */
  readonly accept?: string;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly n: number;
  readonly failures: number;
  readonly p50: number;
  readonly p99: number;
}

interface Load {
  readonly connections: number;
  /** Requests in flight on each connection (HTTP/2 only; 1 on HTTP/1.1). */
  readonly streams?: number;
  readonly seconds: number;
  readonly next: () => Request;
}

const tlsOptions = (target: Target, alpn: string) => ({
  host: target.host,
  port: target.port,
  ALPNProtocols: [alpn],
  ...(target.ca ? { ca: target.ca } : { rejectUnauthorized: false }),
  ...(target.cert && { cert: target.cert, key: target.key }),
});

function connected(target: Target, alpn: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(tlsOptions(target, alpn), () => resolve(socket));
    socket.once('error', reject);
    socket.setNoDelay(true);
  });
}

function summary(latencies: number[], failures: number, elapsed: number): LoadResult {
  return {
    perSecond: latencies.length / (elapsed / 1000),
    n: latencies.length,
    failures,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/**
 * A closed loop over HTTP/1.1 on raw TLS sockets: each connection sends, reads the whole answer by its content-length
 * (or last chunk) and sends again. A real HTTP client would take more of the second core than the server leaves.
 */
export async function loadHttp1(target: Target, load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  let failures = 0;
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => connected(target, 'http/1.1')));
  const auth = target.token ? `authorization: Bearer ${target.token}\r\n` : '';
  const started = performance.now();
  const end = started + load.seconds * 1000;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          let pending: Buffer = Buffer.alloc(0);
          const send = () => {
            if (performance.now() >= end) {
              socket.destroy();
              return resolve();
            }
            const { method, path, body, contentType = 'application/json', accept = 'application/json' } = load.next();
            const content =
              body === undefined
                ? ''
                : `content-type: ${contentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
            sentAt = performance.now();
            socket.write(
              `${method} ${path} HTTP/1.1\r\nhost: ${target.host}\r\naccept: ${accept}\r\n${auth}${content}\r\n${body ?? ''}`,
            );
          };
          socket.on('error', reject);
          // Bytes of a body of known length still to come; those of a list are counted, not kept.
          let left = 0;
          const answered = (header: string) => {
            latencies.push(performance.now() - sentAt);
            if (!header.startsWith('HTTP/1.1 2')) failures++;
            pending = Buffer.alloc(0);
            send();
          };
          let answering = '';
          socket.on('data', (chunk: Buffer) => {
            if (left > 0) {
              left -= chunk.length;
              if (left <= 0) answered(answering);
              return;
            }
            pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
            const head = pending.indexOf('\r\n\r\n');
            if (head < 0) return;
            const header = pending.toString('latin1', 0, head);
            const length = /content-length: (\d+)/i.exec(header);
            if (length) {
              answering = header;
              left = head + 4 + Number(length[1]) - pending.length;
              if (left <= 0) answered(header);
            } else if (pending.subarray(-5).equals(Buffer.from('0\r\n\r\n'))) answered(header);
          });
          send();
        }),
    ),
  );
  return summary(latencies, failures, performance.now() - started);
}

/** A closed loop over HTTP/2 streams. */
export async function loadHttp2(target: Target, load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  let failures = 0;
  const sessions = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = await connected(target, 'h2');
      const session = connectHttp2(`https://${target.host}:${target.port}`, { createConnection: () => socket });
      session.on('error', () => failures++);
      return session;
    }),
  );
  const auth = target.token ? { authorization: `Bearer ${target.token}` } : {};
  const started = performance.now();
  const end = started + load.seconds * 1000;
  const one = (session: (typeof sessions)[number]) =>
    new Promise<void>((resolve, reject) => {
      const { method, path, body, contentType = 'application/json', accept = 'application/json' } = load.next();
      const sentAt = performance.now();
      const stream = session.request(
        {
          ':method': method,
          ':path': path,
          accept,
          ...auth,
          ...(body !== undefined && { 'content-type': contentType }),
        },
        { endStream: body === undefined },
      );
      stream.on('response', (headers) => {
        if (Number(headers[':status']) >= 300) failures++;
      });
      stream.on('data', () => undefined);
      stream.on('end', () => {
        latencies.push(performance.now() - sentAt);
        resolve();
      });
      stream.on('error', reject);
      if (body !== undefined) stream.end(body);
    });
  const loop = async (session: (typeof sessions)[number]) => {
    while (performance.now() < end) await one(session);
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: load.streams ?? 1 }, () => loop(session))));
  for (const session of sessions) session.destroy();
  return summary(latencies, failures, performance.now() - started);
}
