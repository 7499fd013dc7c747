import { duplexPair } from 'node:stream';
import { createDeflate, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import {
  controlFrame,
  dataFrame,
  type FrameEvent,
  FrameParser,
  frameType,
  HeaderReader,
  numbersFrame,
} from '../../../src/stream/spdy.ts';
import { SpdyConnection, type SpdyStream } from '../../../src/stream/spdy-connection.ts';
import { spdyDictionary } from '../../../src/stream/spdy-dictionary.ts';
import { SpdyClient } from '../../kit/stream/spdy-client.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Lets the event loop run until `condition` holds; the test's own time limit ends a vain wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

function connection() {
  const [near, far] = duplexPair();
  const streams: SpdyStream[] = [];
  const server = new SpdyConnection(near, silentLogger, (stream) => streams.push(stream));
  return { server, client: new SpdyClient(far), streams, near, done: server.run() };
}

describe('frames', () => {
  test('come out the same however the bytes are cut', () => {
    const bytes = Buffer.concat([
      numbersFrame(frameType.ping, 1),
      dataFrame(1, Buffer.from('hello'), false),
      dataFrame(3, Buffer.alloc(0), true),
      controlFrame(frameType.settings, 7, Buffer.from('abc')),
      dataFrame(1, Buffer.from('world'), true),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const parser = new FrameParser();
        const events: FrameEvent[] = [];
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), bytes.length]) {
          events.push(...parser.push(bytes.subarray(from, to)));
          from = to;
        }
        const data = (id: number) => events.filter((e) => e.kind === 'data').filter((e) => e.streamId === id);
        expect(Buffer.concat(data(1).map((e) => e.payload)).toString()).toBe('helloworld');
        expect(
          data(1)
            .map((e) => e.fin)
            .lastIndexOf(true),
        ).toBe(data(1).length - 1);
        expect(data(1).filter((e) => e.fin)).toHaveLength(1);
        expect(data(3).map((e) => e.fin)).toEqual([true]);
        expect(events.filter((e) => e.kind === 'control').map((e) => [e.type, e.flags, e.payload.length])).toEqual([
          [frameType.ping, 0, 4],
          [frameType.settings, 7, 3],
        ]);
      }),
    );
  });

  test('headers that unpack to megabytes are refused', async () => {
    const deflate = createDeflate({ dictionary: spdyDictionary });
    const packed = await new Promise<Buffer>((resolve) => {
      const parts: Buffer[] = [];
      deflate.on('data', (chunk: Buffer) => parts.push(chunk));
      deflate.write(Buffer.alloc(8 * 1024 * 1024));
      deflate.flush(zlib.Z_SYNC_FLUSH, () => resolve(Buffer.concat(parts)));
    });
    expect(packed.length).toBeLessThan(64 * 1024);
    await expect(new HeaderReader().read(packed)).rejects.toThrow('header block too large');
  });
});

describe('a connection', () => {
  test('answers streams and pings, and half-closes both ways', async () => {
    const { server, client, streams, done } = connection();
    const id = await client.open({ streamtype: 'data', port: '80' });
    client.ping(7);
    client.ping(8);
    client.send(id, 'question', true);
    await until(() => streams.length === 1 && client.pings.length === 1);
    const [stream] = streams as [SpdyStream];
    expect(Object.fromEntries(stream.headers)).toEqual({ streamtype: 'data', port: '80' });
    expect(client.pings).toEqual([7]);
    let heard = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) heard += String(chunk);
    stream.end(`${heard}!`);
    await until(() => client.ended.has(id));
    expect(client.text(id)).toBe('question!');
    expect(client.resets).toEqual([]);
    server.end();
    await until(() => client.goAway);
    client.transport.end();
    await done;
  });

  test('stops reading when one stream is not read, and loses nothing', async () => {
    const { client, streams, near, done } = connection();
    const id = await client.open({ streamtype: 'data' });
    const piece = Buffer.alloc(64 * 1024, 'x');
    await until(() => streams.length === 1);
    let sent = 0;
    // Sixteen megabytes; the writes that were not taken wait in the client.
    for (; sent < 256; sent++) client.send(id, piece);
    client.send(id, '', true);
    for (let i = 0; i < 1000; i++) await turn();
    const [stream] = streams as [SpdyStream];
    expect(stream.readableLength).toBeLessThanOrEqual(1024 * 1024);
    expect(near.readableLength).toBeLessThan(1024 * 1024);
    let read = 0;
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) read += (chunk as Buffer).length;
    expect(read).toBe(256 * piece.length);
    stream.end();
    client.transport.end();
    await done;
  });

  test('lets go of a stream that was reset while it held up the others', async () => {
    const { client, streams, done } = connection();
    const slow = await client.open({ streamtype: 'data' });
    const quick = await client.open({ streamtype: 'data' });
    await until(() => streams.length === 2);
    for (let i = 0; i < 32; i++) client.send(slow, Buffer.alloc(64 * 1024));
    client.send(quick, 'hi', true);
    for (let i = 0; i < 100; i++) await turn();
    expect(streams[1]!.readableLength).toBe(0);
    streams[0]!.destroy();
    await until(() => streams[1]!.readableLength === 2 && client.resets.includes(slow));
    client.transport.destroy();
    await done;
  });

  test('tells every stream when the client is lost', async () => {
    const { client, streams, done } = connection();
    await client.open({ streamtype: 'data' });
    await until(() => streams.length === 1);
    client.transport.destroy();
    await done;
    expect(streams[0]!.destroyed).toBe(true);
  });

  test.each<[string, (client: SpdyClient) => unknown]>([
    ['another version', (c) => c.transport.write(Buffer.from([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1]))],
    ['an unknown control frame', (c) => c.transport.write(controlFrame(99, 0, Buffer.alloc(4)))],
    ['a control frame of megabytes', (c) => c.transport.write(Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]))],
    ['data before its stream', (c) => c.send(1, 'x')],
    ['a truncated SYN_STREAM', (c) => c.transport.write(controlFrame(frameType.synStream, 0, Buffer.alloc(3)))],
    [
      'a header block that is not zlib',
      (c) => c.transport.write(controlFrame(frameType.synStream, 0, Buffer.alloc(40, 1))),
    ],
    ['an even stream id', (c) => c.open({ a: 'b' }, 2)],
    ['an HTTP request', (c) => c.transport.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10))],
  ])('ends at %s', async (_name, send) => {
    const { client, done } = connection();
    await send(client);
    await done;
  });

  test('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), async (chunks) => {
        const { client, done } = connection();
        for (const chunk of chunks) client.transport.write(Buffer.from(chunk));
        client.transport.end();
        await done;
      }),
    );
  });
});
