import { expect, test } from 'vitest';
import { ChangeLog } from '../../../../src/scheduler/state/change-log.ts';

const read = (log: ChangeLog, position: number) => {
  const slots: number[] = [];
  return log.since(position, (slot) => void slots.push(slot)) ? slots : undefined;
};

test('readers see the slots that changed since they last looked', () => {
  const log = new ChangeLog();
  log.push(3, 10);
  const position = log.end;
  expect(read(log, position)).toEqual([]);
  for (const slot of [5, 5, 7, 5]) log.push(slot, 10);
  expect(read(log, position)).toEqual([5, 7, 5]);
  expect(log.lastOf(7)).toBeGreaterThan(log.lastOf(3));
  expect(log.lastOf(9)).toBe(0);
});

test('who is too far behind has to look at everything', () => {
  const log = new ChangeLog();
  for (let n = 0; n < 1024; n++) log.push(n % 2, 2);
  expect(read(log, 0)).toHaveLength(1024);
  log.push(0, 2);
  expect(read(log, 0)).toBeUndefined();
  const position = log.end;
  log.push(1, 5000);
  expect(read(log, position)).toBeUndefined();
  expect(read(log, log.end)).toEqual([]);
});
