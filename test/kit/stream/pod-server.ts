import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** An API server that knows the one pod every test streams to, and leaves upgrades to the test. */
export interface PodServer extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
}

const pod = (name: string) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', uid: '11111111-2222-4333-8444-555555555555' },
  spec: { nodeName: 'n', containers: [{ name: 'app', image: 'app' }] },
  status: { phase: 'Running', containerStatuses: [{ name: 'app', ready: true, state: { running: {} } }] },
});

const documents: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      {
        name: 'pods',
        singularName: 'pod',
        namespaced: true,
        kind: 'Pod',
        verbs: ['get', 'list', 'create'],
        shortNames: ['po'],
      },
    ],
  },
  '/version': { major: '1', minor: '36', gitVersion: 'v1.36.0' },
};

/** The last path segment of a streaming request: exec, attach, portforward, log. */
export const subresource = (url: URL): string => url.pathname.split('/').at(-1)!;

/** Starts the server on an ephemeral loopback port. */
export async function podServer(
  onUpgrade: (url: URL, req: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>,
): Promise<PodServer> {
  const sockets = new Set<Duplex>();
  const sessions = new Set<Promise<void>>();
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url!, 'http://x');
    const podName = /^\/api\/v1\/namespaces\/default\/pods\/([^/]+)$/.exec(pathname)?.[1];
    const body = podName ? pod(podName) : documents[pathname];
    res.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    res.end(
      JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }),
    );
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (req, socket, head) => {
    const session = onUpgrade(new URL(req.url!, 'http://x'), req, socket, head).finally(() => sessions.delete(session));
    sessions.add(session);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(sessions);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
