import { expect, test } from 'vitest';
import type { ClusterEvent } from '../../../../src/scheduler/events/events.ts';
import { InFlightEvents } from '../../../../src/scheduler/queue/in-flight.ts';

const event = (name: string): ClusterEvent => ({ resource: 'Node', action: 'Add', now: { metadata: { name } } });
const names = (events: readonly ClusterEvent[]) => events.map(({ now }) => now?.metadata?.name).join(' ');

test('each pod hears of what came since it left', () => {
  const log = new InFlightEvents<string>();
  log.record(event('before'));
  log.begin('a');
  log.record(event('1'));
  log.begin('b');
  log.record(event('2'));
  expect(names(log.end('a'))).toBe('1 2');
  log.record(event('3'));
  expect(names(log.end('b'))).toBe('2 3');
  expect(names(log.end('b'))).toBe('');
});

test('a pod that begins anew hears of nothing before that, and keeps nothing from others', () => {
  const log = new InFlightEvents<string>();
  log.begin('a');
  log.record(event('1'));
  log.begin('b');
  log.record(event('2'));
  log.begin('a');
  log.begin('c');
  log.end('c');
  log.record(event('3'));
  expect([names(log.end('b')), names(log.end('a'))]).toEqual(['2 3', '3']);
});

test('what nobody has still to hear of is forgotten', () => {
  const log = new InFlightEvents<string>();
  log.begin('a');
  for (let n = 0; n < 100; n++) log.record(event(`${n}`));
  log.begin('b');
  log.record(event('last'));
  log.end('a');
  expect(log.size).toBe(1);
  expect(names(log.end('b'))).toBe('last');
  expect(log.size).toBe(0);
  log.record(event('late'));
  expect(log.size).toBe(0);
});
