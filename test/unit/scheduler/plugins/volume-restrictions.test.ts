import { expect, test } from 'vitest';
import type { Volume } from '../../../../src/api/types/core-v1.gen.ts';
import { volumeRestrictions } from '../../../../src/scheduler/plugins/volume-restrictions.ts';
import { filtered, type PodFields } from '../kit.ts';
import { handle } from '../shelf.ts';
import { type Storage, shelves, using } from '../volumes/kit.ts';

const plugin = (storage: Storage = {}) => volumeRestrictions.build(handle(shelves(storage)));
const disk = (source: Omit<Volume, 'name'>): PodFields => ({ volumes: [{ name: 'v', ...source }] });

const gce = (readOnly: boolean, pdName = 'd') => disk({ gcePersistentDisk: { pdName, readOnly } });
const iscsi = (readOnly: boolean, iqn = 'q') => disk({ iscsi: { targetPortal: 't', iqn, lun: 0, readOnly } });
const rbd = (readOnly: boolean, monitors = ['m1', 'm2'], image = 'i') => disk({ rbd: { monitors, image, readOnly } });
const ebs = (volumeID = 'd') => disk({ awsElasticBlockStore: { volumeID } });
const conflict = 'node(s) had no available disk';

test.each<[string, PodFields, PodFields, string]>([
  ['written and read', gce(false), gce(true), conflict],
  ['read by both', gce(true), gce(true), 'ok'],
  ['two disks', gce(false), gce(false, 'e'), 'ok'],
  ['attached once only', ebs(), ebs(), conflict],
  ['two attached', ebs(), ebs('e'), 'ok'],
  ['a target written', iscsi(false), iscsi(false), conflict],
  ['a target read', iscsi(true), iscsi(true), 'ok'],
  ['an image by one of its monitors', rbd(false), rbd(false, ['m2', 'm3']), conflict],
  ['an image of other monitors', rbd(false), rbd(false, ['m3']), 'ok'],
  ['another image', rbd(false), rbd(false, ['m1'], 'j'), 'ok'],
  ['disks of two kinds', gce(false), ebs(), 'ok'],
])('two pods of a node with one disk: %s', (_, there, newcomer, expected) => {
  const nodes = [{ name: 'a', pods: [there] }, { name: 'b' }];
  expect(filtered(plugin(), newcomer, nodes)).toEqual({ a: expected, b: 'ok' });
});

const taken = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
const claims: Storage = {
  claims: [
    { name: 'alone', accessModes: ['ReadWriteOncePod'] },
    { name: 'shared', accessModes: ['ReadWriteOnce'] },
  ],
};

test.each<[string, string, PodFields[], Record<string, string>]>([
  ['in use on another node', 'alone', [using('alone')], { a: taken, b: taken }],
  ['in use in another namespace', 'alone', [{ ...using('alone'), namespace: 'other' }], { a: 'ok', b: 'ok' }],
  ['not in use', 'alone', [using('shared')], { a: 'ok', b: 'ok' }],
  ['that may be shared', 'shared', [using('shared')], { a: 'ok', b: 'ok' }],
])('a claim %s', (_, name, pods, expected) => {
  expect(filtered(plugin(claims), using(name), [{ name: 'a', pods }, { name: 'b' }])).toEqual(expected);
});

test('a claim that is not there keeps the pod from every node', () => {
  const reason = 'persistentvolumeclaim "c" not found (unresolvable)';
  expect(filtered(plugin(), using('c'), [{ name: 'a' }])).toEqual({ a: reason });
});
