import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BestSlots } from '../../../../src/scheduler/cycle/best-slots.ts';

const rated = (scores: readonly (number | undefined)[]) => ({
  verdicts: Uint16Array.from(scores, (score) => (score === undefined ? 1 : 0)),
  scores: Float64Array.from(scores, (score) => score ?? 0),
});

test('equals are chosen evenly', () => {
  const best = new BestSlots();
  const counts = [0, 0, 0, 0, 0];
  for (let n = 0; n < 300; n++) counts[best.pick(rated([1, 7, undefined, 7, 7]), 5, () => (n % 3) / 3)!]!++;
  expect(counts).toEqual([0, 100, 0, 100, 100]);
});

test('nothing is chosen of nothing', () => {
  const best = new BestSlots();
  expect(best.pick(rated([undefined, undefined]), 2, () => 0)).toBeUndefined();
  expect(best.pick(rated([undefined, 4]), 2, () => 0)).toBe(1);
});

test('whatever changes meanwhile, one of the best is chosen', () => {
  const score = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
  const change = fc.record({ slot: fc.nat({ max: 7 }), score, chance: fc.double({ min: 0, max: 0.999, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(score, { minLength: 8, maxLength: 8 }), fc.array(change), (scores, changes) => {
      const best = new BestSlots();
      for (const { slot, score: now, chance } of changes) {
        scores[slot] = now;
        if (now !== undefined) best.note(slot, now);
        const chosen = best.pick(rated(scores), scores.length, () => chance);
        const most = Math.max(...scores.map((each) => each ?? -1));
        expect(chosen === undefined ? -1 : scores[chosen]).toBe(most);
      }
    }),
    { seed: 20_261_129 },
  );
});
