import { describe, expect, it } from 'vitest';
import { staleWrite } from '../../../src/api/status.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { createLogger, type LogRecord, silentLogger } from '../../../src/base/log.ts';
import { type Reconcile, Reconciler, Terminal } from '../../../src/client/reconciler.ts';
import { turn } from '../../kit/scripted-transport.ts';

function start(reconcile: Reconcile, workers = 2, log = silentLogger) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const reconciler = new Reconciler({ name: 'test', reconcile, clock, log, workers });
  const ended = reconciler.run(stop.signal);
  return { clock, reconciler, stop, ended };
}

describe('Reconciler', () => {
  it('runs at most as many keys at once as it has workers, and no key twice', async () => {
    let active = 0;
    let most = 0;
    const releases: Array<() => void> = [];
    const { reconciler, stop, ended } = start(async () => {
      most = Math.max(most, ++active);
      await new Promise<void>((resolve) => releases.push(resolve));
      active--;
    });
    for (const key of ['a', 'b', 'c', 'a', 'b']) reconciler.add(key);
    await turn();
    reconciler.add('a');
    await turn();
    expect(releases.length).toBe(2);
    while (releases.length > 0) {
      releases.shift()!();
      await turn();
    }
    expect(most).toBe(2);
    stop.abort();
    await ended;
  });

  it('repeats a failed key with growing delays and an after-result in time', async () => {
    const seen: number[] = [];
    const { clock, reconciler, stop, ended } = start(async () => {
      seen.push(clock.steady());
      if (seen.length < 4) throw new Error('not yet');
      return seen.length === 4 ? { after: 60_000 } : undefined;
    });
    reconciler.add('a');
    await turn();
    await clock.advance(5);
    await turn();
    await clock.advance(10);
    await turn();
    await clock.advance(20);
    await turn();
    expect(seen).toEqual([0, 5, 15, 35]);
    await clock.advance(59_999);
    await turn();
    expect(seen.length).toBe(4);
    await clock.advance(1);
    await turn();
    expect(seen.length).toBe(5);
    stop.abort();
    await ended;
  });

  it('leaves a key alone after Terminal until it is added again', async () => {
    let calls = 0;
    const { clock, reconciler, stop, ended } = start(async () => {
      calls++;
      throw new Terminal(new Error('bad spec'));
    });
    reconciler.add('a');
    await turn();
    await clock.advance(10_000_000);
    expect(calls).toBe(1);
    reconciler.add('a');
    await turn();
    expect(calls).toBe(2);
    stop.abort();
    await ended;
  });

  it('does not warn of conflicts', async () => {
    const records: LogRecord[] = [];
    const log = createLogger(new ManualClock(), (record) => records.push(record));
    let calls = 0;
    const { clock, reconciler, stop, ended } = start(
      async () => {
        if (calls++ === 0) throw staleWrite({ group: '', resource: 'pods' }, 'a');
      },
      1,
      log,
    );
    reconciler.add('a');
    await turn();
    await clock.advance(5);
    await turn();
    expect(calls).toBe(2);
    expect(records).toEqual([]);
    stop.abort();
    await ended;
  });

  it('ends only after the attempts under way have ended', async () => {
    let finished = false;
    const { reconciler, stop, ended } = start(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await turn();
      finished = true;
    });
    reconciler.add('a');
    await turn();
    stop.abort();
    await ended;
    expect(finished).toBe(true);
  });
});
