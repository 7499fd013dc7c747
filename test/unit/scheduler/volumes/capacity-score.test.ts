import { expect, test } from 'vitest';
import type { CSIStorageCapacity } from '../../../../src/api/types/storage-v1.gen.ts';
import { brokenLine, capacityScore } from '../../../../src/scheduler/volumes/capacity-score.ts';
import { claim, volume } from './kit.ts';

const shape = [
  { utilization: 20, score: 2 },
  { utilization: 60, score: 10 },
  { utilization: 100, score: 0 },
];

test.each([
  [0, 20],
  [20, 20],
  [40, 60],
  [60, 100],
  [80, 50],
  [100, 0],
])('at %i percent a shape gives %i', (utilization, score) => {
  expect(brokenLine(shape, utilization)).toBe(score);
});

const rising = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
];
const binding = (size: string, of: string, capacity: string) => ({
  claim: claim({ name: 'c', size, storageClassName: of }),
  volume: volume({ name: 'v', size: capacity, storageClassName: of }),
});
const room = (capacity: string) => ({ metadata: {}, storageClassName: 'x', capacity }) as CSIStorageCapacity;

test('volumes of a class count together, classes on average', () => {
  const bindings = [binding('1Gi', 'x', '1Gi'), binding('1Gi', 'x', '3Gi'), binding('1Gi', 'y', '1Gi')];
  expect(capacityScore({ bindings, provisions: [] }, rising)).toBe(75);
});

test('volumes that are to be made count against the room there is', () => {
  const provisions = [
    { claim: claim({ name: 'a', size: '1Gi', storageClassName: 'x' }), room: room('4Gi') },
    { claim: claim({ name: 'b', size: '1Gi', storageClassName: 'x' }), room: room('4Gi') },
    { claim: claim({ name: 'c', size: '9Gi', storageClassName: 'y' }), room: undefined },
  ];
  expect(capacityScore({ bindings: [], provisions }, rising)).toBe(50);
  expect(capacityScore({ bindings: [], provisions: [] }, rising)).toBe(0);
});
