import { expect, it } from 'vitest';
import { secondsOf, stepFor } from '../../../src/controllers/ttl/plan.ts';

it.each([
  [
    [100, 101, 95, 89],
    [0, 15, 15, 0],
  ],
  [
    [500, 501, 450, 449],
    [15, 30, 30, 15],
  ],
  [
    [1001, 900, 899],
    [60, 60, 30],
  ],
  [
    [2001, 1800, 1799, 5],
    [300, 300, 60, 0],
  ],
])('clusters of %j nodes, one after the other, get %j seconds', (sizes, seconds) => {
  let step = 0;
  expect(sizes.map((nodes) => secondsOf((step = stepFor(nodes, step))))).toEqual(seconds);
});
