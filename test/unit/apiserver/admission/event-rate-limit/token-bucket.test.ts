import { expect, test } from 'vitest';
import { TokenBucket } from '../../../../../src/apiserver/admission/event-rate-limit/token-bucket.ts';

test('a bucket gives its burst at once, then what flows in, and holds no more than its burst', () => {
  const bucket = new TokenBucket(2, 3, 0);
  const taken = (now: number) => bucket.take(now);
  expect([taken(0), taken(0), taken(0), taken(0)]).toEqual([true, true, true, false]);
  expect([taken(499), taken(500), taken(999), taken(1000)]).toEqual([false, true, false, true]);
  expect([1, 2, 3, 4].map(() => taken(60_000))).toEqual([true, true, true, false]);
});
