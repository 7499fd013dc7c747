import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { WorkQueue } from '../../../src/client/work-queue.ts';

describe('WorkQueue', () => {
  it('hands out a key once however often it was added, oldest first', () => {
    const queue = new WorkQueue(new ManualClock());
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', 'c', undefined]);
  });

  it('never hands out a key that is in process, and hands it out again after done', () => {
    const queue = new WorkQueue(new ManualClock());
    queue.add('a');
    expect(queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(queue.take()).toBe('a');
    queue.done('a');
    expect(queue.take()).toBeUndefined();
  });

  it('keeps the earliest of several delays', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue(clock);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 50);
    await clock.advance(60);
    expect(queue.take()).toBe('b');
    await clock.advance(50);
    expect(queue.take()).toBe('a');
    queue.done('a');
    await clock.advance(10_000);
    expect(queue.take()).toBeUndefined();
  });

  it('backs off 5 ms doubling to 1000 s, and starts anew when forgotten', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue(clock);
    const delays: number[] = [];
    const next = async () => {
      queue.addRateLimited('a');
      const from = clock.steady();
      for (let step = 5; queue.length === 0; step *= 2) await clock.advance(from + step - clock.steady());
      delays.push(clock.steady() - from);
      queue.done(queue.take()!);
    };
    for (let i = 0; i < 4; i++) await next();
    expect(delays).toEqual([5, 10, 20, 40]);
    queue.forget('a');
    await next();
    expect(delays.at(-1)).toBe(5);
    for (let i = 0; i < 30; i++) queue.addRateLimited('b');
    expect(queue.failures('b')).toBe(30);
  });

  it('forgets everything when closed', async () => {
    const clock = new ManualClock();
    const queue = new WorkQueue(clock);
    queue.addAfter('a', 10);
    queue.add('b');
    queue.close();
    queue.add('c');
    await clock.advance(100);
    expect(queue.take()).toBeUndefined();
    expect(queue.idle).toBe(true);
  });
});
