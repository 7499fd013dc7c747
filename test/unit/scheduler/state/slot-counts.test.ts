import { expect, test } from 'vitest';
import { SlotCounts } from '../../../../src/scheduler/state/slot-counts.ts';
import type { NodeMask, Topology } from '../../../../src/scheduler/state/topology.ts';

const zones = (...ids: number[]): Topology => ({ key: 'zone', ids: Int32Array.from(ids), size: Math.max(...ids) + 1 });
const values = (counts: SlotCounts, topology: Topology, mask?: NodeMask) => [...counts.by(topology, mask).values];

test('sums by topology follow what comes and goes', () => {
  const counts = new SlotCounts();
  counts.add(0, 2);
  const topology = zones(0, 0, 1, -1);
  expect(values(counts, topology)).toEqual([2, 0]);
  counts.add(1, 1);
  counts.add(2, 1);
  counts.add(3, 5);
  counts.add(0, -2);
  expect(values(counts, topology)).toEqual([1, 1]);
  expect(counts.by(topology).total).toBe(2);
});

test('nodes that do not count make no domain, nor do their pods', () => {
  const counts = new SlotCounts();
  const topology = zones(0, 0, 1);
  const mask = { name: 'some', bits: Uint8Array.from([0, 1, 0]) };
  counts.add(0, 3);
  expect(values(counts, topology, mask)).toEqual([0, -1]);
  counts.add(1, 1);
  counts.add(2, 1);
  expect(values(counts, topology, mask)).toEqual([1, -1]);
  expect(values(counts, topology)).toEqual([4, 1]);
});

test('sums are made anew for other nodes', () => {
  const counts = new SlotCounts();
  counts.add(0, 1);
  counts.add(1, 1);
  expect(values(counts, zones(0, 0))).toEqual([2]);
  const later = zones(0, 1, 1);
  counts.add(2, 1);
  expect(values(counts, later)).toEqual([1, 2]);
  counts.add(40, 1);
  expect(counts.bySlot[40]).toBe(1);
});
