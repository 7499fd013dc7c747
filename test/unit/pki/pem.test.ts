import { expect, test } from 'vitest';
import { pemBlocks } from '../../../src/pki/pem.ts';

const block = (type: string, body = 'AA==') => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
const types = (text: string) => pemBlocks(text).map(({ type }) => type);

test.each<[string, string, string[]]>([
  ['two blocks with text between', `a${block('A')}\nhello\n${block('B')}`, ['A', 'B']],
  ['lines that end as on Windows', block('A').replaceAll('\n', '\r\n'), ['A']],
  ['a block without an end', '-----BEGIN A-----\nAA==\n', []],
  ['a begin before a begin', `-----BEGIN A-----\n${block('B')}`, ['B']],
  ['an end of another', '-----BEGIN A-----\nAA==\n-----END B-----\n', []],
  ['no base64', block('A', 'A?=='), []],
  ['a text that ends at once', '-----BEGIN A-----', []],
])('%s', (_, text, expected) => {
  expect(types(text)).toEqual(expected);
});

test('headers are told apart from the body', () => {
  expect(pemBlocks(block('A', 'Proc-Type: 4\n\nAQI='))).toEqual([
    { type: 'A', hasHeaders: true, der: Buffer.from([1, 2]) },
  ]);
});

test('a text of begins alone is read in one pass', () => {
  // A search for each one's end would look at 10^10 characters.
  expect(pemBlocks('-----BEGIN A-----\n'.repeat(60_000))).toEqual([]);
  expect(pemBlocks(`${'-----BEGIN A-----\n'.repeat(60_000)}-----END B-----`)).toEqual([]);
});
