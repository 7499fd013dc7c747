import { expect, test } from 'vitest';
import { BodyPool } from '../../../src/apiserver/encoding/body-pool.ts';

test.each([100_000, 20_000_000])('a buffer for %i bytes is used again, but never by two at once', (size) => {
  const pool = new BodyPool();
  const [one, two] = [pool.take(size)!, pool.take(size)!];
  expect([one.buffer.length, two.buffer.length]).toEqual([size, size]);
  expect(two.buffer.buffer).not.toBe(one.buffer.buffer);
  one.giveBack();
  expect(pool.take(size - 1)!.buffer.buffer).toBe(one.buffer.buffer);
  expect(pool.take(size)!.buffer.buffer).not.toBe(two.buffer.buffer);
});

test('small bodies and gigantic ones are not worth it', () => {
  const pool = new BodyPool();
  expect([pool.take(1000), pool.take(2 ** 30)]).toEqual([undefined, undefined]);
});
