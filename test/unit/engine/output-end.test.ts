import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Source } from '../../../src/engine/frames.ts';
import { lastLineOf, OutputEnd } from '../../../src/engine/output-end.ts';

/** A frame as the engine multiplexes it. */
function frame(source: Source, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = source === 'stderr' ? 2 : 1;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const line = (source: Source, text: string) => ({ source, data: Buffer.from(text) });

async function heard(pieces: readonly Buffer[], tty = false): Promise<OutputEnd> {
  const stream = new PassThrough();
  const end = new OutputEnd(stream, tty);
  for (const piece of pieces) stream.write(piece);
  await new Promise((resolve) => stream.end(resolve).on('end', resolve));
  return end;
}

test('of each source it knows whether a line came last, however the output was cut', async () => {
  const whole = Buffer.concat([frame('stdout', 'one\ntw'), frame('stderr', 'oops\n'), frame('stdout', 'o\n')]);
  for (let at = 0; at <= whole.length; at++) {
    const end = await heard([whole.subarray(0, at), whole.subarray(at)]);
    expect(end.is(line('stdout', 'two\n'))).toBe(true);
    expect(end.is(line('stderr', 'oops\n'))).toBe(true);
    expect(end.is(line('stdout', 'one\n'))).toBe(false);
    expect(end.is(line('stderr', 'two\n'))).toBe(false);
  }
});

test('the log ends lines that the container left open', async () => {
  const end = await heard([frame('stdout', 'a prompt> ')]);
  expect(end.is(line('stdout', 'a prompt> \n'))).toBe(true);
  expect(end.is(line('stdout', 'a prompt> yes\n'))).toBe(false);
});

test('a terminal has one output, without frames', async () => {
  const end = await heard([Buffer.from('hi\r\nthe'), Buffer.from('re\r\n')], true);
  expect(end.is(line('stdout', 'there\r\n'))).toBe(true);
});

test('the longest line that the log keeps in one piece is known by its end, whatever came before', async () => {
  const text = `${'x'.repeat(16 * 1024 - 1)}y`;
  const end = await heard([frame('stdout', 'z'.repeat(100_000)), frame('stdout', `${text}\n`)]);
  expect(end.is(line('stdout', `${text}\n`))).toBe(true);
  expect(end.is(line('stdout', `${'z'.repeat(16 * 1024)}\n`))).toBe(false);
});

test('the last line is read out of a log', async () => {
  const log = Readable.from([frame('stderr', 'oops\n')]);
  expect(await lastLineOf(log, false)).toEqual(line('stderr', 'oops\n'));
  expect(await lastLineOf(Readable.from([Buffer.from('hi\r\n')]), true)).toEqual(line('stdout', 'hi\r\n'));
  expect(await lastLineOf(Readable.from([]), false)).toBeUndefined();
});
