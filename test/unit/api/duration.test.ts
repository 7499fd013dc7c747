import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, formatDuration, parseDuration } from '../../../src/api/duration.ts';

test.each([
  ['0', 0, '0s'],
  ['1h30m', 5400e9, '1h30m0s'],
  ['1.5s', 1.5e9, '1.5s'],
  ['250ms', 250e6, '250ms'],
  ['1.5µs', 1500, '1.5µs'],
  ['7ns', 7, '7ns'],
  ['-2m', -120e9, '-2m0s'],
  ['.5h', 1800e9, '30m0s'],
  ['720h', 720 * 3600e9, '720h0m0s'],
])('%s', (text, nanoseconds, printed) => {
  expect(parseDuration(text)).toBe(nanoseconds);
  expect(formatDuration(nanoseconds)).toBe(printed);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['3', 'time: missing unit in duration "3"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['.s', 'time: invalid duration ".s"'],
  ['9999999999h', 'time: invalid duration "9999999999h"'],
])('%j is refused as Go refuses it', (text, message) => {
  expect(() => parseDuration(text)).toThrow(message);
});

test('printing and parsing are inverse', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), (n) => {
      expect(parseDuration(formatDuration(n))).toBe(n);
    }),
  );
  expect(durationMs('1m')).toBe(60_000);
});
