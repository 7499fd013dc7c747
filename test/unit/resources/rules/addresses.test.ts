import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorList, FieldPath } from '../../../../src/api/field-errors.ts';
import {
  address,
  addressWarnings,
  canonicalAddress,
  canonicalCidr,
  cidr,
  cidrWarnings,
  ordinaryAddress,
} from '../../../../src/resources/rules/addresses.ts';

const path = FieldPath.of('ip');

type Check = (errors: ErrorList, path: FieldPath, value: string) => unknown;

function complaints(check: Check, value: string): string[] {
  const errors = new ErrorList();
  check(errors, path, value);
  return errors.errors.map(({ text }) => text.slice(text.lastIndexOf(': ') + 2));
}

test.each([
  ['10.9.8.7', []],
  ['2001:db8::1', []],
  ['2001:DB8:0:0::1', []],
  ['::', []],
  ['', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['10.9.8', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['10.9.8.256', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['fe80::1%eth0', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['10.09.8.7', ['must not have leading 0s']],
  ['::ffff:10.9.8.7', ['must not be an IPv4-mapped IPv6 address']],
])('as the address of an old field, %s', (value, expected) => {
  expect(complaints(address, value)).toEqual(expected);
});

test('an address that is stored already stays as it is spelled', () => {
  const errors = new ErrorList();
  expect(address(errors, path, '10.09.8.7', ['10.09.8.7'])).toBe(true);
  expect(errors.empty).toBe(true);
});

test.each([
  ['10.9.8.7', []],
  ['2001:db8::1', []],
  ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
  ['2001:db8:0:0:0:0:0:1', ['must be in canonical form ("2001:db8::1")']],
])('as the address of a new field, %s', (value, expected) => {
  expect(complaints(canonicalAddress, value)).toEqual(expected);
});

test.each([
  ['10.0.0.0/8', []],
  ['2001:db8::/32', []],
  ['0.0.0.0/0', []],
  ['10.0.0.0', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ['10.0.0.0/33', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ['10.0.0.0/8/8', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ['10.0.0.0/08', ['must not have leading 0s in IP or prefix length']],
  ['010.0.0.0/8', ['must not have leading 0s in IP or prefix length']],
  ['::ffff:10.0.0.0/104', ['must not have an IPv4-mapped IPv6 address']],
  ['10.1.2.3/8', ['must not have bits set beyond the prefix length']],
  ['2001:db8::1/64', ['must not have bits set beyond the prefix length']],
])('as the range of an old field, %s', (value, expected) => {
  expect(complaints(cidr, value)).toEqual(expected);
});

test('a range of a new field is spelled canonically', () => {
  expect(complaints(canonicalCidr, '2001:db8:0::/48')).toEqual(['must be in canonical form ("2001:db8::/48")']);
});

test.each([
  ['10.0.0.1', []],
  ['2001:db8::1', []],
  ['010.0.0.1', ['ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"']],
  ['::ffff:10.0.0.1', ['ip: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"']],
  ['2001:DB8::1', ['ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")']],
])('of the address %s users are warned', (value, expected) => {
  expect(addressWarnings(path, value)).toEqual(expected);
});

test('of a range that might be meant as one address users are warned', () => {
  expect(cidrWarnings(path, '10.1.2.3/8')).toEqual([
    'ip: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
  ]);
  expect(cidrWarnings(path, '10.0.0.0/8')).toEqual([]);
});

test.each([
  ['10.0.0.1', []],
  ['0.0.0.0', ['may not be unspecified (0.0.0.0)']],
  ['127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['169.254.1.1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['224.0.0.1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['fe80::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
])('as an endpoint, %s', (value, expected) => {
  expect(complaints(ordinaryAddress, value)).toEqual(expected);
});

test('every address has one canonical spelling, which is sound and warns of nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (value) => {
      const [complaint] = complaints(canonicalAddress, value);
      const canonical = /^must be in canonical form \("(.*)"\)$/.exec(complaint ?? '')?.[1] ?? value;
      if (complaint && canonical === value) return;
      expect(complaints(canonicalAddress, canonical)).toEqual([]);
      expect(addressWarnings(path, canonical)).toEqual([]);
    }),
    { seed: 36, numRuns: 500 },
  );
});
