import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock, SystemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { StreamedProcess } from '../../../src/stream/process.ts';
import { acceptReadOnlyWebSocket } from '../../../src/stream/read-only-websocket.ts';
import { acceptRemoteCommand, type RemoteCommandOptions } from '../../../src/stream/remote-command.ts';
import { type PodServer, podServer } from '../../kit/stream/pod-server.ts';

const clock = new SystemClock();
let server: PodServer | undefined;
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

/** A process whose every end the test holds. */
function heldProcess() {
  const exit = Promise.withResolvers<number>();
  const held = {
    stdin: new PassThrough(),
    stdout: new PassThrough({ highWaterMark: 16 * 1024 }),
    stderr: new PassThrough(),
    exit: exit.promise,
    finish: exit.resolve,
    kills: 0,
    resize: () => undefined,
    kill: () => void held.kills++,
  };
  return held satisfies StreamedProcess & Record<string, unknown>;
}

const all: RemoteCommandOptions = { stdin: true, stdout: true, stderr: true, tty: false };

/** Serves one process for any exec; resolves `over` when its session has ended. */
async function serve(start: () => Promise<StreamedProcess>, options = all) {
  const over = Promise.withResolvers<void>();
  server = await podServer(async (_url, req, socket, head) => {
    await acceptRemoteCommand(req, socket, head, options, start, clock, silentLogger);
    over.resolve();
  });
  return { url: server.url.replace('http', 'ws'), over: over.promise };
}

/** What a client of `protocols` receives by channel until the end. */
async function collect(ws: WebSocket, base64 = false) {
  const channels = new Map<number, string>();
  ws.on('message', (data: Buffer) => {
    const channel = base64 ? Number(String.fromCharCode(data[0]!)) : data[0]!;
    const text = base64 ? Buffer.from(data.toString('latin1', 1), 'base64').toString() : data.toString('utf8', 1);
    channels.set(channel, (channels.get(channel) ?? '') + text);
  });
  const [code] = await once(ws, 'close');
  return { channels, code };
}

async function answerTo(url: string, headers: Record<string, string>): Promise<{ code: number; body: string }> {
  const req = request(url, { headers });
  req.end();
  const [res] = await once(req, 'response');
  let body = '';
  for await (const chunk of res) body += String(chunk);
  return { code: res.statusCode, body };
}

