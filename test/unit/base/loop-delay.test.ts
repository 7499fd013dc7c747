import type { ELDHistogram } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { LoopDelay } from '../../../src/base/loop-delay.ts';

/** What Node's sampler does: it notes the nanoseconds from one sample to the next while it is enabled. */
function sampler() {
  let samples: number[] = [];
  const state = { enabled: false, made: 0, sample: (ms: number) => void (state.enabled && samples.push(ms * 1e6)) };
  const histogram = {
    get count() {
      return samples.length;
    },
    get max() {
      return Math.max(...samples);
    },
    percentile: (share: number) => samples.toSorted((a, b) => a - b)[Math.ceil((samples.length * share) / 100) - 1],
    reset: () => void (samples = []),
    enable: () => (state.enabled = true),
    disable: () => (state.enabled = false),
  } as unknown as ELDHistogram;
  return Object.assign(state, {
    histogram() {
      state.made++;
      return histogram;
    },
  });
}

test('a reading covers the time since the one before, without the interval between samples', () => {
  const node = sampler();
  const delay = new LoopDelay(new ManualClock(), node.histogram);
  expect(delay.read()).toEqual({ p50: 0, p99: 0, max: 0 });
  for (const ms of [10, 11, 50]) node.sample(ms);
  const reading = delay.read();
  expect(reading.p50).toBeCloseTo(0.001, 9);
  expect(reading.p99).toBeCloseTo(0.04, 9);
  expect(reading.max).toBeCloseTo(0.04, 9);
  node.sample(10);
  expect(delay.read().max).toBe(0);
  delay.close();
  expect(node.enabled).toBe(false);
});

test('nothing is sampled before the first reading, nor long after the last', async () => {
  const node = sampler();
  const clock = new ManualClock();
  const delay = new LoopDelay(clock, node.histogram);
  expect(node.made).toBe(0);
  delay.read();
  await clock.advance(100_000);
  delay.read();
  await clock.advance(100_000);
  expect(node.enabled).toBe(true);
  await clock.advance(30_000);
  expect(node.enabled).toBe(false);
});
