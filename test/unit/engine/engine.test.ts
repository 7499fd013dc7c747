import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { ManualClock, SystemClock } from '../../../src/base/clock.ts';
import { connectEngine, negotiate } from '../../../src/engine/connect.ts';
import { EngineUnavailable } from '../../../src/engine/errors.ts';
import { followEvents } from '../../../src/engine/events.ts';

const cleanups: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const clock = new SystemClock();
const never = new AbortController().signal;

/** A socket where `listener` plays the engine, and what finds it. */
async function engineOf(listener: RequestListener, onUpgrade?: (socket: Duplex) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'krill-engine-'));
  const path = join(folder, 's');
  const server = createServer((request, answer) => {
    if (request.url?.startsWith('/version')) {
      answer.end(JSON.stringify({ Version: '20.10', ApiVersion: '1.41', MinAPIVersion: '1.12' }));
    } else {
      listener(request, answer);
    }
  });
  if (onUpgrade) server.on('upgrade', (_request, socket) => onUpgrade(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const at = { env: { DOCKER_HOST: `unix://${path}` }, home: '/', platform: 'linux', read: () => undefined };
  const engine = await connectEngine(clock, never, at);
  cleanups.push(async () => engine.close());
  return engine;
}

test('no engine: the message names every place that was tried', async () => {
  const at = { env: { DOCKER_HOST: 'unix:///nowhere/d.sock' }, home: '/', platform: 'linux', read: () => undefined };
  const failure = await connectEngine(clock, never, at).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EngineUnavailable);
  expect((failure as Error).message).toMatch(/unix:\/\/\/nowhere\/d\.sock.*no such socket/s);
});

test('an engine that accepts connections and says nothing is given up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'krill-engine-'));
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const time = new ManualClock();
  const at = {
    env: { DOCKER_HOST: `unix://${join(folder, 's')}` },
    home: '/',
    platform: 'linux',
    read: () => undefined,
  };
  const waiting = connectEngine(time, never, at).catch((error: unknown) => error);
  await time.advance(5000);
  expect(((await waiting) as Error).message).toMatch(/does not answer/);
});

test('engine errors keep the status and the words of the engine', async () => {
  const engine = await engineOf((_, answer) => {
    answer.statusCode = 409;
    answer.end('{"message":"Conflict. The container name is in use"}');
  });
  await expect(engine.containers.create('a', { Image: 'b' })).rejects.toMatchObject({
    name: 'EngineError',
    status: 409,
    message: 'Conflict. The container name is in use',
  });
});

test('a pull that is refused says only what the engine said', async () => {
  const engine = await engineOf((_, answer) => {
    answer.statusCode = 500;
    answer.end('{"message":"Get \\"https://registry.test/v2/\\": no such host"}');
  });
  await expect(engine.images.pull({ name: 'a/b', tag: '9' }, undefined)).rejects.toMatchObject({
    status: 500,
    message: 'Get "https://registry.test/v2/": no such host',
  });
});

test('what is gone is undefined to inspect and fine to remove', async () => {
  const engine = await engineOf((_, answer) => {
    answer.statusCode = 404;
    answer.end('{"message":"No such container: a"}');
  });
  expect(await engine.containers.inspect('a')).toBeUndefined();
  await engine.containers.remove('a');
});

test('requests carry the negotiated version, and filters as JSON', async () => {
  const urls: string[] = [];
  const engine = await engineOf((request, answer) => {
    urls.push(decodeURIComponent(request.url!));
    answer.end('[]');
  });
  await engine.containers.list({ label: ['a=b'] });
  expect(urls).toEqual(['/v1.41/containers/json?all=true&filters={"label":["a=b"]}']);
});

