import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { IdleCollection } from '../../../src/base/idle-collection.ts';

const mebibyte = 1 << 20;

function collected() {
  const clock = new ManualClock();
  const heap = { bytes: 50 * mebibyte, collections: 0 };
  const collection = new IdleCollection(clock, {
    used: () => heap.bytes,
    collect: async () => {
      heap.collections++;
      heap.bytes = 60 * mebibyte;
    },
  });
  const work = (times: number) => {
    for (let i = 0; i < times; i++) collection.notice();
  };
  return { clock, heap, collection, work };
}

test('garbage of a burst is collected once it is over, not while it lasts', async () => {
  const { clock, heap, work } = collected();
  heap.bytes = 300 * mebibyte;
  for (let second = 0; second < 20; second++) {
    work(1000);
    await clock.advance(1000);
  }
  expect(heap.collections).toBe(0);
  await clock.advance(10_000);
  expect(heap.collections).toBe(1);
  expect(heap.bytes).toBe(60 * mebibyte);
});

test('a heartbeat now and then collects nothing where there is little to collect', async () => {
  const { clock, heap, work } = collected();
  for (let beat = 0; beat < 10; beat++) {
    work(3);
    heap.bytes += mebibyte;
    await clock.advance(10_000);
  }
  expect(heap.collections).toBe(0);
});

test('the more is in use, the more garbage must have come together', async () => {
  const { clock, heap, work } = collected();
  const grow = async (by: number) => {
    heap.bytes += by * mebibyte;
    work(1);
    await clock.advance(10_000);
  };
  await grow(400);
  expect(heap.collections).toBe(1);
  heap.bytes = 60 * mebibyte;
  await grow(31);
  expect(heap.collections).toBe(1);
  await grow(1);
  expect(heap.collections).toBe(2);
});

test('without work nothing is looked at, and after its end neither', async () => {
  const { clock, heap, collection, work } = collected();
  heap.bytes = 300 * mebibyte;
  await clock.advance(60_000);
  expect(heap.collections).toBe(0);
  work(1);
  collection.close();
  await clock.advance(60_000);
  expect(heap.collections).toBe(0);
});
