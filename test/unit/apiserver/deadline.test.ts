import { expect, test } from 'vitest';
import { isStatus } from '../../../src/api/status.ts';
import type { Exchange } from '../../../src/apiserver/exchange.ts';
import { deadline } from '../../../src/apiserver/filters/deadline.ts';
import { ApiRequest } from '../../../src/apiserver/request.ts';
import { ManualClock } from '../../../src/base/clock.ts';

function under(clock: ManualClock) {
  const failed: { id: string; at: number; timeout: boolean }[] = [];
  const filter = deadline(clock, (request, error) =>
    failed.push({ id: request.id, at: clock.steady() / 1000, timeout: isStatus(error, 'Timeout') }),
  );
  /** Begins a request; what it returns ends it. */
  const begin = (id: string, verb = 'get') => {
    const ends: (() => void)[] = [];
    const exchange = { onEnd: (run: () => void) => void ends.push(run), query: new URLSearchParams() };
    const request = new ApiRequest(exchange as unknown as Exchange, id, clock.steady());
    request.info = { ...request.info, isResource: true, verb };
    filter(request);
    return () => {
      for (const run of ends) run();
    };
  };
  return { failed, begin };
}

test('what takes longer than a minute is ended, the oldest first, and nothing else is', async () => {
  const clock = new ManualClock();
  const { failed, begin } = under(clock);
  begin('first');
  const end = begin('quick');
  begin('watch', 'watch');
  await clock.advance(3_000);
  end();
  begin('second');
  await clock.advance(50_000);
  begin('young');
  await clock.advance(15_000);
  expect(failed).toEqual([
    { id: 'first', at: 60, timeout: true },
    { id: 'second', at: 65, timeout: true },
  ]);
});

test('a request that ends after its deadline ends once, and those after it go on', async () => {
  const clock = new ManualClock();
  const { failed, begin } = under(clock);
  const end = begin('late');
  await clock.advance(30_000);
  begin('next');
  await clock.advance(35_000);
  end();
  await clock.advance(30_000);
  expect(failed.map(({ id }) => id)).toEqual(['late', 'next']);
});
