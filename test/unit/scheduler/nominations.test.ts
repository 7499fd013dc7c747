import { expect, test } from 'vitest';
import { Nominations } from '../../../src/scheduler/nominations.ts';
import { podInfo } from '../../../src/scheduler/pod-info.ts';
import { pod, table } from './kit.ts';

const info = (name: string, priority: number) => podInfo(pod({ name, priority, requests: { cpu: '1' } }));

test('room that was made counts as taken for those who are not more important, while somebody looks', () => {
  const nodes = table([{ name: 'n' }]);
  const nominations = new Nominations(nodes);
  const used = () => nodes.column.usedCpu[0];
  nominations.set(info('waiting', 10), 'n');
  const seenBy = (name: string, priority: number) => nominations.respecting(info(name, priority), used);
  expect([seenBy('lesser', 1), seenBy('equal', 10), seenBy('greater', 11), seenBy('waiting', 10)]).toEqual([
    1000, 1000, 0, 0,
  ]);
  expect(used()).toBe(0);
  nodes.addPod(info('waiting', 10), 'n');
  expect(seenBy('lesser', 1)).toBe(1000);
});

test('who takes the room of lesser ones is told who they are', () => {
  const nominations = new Nominations(table([{ name: 'n' }, { name: 'm' }]));
  nominations.set(info('low', 1), 'n');
  nominations.set(info('high', 20), 'n');
  nominations.set(info('elsewhere', 1), 'm');
  expect(nominations.lesser(info('new', 10), 'n').map(({ name }) => name)).toEqual(['low']);
  expect([nominations.delete('uid-default-low'), nominations.delete('uid-default-low')]).toEqual([true, false]);
});
