import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  quantityMilli,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
} from '../../../src/api/quantity.ts';

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['0Gi', '0'],
  ['100', '100'],
  ['1000', '1k'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.1', '100m'],
  ['.5', '500m'],
  ['1024', '1024'],
  ['1024Mi', '1Gi'],
  ['0.5Gi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['100Ki', '100Ki'],
  ['1000Ki', '1000Ki'],
  ['1e3', '1e3'],
  ['1E3', '1E3'],
  ['10e2', '1e3'],
  ['1E', '1E'],
  ['0.1n', '1n'],
  ['-1.1n', '-2n'],
  ['1234567891', '1234567891'],
  ['9Ei', '9223372036854775807'],
  ['12345678901234567890', '12345678901234567890'],
])('%s is canonically %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

test.each(['', 'a', '1.2.3', '1Mi2', 'Gi', '1 Gi', '--1', '1i', '0x10', '1e', '+', '1K'])('%j is refused', (text) => {
  if (text === '+') expect(canonicalQuantity(text)).toBe('0');
  else expect(() => parseQuantity(text)).toThrow(/quantit/);
});

test('a hostile exponent costs nothing', () => {
  expect(() => parseQuantity('1e999999999')).toThrow('unable to parse numeric part of quantity');
  expect(() => parseQuantity('9'.repeat(100_000))).toThrow('unable to parse numeric part of quantity');
});

test('values round up, sums keep the format of the first', () => {
  expect(quantityValue('1500m')).toBe(2);
  expect(quantityValue('-1500m')).toBe(-2);
  expect(quantityMilli('1u')).toBe(1);
  expect(quantityMilli('2')).toBe(2000);
  expect(quantityToNumber('1500m')).toBe(1.5);
  expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi');
  expect(addQuantities('0', '512Mi')).toBe('512Mi');
  expect(subtractQuantities('2', '500m')).toBe('1500m');
  expect(canonicalQuantity(0.5)).toBe('500m');
});

const quantities = fc
  .tuple(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi'),
  )
  .map(([n, suffix]) => `${n}${suffix}`);

test('the canonical text is a fixed point with the same value', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      const canonical = canonicalQuantity(text);
      expect(canonicalQuantity(canonical)).toBe(canonical);
      expect(compareQuantities(text, canonical)).toBe(0);
    }),
  );
});

test('adding and subtracting cancel out', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      expect(compareQuantities(subtractQuantities(addQuantities(a, b), b), a)).toBe(0);
    }),
  );
});
