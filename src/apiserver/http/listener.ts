import type { ServerHttp2Session } from 'node:http2';
import { createServer, type TLSSocket } from 'node:tls';
import { SocketConnection } from './connection.ts';
import { connectionOf, createHttp1, type ExchangeHandler } from './http1.ts';
import { serveHttp2 } from './http2.ts';

/** Keys and certificates of the serving port, PEM. */
export interface ServingTls {
  readonly cert: string;
  readonly key: string;
  /** The CA that client certificates are verified against. */
  readonly clientCa: string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly tls: ServingTls;
  /** Whether HTTP/2 is offered; true unless set. */
  readonly http2?: boolean;
}

/** A listening port. Closing it cuts every connection. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens with TLS and hands each socket by ALPN to HTTP/1.1 or HTTP/2. */
export function listen(options: ListenOptions, handler: ExchangeHandler): Promise<Listening> {
  const http1 = createHttp1(handler);
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({
    cert: options.tls.cert,
    key: options.tls.key,
    ca: options.tls.clientCa,
    requestCert: true,
    // A request without, or with a foreign, certificate may still carry a token.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    handshakeTimeout: 10_000,
    ALPNProtocols: options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'],
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    const connection = new SocketConnection(socket);
    connectionOf.set(socket, connection);
    if (socket.alpnProtocol === 'h2') {
      const session = serveHttp2(socket, connection, handler);
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
    } else {
      connection.retire = () => {};
      http1.emit('connection', socket);
    }
  });
  server.on('tlsClientError', (_error, socket) => void socket.destroy());
  // Sockets still in their handshake are not in `sockets`.
  server.on('connection', (socket) => socket.on('error', () => socket.destroy()));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 511 }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : options.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            http1.close();
            for (const session of sessions) session.destroy();
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}
