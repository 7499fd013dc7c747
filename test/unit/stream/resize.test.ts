import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { onResize } from '../../../src/stream/remote-command-session.ts';

test('terminal sizes are read however they are cut, and nonsense is passed over', async () => {
  const source = new PassThrough();
  const sizes: Array<[number, number]> = [];
  onResize(source, (columns, rows) => sizes.push([columns, rows]));
  for (const text of [
    '{"Width":80,"He',
    'ight":24}\n{"Width":100,"Height":40}',
    '{"Width":-1,"Height":2}',
    'x}',
    '{"Width":1,"Height":1}\n',
  ]) {
    source.write(text);
  }
  source.end();
  await new Promise((resolve) => source.once('close', resolve));
  expect(sizes).toEqual([
    [80, 24],
    [100, 40],
    [1, 1],
  ]);
});