test('events go on after a break from the last one seen, without doubles', async () => {
  const since: (string | null)[] = [];
  const line = (n: number) => `{"Type":"container","Action":"${n}","timeNano":100000000000000000${n}}\n`;
  const engine = await engineOf((request, answer) => {
    since.push(new URL(request.url!, 'http://x').searchParams.get('since'));
    if (since.length === 1) answer.end(line(1) + line(2));
    else answer.write(line(2) + line(3));
  });
  const stop = new AbortController();
  const seen: string[] = [];
  let connects = 0;
  const sink = {
    event: (event: { Action: string }) => {
      seen.push(event.Action);
      if (seen.length === 3) stop.abort();
    },
    connected: () => void connects++,
    broken: () => undefined,
  };
  await followEvents(engine, {}, sink, clock, stop.signal);
  expect(seen).toEqual(['1', '2', '3']);
  expect(since).toEqual([null, '1000000000.000000002']);
  expect(connects).toBe(2);
});

test.each([
  [{ Version: '20.10', ApiVersion: '1.41' }, '1.41'],
  [{ Version: '40', ApiVersion: '1.60', MinAPIVersion: '1.44' }, '1.51'],
])('the API version spoken with %j is %s', (version, expected) => {
  expect(negotiate(version)).toBe(expected);
});

test('engines too old or too new are refused by name', () => {
  expect(() => negotiate({ Version: '17.03', ApiVersion: '1.27' })).toThrow(/needs 1\.41/);
  expect(() => negotiate({ Version: '50', ApiVersion: '1.80', MinAPIVersion: '1.60' })).toThrow(/only API 1\.60/);
});

test('attaching with stdin does not wait for input before it asks', async () => {
  const engine = await engineOf(
    (_, answer) => answer.end(JSON.stringify({ State: { Running: true } })),
    (socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.end('hello');
    },
  );
  const attached = await engine.containers.attach('abc', { stdin: true, tty: true });
  let text = '';
  for await (const chunk of attached.stdout) text += String(chunk);
  expect(text).toBe('hello');
});

test('all that a container said is read before its session is let go of, however slow the reader is', async () => {
  const said = Buffer.alloc(2 * 1024 * 1024, 'x');
  const ended = Promise.withResolvers<void>();
  const engine = await engineOf(
    (request, answer) => {
      if (request.url?.includes('/wait')) void ended.promise.then(() => answer.end('{"StatusCode":0}'));
      else if (request.url?.includes('/logs')) answer.end(said.subarray(-1000));
      else answer.end('{"State":{"Running":true}}');
    },
    (socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.write(said);
      socket.on('error', () => undefined);
    },
  );
  const attached = await engine.containers.attach('abc', { stdin: false, tty: true });
  let read = 0;
  // The container ends while the reader is still at the first piece, for longer than anything may be silent.
  for await (const chunk of attached.stdout) {
    if (read === 0) {
      ended.resolve();
      await clock.sleep(1200);
    }
    read += (chunk as Buffer).length;
  }
  expect(read).toBe(said.length);
});

test('an engine that is slow to pass on what a container said last is waited for', async () => {
  const told = Promise.withResolvers<void>();
  const engine = await engineOf(
    (request, answer) => {
      if (request.url?.includes('/wait')) answer.end('{"StatusCode":0}');
      else if (request.url?.includes('/logs')) {
        answer.end('the last line\r\n');
        told.resolve();
      } else answer.end('{"State":{"Running":true}}');
    },
    (socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.write('the first line\r\n');
      // It is asked for the last line when it has been silent for long.
      void told.promise.then(() => socket.write('the last line\r\n'));
    },
  );
  const attached = await engine.containers.attach('abc', { stdin: true, tty: true });
  let text = '';
  for await (const chunk of attached.stdout) text += String(chunk);
  expect(text).toBe('the first line\r\nthe last line\r\n');
});

test('attaching to a container that has just ended is refused, since the engine would never end the stream', async () => {
  const engine = await engineOf(
    (_, answer) => answer.end(JSON.stringify({ State: { Running: false } })),
    (socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    },
  );
  await expect(engine.containers.attach('abc', { stdin: true, tty: false })).rejects.toThrow('is not running');
});
