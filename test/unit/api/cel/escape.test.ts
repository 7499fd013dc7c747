import { expect, test } from 'vitest';
import { escapeField } from '../../../../src/api/cel/escape.ts';

test.each([
  ['name', 'name'],
  ['namespace', '__namespace__'],
  ['in', '__in__'],
  ['int', 'int'],
  ['a.b', 'a__dot__b'],
  ['a-b', 'a__dash__b'],
  ['a/b', 'a__slash__b'],
  ['a__b', 'a__underscores__b'],
  ['a___b', 'a__underscores___b'],
  ['_a', '_a'],
  ['self', 'self'],
  ['example.com/a-b', 'example__dot__com__slash__a__dash__b'],
])('%s is %s in expressions', (name, escaped) => {
  expect(escapeField(name)).toBe(escaped);
});

test.each(['', '1a', 'a b', 'a$b', 'ä'])('%j is not to be had in expressions', (name) => {
  expect(escapeField(name)).toBeUndefined();
});