describe('a remote command', () => {
  test.each([
    ['v4.channel.k8s.io', false, '{"metadata":{},"status":"Success"}'],
    ['v4.base64.channel.k8s.io', true, '{"metadata":{},"status":"Success"}'],
    ['channel.k8s.io', false, undefined],
  ])('speaks %s', async (protocol, base64, status) => {
    const held = heldProcess();
    const { url, over } = await serve(async () => held);
    const ws = new WebSocket(url, ['unheard.of', protocol]);
    await once(ws, 'open');
    expect(ws.protocol).toBe(protocol);
    const received = collect(ws, base64);
    ws.send(base64 ? `0${Buffer.from('in').toString('base64')}` : Buffer.from('\0in'));
    expect(String((await once(held.stdin, 'data'))[0])).toBe('in');
    held.stdout.end('out');
    held.stderr.end('err');
    held.finish(0);
    const { channels, code } = await received;
    expect([channels.get(1), channels.get(2), channels.get(3), code]).toEqual(['out', 'err', status, 1000]);
    await over;
  });

  test('tells clients from before v4 of failures in plain text', async () => {
    const held = heldProcess();
    const { url } = await serve(async () => held);
    const received = collect(new WebSocket(url, ['channel.k8s.io']));
    held.stdout.end();
    held.stderr.end();
    held.finish(3);
    expect((await received).channels.get(3)).toBe('command terminated with non-zero exit code: exit status 3');
  });

  test('starts although the client filled its input before it answered the pings', async () => {
    const held = heldProcess();
    // A clock that stands still: whoever waits for a time-out waits for ever.
    const still = new ManualClock();
    server = await podServer((_url, req, socket, head) =>
      acceptRemoteCommand(req, socket, head, all, async () => held, still, silentLogger),
    );
    const ws = new WebSocket(server.url.replace('http', 'ws'), ['v5.channel.k8s.io']);
    await once(ws, 'open');
    held.stdin.resume();
    ws.send(Buffer.alloc(400_001));
    await once(ws, 'message');
    held.stdout.end();
    held.stderr.end();
    held.finish(0);
    await once(ws, 'close');
  });

  test('ends although a child left behind keeps the output open', async () => {
    const held = heldProcess();
    const { url } = await serve(async () => held);
    const received = collect(new WebSocket(url, ['v5.channel.k8s.io']));
    held.stdout.write('last words');
    held.finish(0);
    const { channels } = await received;
    expect([channels.get(1), channels.get(3)]).toEqual(['last words', '{"metadata":{},"status":"Success"}']);
  });

  test('stops reading a process whose client does not read', async () => {
    const held = heldProcess();
    let produced = 0;
    const piece = Buffer.alloc(64 * 1024);
    const endless = new Readable({
      highWaterMark: 64 * 1024,
      read() {
        setImmediate(() => {
          produced += piece.length;
          this.push(piece);
        });
      },
    });
    const { url, over } = await serve(async () => ({ ...held, stdout: endless }));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n',
    );
    // Never reads again: the kernel's buffers fill, then ours.
    await once(socket, 'readable');
    let before = -1;
    while (before !== produced || produced === 0) {
      before = produced;
      for (let i = 0; i < 2000; i++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(produced).toBeLessThan(16 * 1024 * 1024);
    socket.destroy();
    await over;
    expect(held.kills).toBe(1);
  });

  test('lets a detached process run on when its client hangs up', async () => {
    const held = heldProcess();
    const { url, over } = await serve(async () => held, { ...all, hangUp: 'detach' });
    const ws = new WebSocket(url, ['v5.channel.k8s.io']);
    await once(ws, 'open');
    ws.terminate();
    await over;
    expect(held.kills).toBe(0);
  });

  test('that cannot start is answered with its Status', async () => {
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'NotFound', code: 404 };
    await serve(() => Promise.reject(Object.assign(new Error('gone'), { status })));
    const upgrade = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' };
    expect(await answerTo(server!.url, upgrade)).toEqual({ code: 404, body: JSON.stringify(status) });
  });

  const websocket = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  test.each<[string, Record<string, string>, RemoteCommandOptions, number, string]>([
    [
      'an unknown sub-protocol',
      { ...websocket, 'Sec-WebSocket-Protocol': 'v9' },
      all,
      403,
      'requested protocol(s) are not supported: [v9]',
    ],
    ['a malformed key', { ...websocket, 'Sec-WebSocket-Key': 'short' }, all, 400, 'Sec-WebSocket-Key'],
    [
      'SPDY without a version',
      { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' },
      all,
      400,
      'X-Stream-Protocol-Version is required',
    ],
    [
      'SPDY of an unknown version',
      { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': 'v9' },
      all,
      403,
      'client supports [v9]',
    ],
    ['another upgrade', { Connection: 'Upgrade', Upgrade: 'h2c' }, all, 400, 'unable to upgrade'],
    [
      'no streams at all',
      websocket,
      { stdin: false, stdout: false, stderr: true, tty: true },
      400,
      'you must specify at least 1 of stdin, stdout, stderr',
    ],
  ])('refuses %s', async (_name, headers, options, code, text) => {
    await serve(async () => heldProcess(), options);
    const answer = await answerTo(server!.url, headers);
    expect(answer.code).toBe(code);
    expect(answer.body).toContain(text);
  });
});

describe('a one-way WebSocket', () => {
  const serveLines = async (open: (signal: AbortSignal) => Promise<Readable>) => {
    server = await podServer((_url, req, socket, head) =>
      acceptReadOnlyWebSocket(req, socket, head, open, clock, silentLogger),
    );
    return server.url.replace('http', 'ws');
  };

  test.each([
    ['binary.k8s.io', (text: string) => text],
    ['base64.binary.k8s.io', (text: string) => Buffer.from(text, 'base64').toString()],
  ])('carries %s', async (protocol, decode) => {
    const url = await serveLines(async () => Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]));
    const ws = new WebSocket(url, [protocol]);
    const messages: string[] = [];
    ws.on('message', (data) => messages.push(decode(String(data))));
    const [code] = await once(ws, 'close');
    expect([messages, code]).toEqual([['', 'one\n', 'two\n'], 1000]);
  });

  test('closes its source when the client hangs up', async () => {
    const source = new PassThrough();
    const url = await serveLines(async () => source);
    const ws = new WebSocket(url);
    await once(ws, 'message');
    ws.terminate();
    await once(source, 'close');
    expect(source.destroyed).toBe(true);
  });
});
