import { expect, test } from 'vitest';
import { warningHeaders } from '../../../src/apiserver/warning-headers.ts';

/** A header as a client that reads UTF-8 sees it. */
const read = (header: string) => Buffer.from(header, 'latin1').toString();

test('each warning is told once, quoted, in its own words', () => {
  const headers = warningHeaders(['unknown field "a\\b"', 'unknown field "größe"', 'unknown field "größe"', '']);
  expect(headers.map(read)).toEqual(['299 - "unknown field \\"a\\\\b\\""', '299 - "unknown field \\"größe\\""']);
});

test('what a header cannot say is left out', () => {
  expect(warningHeaders(['two\nlines', 'one line'])).toEqual(['299 - "one line"']);
});

test('more than clients take is cut, each to 256 characters and all to 4096', () => {
  const headers = warningHeaders(Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(400)}`));
  expect(headers).toHaveLength(16);
  expect(headers.every((header) => header.length === '299 - ""'.length + 256)).toBe(true);
});
