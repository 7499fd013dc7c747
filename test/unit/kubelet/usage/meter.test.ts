import { expect, test } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { Scope } from '../../../../src/base/scope.ts';
import { type Readings, UsageMeter } from '../../../../src/kubelet/usage/meter.ts';
import type { NodeStats, Rate } from '../../../../src/node/usage.ts';

const never = new AbortController().signal;

function meter(options: { rate?: Rate } = {}) {
  const clock = new ManualClock();
  const scope = new Scope(() => undefined);
  let taken = 0;
  const take = async (): Promise<NodeStats> => ({
    cpuNanos: clock.steady(),
    memoryWorkingSetBytes: ++taken,
    memoryRssBytes: 0,
    sampledAt: clock.wall(),
    containers: [],
    ...options,
  });
  return { clock, meter: new UsageMeter(take, clock, scope), taken: () => taken };
}

/** Asks, and lets a second pass once the asking is under way. */
async function readWithin(clock: ManualClock, m: UsageMeter): Promise<Readings> {
  const reading = m.read(never);
  await clock.advance(0);
  await clock.advance(1_000);
  return reading;
}

test('who asks first waits a second for two readings; nothing is read before', async () => {
  const { clock, meter: m, taken } = meter();
  await clock.advance(60_000);
  expect(taken()).toBe(0);
  expect((await readWithin(clock, m)).before?.windowMs).toBe(1_000);
  expect(taken()).toBe(2);
});

test('who asks again within five seconds gets the same answer, later the time since then', async () => {
  const { clock, meter: m, taken } = meter();
  const first = await readWithin(clock, m);
  await clock.advance(5_000);
  expect((await m.read(never)).now).toBe(first.now);
  await clock.advance(10_000);
  expect((await m.read(never)).before?.windowMs).toBe(15_000);
  expect(taken()).toBe(3);
});

test('a reading of more than a minute ago is nothing to compare with', async () => {
  const { clock, meter: m } = meter();
  await readWithin(clock, m);
  await clock.advance(60_001);
  expect((await readWithin(clock, m)).before?.windowMs).toBe(1_000);
});

test('those who ask at the same time share a reading, and one that gives up does not take it from the other', async () => {
  const { clock, meter: m, taken } = meter();
  const leaving = new AbortController();
  const [first, second] = [m.read(leaving.signal), m.read(never)];
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await clock.advance(0);
  await clock.advance(1_000);
  expect((await second).before?.windowMs).toBe(1_000);
  expect(taken()).toBe(2);
});

test('a runtime that tells rates by itself is read once, and each time', async () => {
  const { meter: m, taken } = meter({ rate: { nanoCores: 1, windowMs: 1_000 } });
  expect((await m.read(never)).before).toBeUndefined();
  expect((await m.read(never)).now.memoryWorkingSetBytes).toBe(2);
  expect(taken()).toBe(2);
});
