import { expect, test } from 'vitest';
import { percentOf, scaledValue } from '../../../src/api/int-or-string.ts';

test('numbers stay, percentages scale with the rounding asked for', () => {
  expect(scaledValue(3, 10, true)).toBe(3);
  expect(scaledValue('25%', 10, true)).toBe(3);
  expect(scaledValue('25%', 10, false)).toBe(2);
  expect(scaledValue('100%', 7, false)).toBe(7);
  expect(percentOf('50%')).toBe(50);
  expect(percentOf('http')).toBeUndefined();
});

test('other texts are refused', () => {
  expect(() => scaledValue('3', 10, true)).toThrow(
    'invalid value for IntOrString: invalid type: string is not a percentage',
  );
  expect(() => scaledValue('a%', 10, true)).toThrow('strconv.Atoi: parsing "a": invalid syntax');
});
