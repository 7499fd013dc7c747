import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimingWheel, type WheelEntry } from '../../../src/base/timing-wheel.ts';

/** Turns the wheel as its owner does: from one thing to do to the next, until `end`. */
function turn(wheel: TimingWheel, end: number): void {
  for (let next = wheel.next(); next !== undefined && next <= end; next = wheel.next()) wheel.advance(next);
  wheel.advance(end);
}

test('what is due at one tick runs in the order in which it was added, however far ahead that was', () => {
  const wheel = new TimingWheel();
  const ran: string[] = [];
  wheel.add(40_000, () => ran.push('early'));
  wheel.advance(39_990);
  wheel.add(40_000, () => ran.push('late'));
  wheel.advance(39_999);
  expect(ran).toEqual([]);
  wheel.advance(40_000);
  expect(ran).toEqual(['early', 'late']);
});

test('an entry that is cancelled does not run, and one that has run can be cancelled', () => {
  const wheel = new TimingWheel();
  const ran: number[] = [];
  const second: WheelEntry = wheel.add(5, () => ran.push(2));
  wheel.add(4, () => wheel.cancel(second));
  const third = wheel.add(6, () => ran.push(3));
  turn(wheel, 10);
  wheel.cancel(third);
  wheel.cancel(second);
  expect(ran).toEqual([3]);
  expect(wheel.next()).toBeUndefined();
});

test('what has passed runs at the next tick, never while the wheel turns', () => {
  const wheel = new TimingWheel();
  const ran: number[] = [];
  const again = (n: number) => {
    ran.push(n);
    if (n < 3) wheel.add(0, () => again(n + 1));
  };
  wheel.add(10, () => again(1));
  wheel.advance(10);
  expect(ran).toEqual([1]);
  expect(wheel.next()).toBe(11);
  wheel.advance(11);
  expect(ran).toEqual([1, 2]);
});

test('an error leaves the rest to run', () => {
  const wheel = new TimingWheel();
  const ran: string[] = [];
  wheel.add(3, () => {
    throw new Error('broken');
  });
  wheel.add(3, () => ran.push('other'));
  wheel.add(9, () => ran.push('later'));
  expect(() => wheel.advance(20)).toThrow('broken');
  expect(wheel.next()).toBe(3);
  wheel.advance(20);
  expect(ran).toEqual(['other', 'later']);
});

test('what is due after the life of the wheel never runs, and can be cancelled', () => {
  const wheel = new TimingWheel();
  const never = wheel.add(Number.POSITIVE_INFINITY, () => expect.unreachable());
  wheel.add(32 ** 8, () => expect.unreachable());
  expect(wheel.next()).toBeUndefined();
  wheel.cancel(never);
});

/** Delays of every order of magnitude. */
const delay = fc.oneof(fc.nat(40), fc.nat(2_000), fc.nat(2_000_000), fc.nat(2 ** 31));
const step = fc.record({ ahead: delay, delays: fc.array(delay, { maxLength: 8 }), cancelled: fc.nat(20) });

test('any adds and cancels run as a sorted list of them would, each at its tick', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const wheel = new TimingWheel();
      let pending: { due: number; id: number; entry: WheelEntry }[] = [];
      let ids = 0;
      const ran: [number, number][] = [];
      const wanted: [number, number][] = [];
      for (const { ahead, delays, cancelled } of steps) {
        for (const ms of delays) {
          const id = ids++;
          const entry = wheel.add(wheel.now + ms, () => ran.push([wheel.now, id]));
          pending.push({ due: Math.max(wheel.now + ms, wheel.now + 1), id, entry });
        }
        const victim = pending[cancelled];
        if (victim) {
          wheel.cancel(victim.entry);
          pending = pending.filter((other) => other !== victim);
        }
        const end = wheel.now + ahead;
        const due = pending.filter((one) => one.due <= end).sort((a, b) => a.due - b.due || a.id - b.id);
        pending = pending.filter((one) => one.due > end);
        wanted.push(...due.map(({ due: at, id }): [number, number] => [at, id]));
        turn(wheel, end);
        expect(wheel.now).toBe(end);
      }
      expect(ran).toEqual(wanted);
      const earliest = Math.min(...pending.map(({ due }) => due));
      expect(wheel.next() ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(earliest);
    }),
    { seed: 7, numRuns: 300 },
  );
});
