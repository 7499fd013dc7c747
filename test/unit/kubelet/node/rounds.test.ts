import { expect, test } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { Rounds } from '../../../../src/kubelet/node/rounds.ts';

function rounds(work?: (name: string) => Promise<void>) {
  const clock = new ManualClock();
  const done: string[] = [];
  const of = new Rounds(clock, 10_000, async (name) => {
    done.push(name);
    await work?.(name);
  });
  const stop = new AbortController();
  const running = of.run(stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { clock, done, of, end };
}

test('each comes round in its own time', async () => {
  const { clock, done, of, end } = rounds();
  of.add('quick', 10_000);
  of.add('slow', 40_000);
  await clock.advance(9_999);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual(['quick']);
  await clock.advance(30_000);
  expect(done.filter((name) => name === 'slow')).toHaveLength(1);
  expect(done.filter((name) => name === 'quick')).toHaveLength(4);
  await end();
});

test('one that is added later is not late', async () => {
  const { clock, done, of, end } = rounds();
  await clock.advance(4_000);
  of.add('late', 10_000);
  await clock.advance(10_000);
  expect(done).toEqual(['late']);
  await end();
});

test('what is under way is not begun again, what was taken away not at all', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { clock, done, of, end } = rounds((name) => (name === 'stuck' ? promise : Promise.resolve()));
  of.add('stuck', 10_000);
  of.add('gone', 20_000);
  await clock.advance(10_000);
  of.delete('gone');
  await clock.advance(30_000);
  expect(done).toEqual(['stuck']);
  resolve();
  await clock.advance(10_000);
  expect(done).toEqual(['stuck', 'stuck']);
  await end();
});

test('many that are due together all have their turn', async () => {
  const { clock, done, of, end } = rounds();
  for (let i = 0; i < 1000; i++) of.add(`n${i}`, 10_000);
  await clock.advance(10_000);
  while (done.length < 1000) await new Promise(setImmediate);
  expect(new Set(done).size).toBe(1000);
  await end();
});
