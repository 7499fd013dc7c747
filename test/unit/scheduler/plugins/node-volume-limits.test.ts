import { expect, test } from 'vitest';
import { nodeVolumeLimits } from '../../../../src/scheduler/plugins/node-volume-limits.ts';
import { filtered, type PodFields } from '../kit.ts';
import { handle } from '../shelf.ts';
import { type Storage, shelves, using } from '../volumes/kit.ts';

const csi = (name: string, driver = 'csi.test') => ({ name: `v-${name}`, csi: { driver, volumeHandle: name } });
const bound = (name: string) => ({ name, volumeName: `v-${name}` });
const storage: Storage = {
  claims: [
    ...['c', 'd', 'e'].map(bound),
    bound('foreign'),
    bound('plain'),
    { name: 'unmade', storageClassName: 'wait' },
  ],
  volumes: [csi('c'), csi('d'), csi('e'), csi('foreign', 'csi.other'), { name: 'v-plain' }],
};
const exceeded = 'node(s) exceed max volume count';

test.each<[string, PodFields[], PodFields, string]>([
  ['there is room for', [using('c')], using('d'), 'ok'],
  ['is one too many', [using('c'), using('d')], using('e'), exceeded],
  ['is one of those there', [using('c'), using('d')], using('d'), 'ok'],
  ['is shared by pods there', [using('c'), using('c')], using('d'), 'ok'],
  ['is yet to be made', [using('c'), using('d')], using('unmade'), exceeded],
  ['no driver limits', [using('c'), using('d')], using('foreign'), 'ok'],
  ['no driver attaches', [using('c'), using('d')], using('plain'), 'ok'],
  ['comes with another', [using('c')], using('d', 'e'), exceeded],
])('a volume that %s', (_, pods, newcomer, expected) => {
  const plugin = nodeVolumeLimits.build(handle(shelves({ ...storage, csiNodes: { a: { 'csi.test': 2 }, b: {} } })));
  expect(filtered(plugin, newcomer, [{ name: 'a', pods }, { name: 'b' }])).toEqual({ a: expected, b: 'ok' });
});

test('a volume that is still attached counts, once', () => {
  const attachments = [
    { node: 'a', volume: 'v-c' },
    { node: 'a', volume: 'v-d' },
  ];
  const plugin = nodeVolumeLimits.build(
    handle(shelves({ ...storage, attachments, csiNodes: { a: { 'csi.test': 2 } } })),
  );
  expect(filtered(plugin, using('e'), [{ name: 'a', pods: [using('c')] }])).toEqual({ a: exceeded });
  expect(filtered(plugin, using('d'), [{ name: 'a', pods: [using('c')] }])).toEqual({ a: 'ok' });
});
