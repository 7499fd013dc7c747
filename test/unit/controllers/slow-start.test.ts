import { expect, it } from 'vitest';
import { slowStart } from '../../../src/controllers/slow-start.ts';

/** The sizes of the rounds in which items were made; `bad` ones fail. */
async function rounds(count: number, bad: readonly number[] = []) {
  const sizes: number[] = [];
  let waiting: (() => void)[] = [];
  const make = async (item: number) => {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) > 1) return;
      setImmediate(() => {
        sizes.push(waiting.length);
        for (const go of waiting) go();
        waiting = [];
      });
    });
    return bad.includes(item) ? `no ${item}` : undefined;
  };
  const items = Array.from({ length: count }, (_, i) => i);
  return { ...(await slowStart(items, make)), sizes };
}

it('doubles from round to round, up to a limit', async () => {
  expect(await rounds(120)).toEqual({ done: 120, errors: [], sizes: [1, 2, 4, 8, 16, 32, 50, 7] });
  expect(await rounds(2)).toEqual({ done: 2, errors: [], sizes: [1, 1] });
  expect(await rounds(0)).toEqual({ done: 0, errors: [], sizes: [] });
});

it('ends after the first round with a failure', async () => {
  expect(await rounds(100, [4, 6])).toEqual({ done: 5, errors: ['no 4', 'no 6'], sizes: [1, 2, 4] });
});
