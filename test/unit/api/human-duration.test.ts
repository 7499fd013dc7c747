import { expect, test } from 'vitest';
import { humanDuration, since } from '../../../src/api/human-duration.ts';

const minute = 60;
const hour = 3600;
const day = 86_400;

test.each([
  [-2, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [10 * minute + 5, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [7 * hour + 59 * minute, '7h59m'],
  [8 * hour + 5 * minute, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [2 * day + 3 * hour, '2d3h'],
  [8 * day + 3 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [735 * day, '2y5d'],
  [8 * 365 * day, '8y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds * 1000)).toBe(text);
});

test('without a timestamp the age is unknown', () => {
  expect(since(undefined, 0)).toBe('<unknown>');
  expect(since('1970-01-01T00:00:00Z', 5000)).toBe('5s');
});
