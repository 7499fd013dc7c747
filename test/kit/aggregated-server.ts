import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { SystemClock } from '../../src/base/clock.ts';
import { SystemIds } from '../../src/base/ids.ts';
import { createAuthority, issueServing, lifetime } from '../../src/pki/certificates.ts';
import { generateKey, privateKeyPem } from '../../src/pki/keys.ts';

/** What a server behind an APIService was asked. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The name in the client's certificate, whoever issued it; "" without one. */
  readonly by: string;
}

/** Answers one request; false for a path it does not have. */
export type Answerer = (asked: Asked, response: ServerResponse) => boolean | Promise<boolean>;

/** An API server that others reach through an APIService: HTTPS with an authority of its own. */
export interface AggregatedServer extends AsyncDisposable {
  readonly port: number;
  /** Its authority, as an APIService wants it. */
  readonly caBundle: string;
  readonly asked: Asked[];
  /** Takes upgrades; refuses them unless set. */
  onUpgrade: ((request: IncomingMessage, socket: Duplex) => void) | undefined;
  /** Closes its port and every connection. */
  stop(): Promise<void>;
  /** Listens at its port again. */
  start(): Promise<void>;
}

export async function aggregatedServer(
  answer: Answerer,
  { service = 'adapter', namespace = 'default' }: { service?: string; namespace?: string } = {},
): Promise<AggregatedServer> {
  const ids = new SystemIds();
  const valid = lifetime(new SystemClock().wall(), 1);
  const authority = await createAuthority('aggregated-ca', generateKey(), valid, ids);
  const key = generateKey();
  const names = { commonName: service, dnsNames: [`${service}.${namespace}.svc`], ipAddresses: [] };
  const cert = await issueServing(authority, names, key, valid, ids);
  const tls = { cert, key: privateKeyPem(key), requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) chunks.push(chunk);
    const asked = askedOf(request, Buffer.concat(chunks).toString());
    aggregated.asked.push(asked);
    if (await answer(asked, response)) return;
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
  });
  // Those that are still shaking hands are no connections to Node.
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket) => {
    aggregated.asked.push(askedOf(request, ''));
    if (aggregated.onUpgrade) aggregated.onUpgrade(request, socket);
    else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const aggregated: AggregatedServer = {
    port,
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    asked: [],
    onUpgrade: undefined,
    start: () => listen(port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    [Symbol.asyncDispose]: () => (server.listening ? aggregated.stop() : Promise.resolve()),
  };
  return aggregated;
}

function askedOf(request: IncomingMessage, body: string): Asked {
  const { method = '', url = '', headers } = request;
  const certificate = (request.socket as TLSSocket).getPeerCertificate();
  return { method, url, headers, body, by: String(certificate.subject?.CN ?? '') };
}

/** Answers with JSON; true, for an `Answerer` to return. */
export function json(response: ServerResponse, value: unknown, code = 200): true {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  return true;
}

/** The Service and the APIService of a server on this machine. */
export function registered(server: AggregatedServer, group: string, version: string, more: object = {}) {
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'adapter', namespace: 'default' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    },
    apiService: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${version}.${group}` },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { namespace: 'default', name: 'adapter', port: server.port },
        caBundle: server.caBundle,
        ...more,
      },
    },
  };
}
