import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { ClusterEvent } from '../../../src/scheduler/plugin.ts';
import { podInfo } from '../../../src/scheduler/pod-info.ts';
import { SchedulingQueue } from '../../../src/scheduler/queue.ts';
import { type PodFields, pod } from './kit.ts';

function setup() {
  const clock = new ManualClock();
  const hints = new Map<string, ReadonlySet<ClusterEvent>>([
    ['Fit', new Set<ClusterEvent>(['PodGone'])],
    ['Taints', new Set<ClusterEvent>(['NodeTaints'])],
  ]);
  let woken = 0;
  const queue = new SchedulingQueue(clock, hints, () => void woken++);
  const set = (name: string, fields: PodFields = {}) => queue.set(podInfo(pod({ name, ...fields })));
  const next = () => queue.take()?.info.name;
  /** Takes the next pod and refuses it. */
  const refuse = (...plugins: string[]) => queue.refused(queue.take()!, new Set(plugins));
  return { clock, queue, set, next, refuse, woken: () => woken };
}

test('by priority, then by age', async () => {
  const { clock, set, next } = setup();
  set('old');
  await clock.advance(1);
  set('young');
  set('important', { priority: 10 });
  expect([next(), next(), next(), next()]).toEqual(['important', 'old', 'young', undefined]);
});

describe('a refused pod', () => {
  test('waits for an event that its plugins care about, and for its back-off', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    await clock.advance(60_000);
    queue.notify('NodeTaints');
    expect(next()).toBeUndefined();
    queue.notify('PodGone');
    expect(next()).toBe('a');
  });

  test('whose back-off is not over comes when it is', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      refuse('Fit');
      queue.notify('PodGone');
      expect(next()).toBeUndefined();
      expect(queue.sizes.backoff).toBe(1);
      await clock.advance(seconds * 1000 - 1);
      expect(queue.sizes.active).toBe(0);
      await clock.advance(1);
      expect(queue.sizes.active).toBe(1);
    }
  });

  test('is always tried on a new node', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Taints', 'Fit');
    await clock.advance(2000);
    queue.notify('NodeAdded');
    expect(next()).toBe('a');
  });

  test('is tried again when it asks for something else, not when its status changes', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    await clock.advance(2000);
    queue.set(podInfo({ ...pod({ name: 'a' }), status: { phase: 'Pending' } }));
    expect(next()).toBeUndefined();
    set('a', { labels: { x: 'y' } });
    expect(next()).toBe('a');
  });

  test('is tried again after five minutes in any case', async () => {
    const { clock, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    await clock.advance(299_999);
    expect(next()).toBeUndefined();
    await clock.advance(1);
    expect(next()).toBe('a');
  });

  test('that was deleted meanwhile does not come back', async () => {
    const { clock, queue, set, next, refuse } = setup();
    set('a');
    refuse('Fit');
    queue.delete('uid-default-a');
    await clock.advance(400_000);
    queue.notify('PodGone');
    expect(next()).toBeUndefined();
    expect(Object.values(queue.sizes).every((size) => size === 0)).toBe(true);
  });
});

test('a gated pod waits until its gates are gone', () => {
  const { set, next, queue } = setup();
  set('a', { schedulingGates: [{ name: 'x/y' }] });
  expect(next()).toBeUndefined();
  expect(queue.sizes.gated).toBe(1);
  set('a');
  expect(next()).toBe('a');
});

test('a pod whose binding failed is tried again after its back-off', async () => {
  const { clock, queue, set, next } = setup();
  set('a');
  queue.failed(queue.take()!);
  expect(next()).toBeUndefined();
  await clock.advance(1000);
  expect(next()).toBe('a');
});

test('a pod in flight keeps what it has become', () => {
  const { queue, set, next } = setup();
  set('a');
  const flying = queue.take()!;
  set('a', { labels: { x: 'y' } });
  expect(next()).toBeUndefined();
  expect(flying.info.labels).toEqual({ x: 'y' });
  queue.done(flying);
  expect(Object.values(queue.sizes).every((size) => size === 0)).toBe(true);
});

test('nothing is awake while nothing waits', () => {
  const { queue, woken } = setup();
  queue.notify('PodGone');
  expect(woken()).toBe(0);
});
