import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AddressPool,
  chooseSubnets,
  contains,
  overlaps,
  parseRoutes,
  rangeOf,
  toAddress,
  toNumber,
} from '../../../../src/runtimes/docker/subnets.ts';

test('addresses and numbers are the same thing', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (n) => void expect(toNumber(toAddress(n))).toBe(n)));
});

test('the usual ranges are chosen where nothing is in the way', () => {
  expect(chooseSubnets([])).toEqual({ nodes: '172.30.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' });
});

test('what the host uses is avoided, whole or in part', () => {
  const taken = ['172.30.0.0/16', '10.244.7.0/24', '10.0.0.0/10', '10.96.0.0/12'];
  const chosen = chooseSubnets(taken);
  for (const cidr of Object.values(chosen)) {
    expect(taken.filter((other) => overlaps(rangeOf(other), rangeOf(cidr)))).toEqual([]);
  }
  expect(chosen.nodes).toBe('192.168.0.0/24');
});

test('the three never overlap each other, and a full host is an error', () => {
  const cidr = fc
    .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 8, max: 28 }))
    .map(([a, b, bits]) => `${[10, 172, 192][a % 3]}.${b}.0.0/${bits}`);
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 12 }), (taken) => {
      let chosen: ReturnType<typeof chooseSubnets>;
      try {
        chosen = chooseSubnets(taken);
      } catch {
        return;
      }
      const [a, b, c] = Object.values(chosen).map(rangeOf);
      expect([overlaps(a!, b!), overlaps(a!, c!), overlaps(b!, c!)]).toEqual([false, false, false]);
    }),
  );
  expect(() => chooseSubnets(['0.0.0.0/0'])).toThrow(/no free address range for nodes/);
});

test('the kernel’s routing table is read, the default route apart', () => {
  const table = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  expect(parseRoutes(table)).toEqual(['172.17.0.0/16', '192.0.2.0/24']);
});

test('a pool gives every address once, late again, and then none', () => {
  const pool = new AddressPool('10.244.3.0/29', 2);
  pool.take('10.244.3.3', 'found');
  expect([pool.allocate('a'), pool.allocate('b')]).toEqual(['10.244.3.2', '10.244.3.4']);
  expect(pool.release('10.244.3.2', 'a')).toBe(true);
  expect([pool.allocate('c'), pool.allocate('d')]).toEqual(['10.244.3.5', '10.244.3.6']);
  expect(pool.allocate('e')).toBe('10.244.3.2');
  expect(() => pool.allocate('f')).toThrow(/no address left/);
  expect(contains('10.244.3.0/29', '10.244.3.7')).toBe(true);
});

test('a late holder cannot take back what belongs to another by now', () => {
  const pool = new AddressPool('10.244.3.0/30', 2);
  const address = pool.allocate('dead');
  pool.release(address, 'dead');
  expect(pool.allocate('alive')).toBe(address);
  expect(pool.release(address, 'dead')).toBe(false);
  expect(pool.holder(address)).toBe('alive');
});
