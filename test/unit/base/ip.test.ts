import { describe, expect, test } from 'vitest';
import { covers, formatAddress, holdsHost, overlap, parseAddress, parsePrefix } from '../../../src/base/ip.ts';

const host = (prefix: string, address: string) => holdsHost(parsePrefix(prefix)!, parseAddress(address)!);

test.each([
  ['10.96.0.1', '10.96.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
])('%s is spelled %s', (text, canonical) => {
  expect(formatAddress(parseAddress(text)!)).toBe(canonical);
});

test.each(['', '10.96.0', '10.96.0.256', '010.0.0.1', 'fe80::1%eth0', 'name'])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each(['10.96.0.0', '10.96.0.0/33', '10.96.0.0/x', '10.96.0.0/016', '::/129', '10.0.0.0/8/8'])(
  '%j is no range',
  (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  },
);

test.each([
  ['10.96.0.0/24', '10.96.0.1', true],
  ['10.96.0.0/24', '10.96.0.0', false],
  ['10.96.0.0/24', '10.96.0.255', false],
  ['10.96.0.0/24', '10.96.1.1', false],
  ['10.96.0.7/24', '10.96.0.1', true],
  ['2001:db8::/120', '2001:db8::', false],
  ['2001:db8::/120', '2001:db8::ff', true],
  ['2001:db8::/120', '10.96.0.1', false],
])('%s has an address %s for a machine: %s', (prefix, address, expected) => {
  expect(host(prefix, address)).toBe(expected);
});

describe('of two ranges', () => {
  const both = (a: string, b: string) => {
    const [one, other] = [parsePrefix(a)!, parsePrefix(b)!];
    return [covers(one, other), overlap(one, other), overlap(other, one)];
  };
  test.each([
    ['10.0.0.0/8', '10.96.0.0/16', [true, true, true]],
    ['10.96.0.0/16', '10.0.0.0/8', [false, true, true]],
    ['10.96.0.0/16', '10.96.0.0/16', [true, true, true]],
    ['10.96.0.0/16', '10.97.0.0/16', [false, false, false]],
    ['0.0.0.0/0', '::/0', [false, false, false]],
  ])('%s and %s: covers, overlap', (a, b, expected) => {
    expect(both(a, b)).toEqual(expected);
  });
});
