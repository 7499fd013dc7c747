import { expect, test } from 'vitest';
import { volumeZone } from '../../../../src/scheduler/plugins/volume-zone.ts';
import { topologiesOf } from '../../../../src/scheduler/volumes/topologies.ts';
import { filtered, type NodeFields, type PodFields } from '../kit.ts';
import { handle } from '../shelf.ts';
import { type Storage, shelves, using, volume } from '../volumes/kit.ts';

const zone = 'topology.kubernetes.io/zone';
const beta = 'failure-domain.beta.kubernetes.io/zone';
const nodes: NodeFields[] = [
  { name: 'x', labels: { [zone]: 'x' } },
  { name: 'y', labels: { [zone]: 'y' } },
  { name: 'unlabelled' },
];
const conflict = 'node(s) had no available volume zone (unresolvable)';
const verdict = (storage: Storage, fields: PodFields = using('c')) =>
  filtered(volumeZone.build(handle(shelves(storage))), fields, nodes);
const bound = (labels: Record<string, string>): Storage => ({
  claims: [{ name: 'c', volumeName: 'v' }],
  volumes: [{ name: 'v', labels }],
});
const everywhere = (reason: string) => Object.fromEntries(nodes.map(({ name }) => [name, `${reason} (unresolvable)`]));

test.each<[string, Storage, Record<string, string>]>([
  ['without labels goes anywhere', bound({}), { x: 'ok', y: 'ok', unlabelled: 'ok' }],
  ['of a zone goes there', bound({ [zone]: 'x' }), { x: 'ok', y: conflict, unlabelled: 'ok' }],
  ['of several zones goes to each', bound({ [zone]: 'w__y' }), { x: conflict, y: 'ok', unlabelled: 'ok' }],
  ['of a label before it was stable', bound({ [beta]: 'y' }), { x: conflict, y: 'ok', unlabelled: 'ok' }],
  [
    'that is yet to be chosen goes anywhere',
    { claims: [{ name: 'c', storageClassName: 'wait' }] },
    { x: 'ok', y: 'ok', unlabelled: 'ok' },
  ],
  [
    'that is gone goes nowhere',
    { claims: [{ name: 'c', volumeName: 'v' }] },
    everywhere('persistentvolume "v" not found'),
  ],
  ['of no claim goes nowhere', {}, everywhere('persistentvolumeclaim "c" not found')],
  [
    'of an unknown class goes nowhere',
    { claims: [{ name: 'c', storageClassName: 'odd' }] },
    everywhere('storageclass.storage.k8s.io "odd" not found'),
  ],
  [
    'that nothing says anything about goes nowhere',
    { claims: [{ name: 'c' }] },
    everywhere('PersistentVolumeClaim had no pv name and storageClass name'),
  ],
])('a volume %s', (_, storage, expected) => {
  expect(verdict(storage)).toEqual(expected);
});

test('a label that is no list of zones asks for nothing', () => {
  expect(topologiesOf(volume({ name: 'v', labels: { [zone]: 'a__' } }))).toEqual([]);
});
