import { expect, test } from 'vitest';
import { enoughFeasible, Sampler } from '../../../../src/scheduler/cycle/sampling.ts';

test.each([
  [50, 10, 50],
  [5000, 0, 5000],
  [5000, 10, 500],
  [5000, 1, 100],
  [200, 100, 200],
])('of %i nodes, %i percent: %i are enough', (nodes, percentage, enough) => {
  expect(enoughFeasible(nodes, percentage)).toBe(enough);
});

test('all nodes get their turn', () => {
  const sampler = new Sampler();
  const slots = [0, 2, 3, 5, 8];
  expect(Array.from({ length: 4 }, () => sampler.pick(slots, 2))).toEqual([
    [0, 2],
    [3, 5],
    [8, 0],
    [2, 3],
  ]);
  expect(sampler.pick(slots, 5)).toBe(slots);
});
