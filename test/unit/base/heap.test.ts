import { expect, it } from 'vitest';
import { Heap } from '../../../src/base/heap.ts';
import { SeededIds } from '../../../src/base/ids.ts';

it('gives back everything in order, with pushes between pops', () => {
  const ids = new SeededIds(7);
  const heap = new Heap<number>((a, b) => a < b);
  const rest: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const n = Math.floor(ids.random() * 500);
    heap.push(n);
    rest.push(n);
    if (i % 3 !== 0) continue;
    rest.sort((a, b) => a - b);
    expect(heap.pop()).toBe(rest.shift());
  }
  rest.sort((a, b) => a - b);
  expect(Array.from({ length: heap.size }, () => heap.pop())).toEqual(rest);
  expect(heap.pop()).toBeUndefined();
});
