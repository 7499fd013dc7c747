import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../../src/base/clock.ts';
import { connectEngine } from '../../../src/engine/connect.ts';
import type { Endpoint } from '../../../src/engine/endpoint.ts';
import type { Engine } from '../../../src/engine/engine.ts';

/** A socket before the engine's that can be shut, as an engine that restarts would shut it. */
export interface Gate extends AsyncDisposable {
  connect(): Promise<Engine>;
  close(): void;
  open(): void;
}

export async function openGate(endpoint: Endpoint): Promise<Gate> {
  const folder = await mkdtemp(join(tmpdir(), 'krill-gate-'));
  const path = join(folder, 'docker.sock');
  const sockets = new Set<Socket>();
  let shut = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const to = endpoint.type === 'socket' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    const real = connect({ ...to, allowHalfOpen: true });
    for (const [one, other] of [
      [client, real],
      [real, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    if (shut) client.destroy();
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    connect: () => {
      const at = { env: { DOCKER_HOST: `unix://${path}` }, home: '/', platform: 'linux', read: () => undefined };
      return connectEngine(new SystemClock(), AbortSignal.timeout(10_000), at);
    },
    close: () => {
      shut = true;
      for (const socket of sockets) socket.destroy();
    },
    open: () => {
      shut = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
