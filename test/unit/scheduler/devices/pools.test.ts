import { expect, test } from 'vitest';
import type { ResourceSlice } from '../../../../src/api/types/resource-v1.gen.ts';
import { table } from '../kit.ts';
import { poolsOf, slice } from './kit.ts';

const nodes = table([{ name: 'n1' }, { name: 'n2' }]).slots;
const slices: ResourceSlice[] = [];
const pools = poolsOf(slices);
const on = (n: number) =>
  pools.on(nodes[n]!).map(({ pool, devices }) => `${pool.name}: ${devices.map(({ device }) => device.name)}`);
const publish = (...some: ResourceSlice[]) => {
  slices.push(...some);
  for (const one of some) pools.changed(one);
};
const withdraw = (name: string) => {
  const [gone] = slices.splice(
    slices.findIndex(({ metadata }) => metadata.name === name),
    1,
  );
  pools.changed(gone!);
};

test('a slice that changes has its own pool built again, and no other', () => {
  publish(
    slice({ pool: 'a', nodeName: 'n1', devices: [{ name: 'a1' }] }),
    slice({ pool: 'b', devices: [{ name: 'b1' }] }),
  );
  expect([on(0), on(1)]).toEqual([['a: a1', 'b: b1'], ['b: b1']]);
  const [a, b] = pools.on(nodes[0]!).map(({ pool }) => pool);
  publish(slice({ name: 'a-2', pool: 'a', generation: 2, nodeName: 'n1', devices: [{ name: 'a1' }, { name: 'a2' }] }));
  expect(on(0)).toEqual(['a: a1,a2', 'b: b1']);
  const now = pools.on(nodes[0]!).map(({ pool }) => pool);
  expect([now[0] === a, now[1] === b]).toEqual([false, true]);
  withdraw('a-2');
  expect(on(0)).toEqual(['a: a1', 'b: b1']);
});

test('a pool is looked for where its slices say by then', () => {
  publish(slice({ name: 'a-3', pool: 'a', generation: 3, devices: [{ name: 'a1' }] }));
  expect([on(0), on(1)]).toEqual([
    ['a: a1', 'b: b1'],
    ['a: a1', 'b: b1'],
  ]);
  for (const name of ['a', 'a-3']) withdraw(name);
  expect([on(0), on(1)]).toEqual([['b: b1'], ['b: b1']]);
});
