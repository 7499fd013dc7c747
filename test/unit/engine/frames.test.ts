import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameParser, type Source, splitOutput } from '../../../src/engine/frames.ts';

const frame = (source: Source, text: string) => {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = source === 'stderr' ? 2 : 1;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
};

test('frames are found however the stream is cut', () => {
  const piece = fc.record({ source: fc.constantFrom<Source>('stdout', 'stderr'), text: fc.string({ minLength: 1 }) });
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 20 })), (pieces, cuts) => {
      const bytes = Buffer.concat(pieces.map((p) => frame(p.source, p.text)));
      const seen = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      let ends = 0;
      const parser = new FrameParser((source, data, end) => {
        seen[source].push(data);
        if (end) ends++;
      });
      let at = 0;
      for (const cut of cuts) {
        parser.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      parser.push(bytes.subarray(at));
      for (const source of ['stdout', 'stderr'] as const) {
        const sent = pieces.filter((p) => p.source === source).map((p) => p.text);
        expect(Buffer.concat(seen[source]).toString()).toBe(sent.join(''));
      }
      expect(ends).toBe(pieces.length);
    }),
  );
});

test('a reader that does not read holds the stream back', async () => {
  const stream = new PassThrough();
  const { stdout, stderr } = splitOutput(stream);
  stream.write(frame('stdout', 'x'.repeat(200_000)));
  stream.end(frame('stderr', 'late'));
  await new Promise(setImmediate);
  expect(stream.isPaused()).toBe(true);
  const [out, error] = await Promise.all([stdout.toArray(), stderr.toArray()]);
  expect(Buffer.concat(out).length).toBe(200_000);
  expect(Buffer.concat(error).toString()).toBe('late');
});

test.each([
  [0, 'out', 'err'],
  [2, 't', 'err'],
  [4, '', 'rr'],
  [9, '', ''],
])('without its first %i bytes, counted over both outputs', async (skip, out, err) => {
  const stream = new PassThrough();
  const { stdout, stderr } = splitOutput(stream, skip);
  stream.write(frame('stdout', 'out'));
  stream.end(frame('stderr', 'err'));
  const said = await Promise.all([stdout.toArray(), stderr.toArray()]);
  expect(said.map((pieces) => Buffer.concat(pieces).toString())).toEqual([out, err]);
});
