import { expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { Expectations } from '../../../src/client/expectations.ts';

it('a parent may act again when all creations were seen', () => {
  const expectations = new Expectations(new ManualClock());
  expect(expectations.satisfied('p')).toBe(true);
  expectations.expectCreations('p', 2);
  expectations.created('p');
  expect(expectations.satisfied('p')).toBe(false);
  expectations.created('p');
  expectations.created('p');
  expect(expectations.satisfied('p')).toBe(true);
  expect(expectations.satisfied('other')).toBe(true);
});

it('a deletion seen twice counts once', () => {
  const expectations = new Expectations(new ManualClock());
  expectations.expectDeletions('p', ['a', 'b']);
  expectations.deleted('p', 'a');
  expectations.deleted('p', 'a');
  expect(expectations.satisfied('p')).toBe(false);
  expectations.deleted('p', 'b');
  expect(expectations.satisfied('p')).toBe(true);
});

it('what never comes is given up after five minutes', async () => {
  const clock = new ManualClock();
  const expectations = new Expectations(clock);
  expectations.expectCreations('p', 1);
  await clock.advance(300_000);
  expect(expectations.satisfied('p')).toBe(false);
  await clock.advance(1);
  expect(expectations.satisfied('p')).toBe(true);
});
