import { expect, test } from 'vitest';
import { Nominations } from '../../../../src/scheduler/state/nominations.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { pod, table } from '../kit.ts';

const info = (name: string, priority: number) => podInfo(pod({ name, priority, requests: { cpu: '1' } }));

test('room is kept for pods that are as important, but not from more important ones or themselves', () => {
  const nodes = table([{ name: 'n' }]);
  const nominations = new Nominations(nodes);
  const used = (name: string, priority: number) =>
    nominations.respecting(info(name, priority), () => nodes.column.usedCpu[nodes.slotOf('n')!]! / 1000);
  nominations.set(info('low', 1), 'n');
  nominations.set(info('high', 10), 'n');
  expect([used('other', 0), used('other', 1), used('other', 5), used('other', 10), used('other', 11)]).toEqual([
    2, 2, 1, 1, 0,
  ]);
  expect([used('high', 10), used('low', 1), used('other', 1)]).toEqual([0, 1, 2]);
  nominations.set(info('late', 5), 'n');
  expect([used('other', 5), used('other', 1)]).toEqual([2, 3]);
  expect(nominations.delete('uid-default-high')).toBe(true);
  expect(nominations.delete('uid-default-high')).toBe(false);
  expect(used('other', 1)).toBe(2);
});

test('a pod that has its node counts once', () => {
  const nodes = table([{ name: 'n' }]);
  const nominations = new Nominations(nodes);
  nominations.set(info('a', 5), 'n');
  nominations.respecting(info('b', 0), () => undefined);
  nominations.delete('uid-default-a');
  nodes.addPod(info('a', 5), 'n');
  nominations.set(info('a', 5), 'n');
  nominations.respecting(info('b', 0), () => undefined);
  expect(nodes.column.usedCpu[nodes.slotOf('n')!]).toBe(1000);
  nominations.delete('uid-default-a');
  expect(nodes.has('uid-default-a')).toBe(true);
});

test('who takes the room of lesser ones is told who they are', () => {
  const nominations = new Nominations(table([{ name: 'n' }, { name: 'm' }]));
  nominations.set(info('low', 1), 'n');
  nominations.set(info('high', 20), 'n');
  nominations.set(info('elsewhere', 1), 'm');
  expect(nominations.lesser(info('new', 10), 'n').map(({ name }) => name)).toEqual(['low']);
  expect([nominations.delete('uid-default-low'), nominations.delete('uid-default-low')]).toEqual([true, false]);
});
