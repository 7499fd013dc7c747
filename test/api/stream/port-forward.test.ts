import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { KubeConfig, PortForward } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SystemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { acceptPortForward } from '../../../src/stream/port-forward.ts';
import { streamingKubectls } from '../../kit/stream/kubectls.ts';
import { type PodServer, podServer } from '../../kit/stream/pod-server.ts';

const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** Connects, sends `data`, half-closes, and returns everything that comes back. */
async function exchange(port: number, data: Buffer): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const parts: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => parts.push(chunk));
  socket.on('error', () => undefined);
  socket.end(data);
  await once(socket, 'close');
  return Buffer.concat(parts);
}

let backend: Server;
let backendPort: number;
const backendSockets = new Set<Socket>();
let server: PodServer;
/** How the last session was carried. */
let transport: string | undefined;

beforeAll(async () => {
  // Answers with what it got, and with "after" once the client half-closed.
  backend = createServer({ allowHalfOpen: true }, (socket) => {
    backendSockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => backendSockets.delete(socket));
    socket.on('data', (chunk) => {
      if (!socket.write(chunk)) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    socket.on('end', () => socket.end('after'));
    // The server that hangs up first: it answers one word and closes, whatever the client does.
    socket.once('data', (chunk) => {
      if (String(chunk) === 'quit') socket.end();
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  backendPort = (backend.address() as AddressInfo).port;
  server = await podServer((_url, req, socket, head) => {
    transport = req.headers['sec-websocket-protocol'] ?? req.headers.upgrade;
    return acceptPortForward(
      req,
      socket,
      head,
      { pod: 'p_default', uid: 'u-1' },
      async (port) => {
        const target = connect({ port: port === 80 ? backendPort : 1, host: '127.0.0.1', allowHalfOpen: true });
        await once(target, 'connect');
        return target;
      },
      new SystemClock(),
      silentLogger,
    );
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const socket of backendSockets) socket.destroy();
  await new Promise((resolve) => backend.close(resolve));
});

describe.each(streamingKubectls())('kubectl $minor', ({ minor, path }) => {
  /** Starts kubectl port-forward; gives its local port and its error output so far. */
  async function forward(podPort: number) {
    const child = spawn(path, ['--server', server.url, 'port-forward', 'pod/p', `:${podPort}`], {
      env: { ...process.env, KUBECONFIG: '/dev/null' },
    });
    // kubectl ends when its output is closed, so both are read to the end.
    const port = new Promise<number>((resolve) => {
      let printed = '';
      child.stdout.on('data', (chunk) => {
        printed += String(chunk);
        const found = /127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
        if (found) resolve(Number(found));
      });
    });
    const complaint = new Promise<string>((resolve) => {
      let printed = '';
      child.stderr.on('data', (chunk) => {
        printed += String(chunk);
        if (printed.includes('\n')) resolve(printed);
      });
    });
    return {
      port: await port,
      complaint,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      },
    };
  }

  test('carries ten megabytes both ways and half-closes', async () => {
    await using forwarded = await forward(80);
    const data = randomBytes(10 * 1024 * 1024);
    const answer = await exchange(forwarded.port, data);
    expect(answer.subarray(-5).toString()).toBe('after');
    expect(sha(answer.subarray(0, -5))).toBe(sha(data));
    expect(transport).toBe(Number(minor.split('.')[1]) >= 31 ? 'SPDY/3.1+portforward.k8s.io' : 'SPDY/3.1');
  });

  test('carries fifty connections at once', async () => {
    await using forwarded = await forward(80);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => exchange(forwarded.port, Buffer.from(`connection ${i} `))),
    );
    expect(answers.map(String)).toEqual(Array.from({ length: 50 }, (_, i) => `connection ${i} after`));
  });

  test('closes the local connection when the pod closes its own', async () => {
    await using forwarded = await forward(80);
    const local = connect(forwarded.port, '127.0.0.1');
    local.on('error', () => undefined);
    local.write('quit');
    let text = '';
    for await (const chunk of local) text += String(chunk);
    expect(text).toBe('quit');
  });

  test('names a port that nothing listens on', async () => {
    await using forwarded = await forward(81);
    await exchange(forwarded.port, Buffer.from('x'));
    expect(await forwarded.complaint).toContain(
      'error forwarding port 81 to pod p_default, uid u-1: connect ECONNREFUSED',
    );
  });

  test('closes the pod side when the client is killed', async () => {
    const forwarded = await forward(80);
    const local = connect(forwarded.port, '127.0.0.1');
    local.on('error', () => undefined);
    local.write('hello');
    await once(local, 'data');
    const ended = Promise.all([...backendSockets].map((socket) => once(socket, 'close')));
    await forwarded[Symbol.asyncDispose]();
    await ended;
    expect(backendSockets.size).toBe(0);
  });
});

test('@kubernetes/client-node forwards a port over WebSocket channels', async () => {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: server.url, skipTLSVerify: true }, { name: 'u' });
  const input = new PassThrough();
  const parts: Buffer[] = [];
  const got = Promise.withResolvers<void>();
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      if (Buffer.concat(parts).length >= 200_000) got.resolve();
      done();
    },
  });
  const data = randomBytes(200_000);
  const forwarder = new PortForward(config);
  const ws = (await forwarder.portForward('default', 'p', [80], output, null, input)) as unknown as {
    close(): void;
  };
  input.write(data);
  await got.promise;
  expect(sha(Buffer.concat(parts))).toBe(sha(data));
  ws.close();
});
