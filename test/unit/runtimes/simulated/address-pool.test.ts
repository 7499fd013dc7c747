import { expect, test } from 'vitest';
import { AddressPool } from '../../../../src/runtimes/simulated/address-pool.ts';

test('addresses are unique, inside the range, and come back', () => {
  const pool = new AddressPool('10.244.3.0/29');
  const taken = Array.from({ length: 6 }, () => pool.take());
  expect(new Set(taken).size).toBe(6);
  expect(taken[0]).toBe('10.244.3.1');
  expect(taken.at(-1)).toBe('10.244.3.6');
  expect(pool.take()).toBeUndefined();
  pool.give('10.244.3.4');
  expect(pool.take()).toBe('10.244.3.4');
});

test('a claimed address is not given to another', () => {
  const pool = new AddressPool('10.0.0.0/30');
  pool.claim('10.0.0.1');
  pool.claim('192.168.0.1');
  expect(pool.take()).toBe('10.0.0.2');
  expect(pool.take()).toBeUndefined();
});

test('only IPv4 ranges', () => {
  expect(() => new AddressPool('fd00::/64')).toThrow('not an IPv4 range: fd00::/64');
});
