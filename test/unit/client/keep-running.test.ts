import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { SystemIds } from '../../../src/base/ids.ts';
import { keepRunning } from '../../../src/client/keep-running.ts';
import type { Runnable } from '../../../src/client/reconciler.ts';

const ids = Object.assign(new SystemIds(), { random: () => 0 });

/** Keeps a part running whose builds are the given ones in turn, the last for ever; tells what happened. */
function keep(...builds: (() => Runnable)[]) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const said: string[] = [];
  let built = 0;
  const kept = keepRunning({
    clock,
    ids,
    build: () => {
      const part = builds[Math.min(built++, builds.length - 1)]!();
      return { part, release: () => said.push('released') };
    },
    onFailure: (error, retryIn) => said.push(`${(error as Error).message}, again in ${retryIn}`),
  });
  const ended = kept.run(stop.signal).then(() => said.push('ended'));
  return { clock, stop, said, ended, built: () => built };
}

const failing = (): Runnable => ({ run: () => Promise.reject(new Error('no')) });
const untilAborted = (): Runnable => ({
  run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
});

describe('what fails', () => {
  it('is built anew after a back-off that doubles up to a minute, and what it left behind is taken away', async () => {
    const { clock, said, stop, ended } = keep(failing);
    await clock.advance(0);
    expect(said).toEqual(['released', 'no, again in 1000']);
    await clock.advance(1000);
    expect(said).toEqual(['released', 'no, again in 1000', 'released', 'no, again in 2000']);
    for (let i = 0; i < 10; i++) await clock.advance(60_000);
    expect(said.at(-1)).toBe('no, again in 60000');
    stop.abort();
    await ended;
    expect(said.slice(-2)).toEqual(['no, again in 60000', 'ended']);
  });

  it('while it is built counts the same', async () => {
    const { clock, said, built } = keep(() => {
      throw new Error('not built');
    }, untilAborted);
    await clock.advance(0);
    expect(said).toEqual(['not built, again in 1000']);
    await clock.advance(1000);
    expect({ said, built: built() }).toEqual({ said: ['not built, again in 1000'], built: 2 });
  });

  it('after it ran for more than the longest delay begins with the shortest again', async () => {
    let fail: () => void = () => undefined;
    const late = (): Runnable => ({ run: () => new Promise((_, reject) => (fail = () => reject(new Error('late')))) });
    const { clock, said } = keep(failing, failing, late);
    await clock.advance(0);
    await clock.advance(1000);
    await clock.advance(2000);
    await clock.advance(61_000);
    fail();
    await clock.advance(0);
    expect(said.filter((line) => line !== 'released')).toEqual([
      'no, again in 1000',
      'no, again in 2000',
      'late, again in 1000',
    ]);
  });
});

it('what ends by itself is not built again', async () => {
  const { said, ended, built } = keep(() => ({ run: async () => undefined }));
  await ended;
  expect({ said, built: built() }).toEqual({ said: ['released', 'ended'], built: 1 });
});
