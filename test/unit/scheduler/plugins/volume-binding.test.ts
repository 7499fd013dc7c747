import { describe, expect, test } from 'vitest';
import { persistentVolumeClaims, persistentVolumes } from '../../../../src/api/kinds.gen.ts';
import type { VolumeBindingArgs } from '../../../../src/scheduler/config/types.ts';
import { volumeBinding } from '../../../../src/scheduler/plugins/volume-binding.ts';
import { podInfo } from '../../../../src/scheduler/state/pod-info.ts';
import { filtered, type NodeFields, type PodFields, pod, scored, table, world } from '../kit.ts';
import { handle } from '../shelf.ts';
import { local, type Storage, shelves, using } from '../volumes/kit.ts';

const nodes: NodeFields[] = [
  { name: 'a', labels: { zone: 'x' } },
  { name: 'b', labels: { zone: 'y' } },
];
const plugin = (storage: Storage, args: Partial<VolumeBindingArgs> = {}) =>
  volumeBinding.build(handle(shelves(storage)), args);
const verdict = (storage: Storage, fields: PodFields) => filtered(plugin(storage), fields, nodes);
const everywhere = (reason: string) => ({ a: `${reason} (unresolvable)`, b: `${reason} (unresolvable)` });

const noVolume = "node(s) didn't find available persistent volumes to bind (unresolvable)";
const outOfReach = "node(s) didn't match PersistentVolume's node affinity (unresolvable)";
const full = 'node(s) did not have enough free storage (unresolvable)';
const c = { name: 'c', storageClassName: 'wait' };
const ephemeral: PodFields = {
  name: 'p',
  volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } }],
};

test('a pod without claims does not concern it', () => {
  const info = podInfo(pod({ volumes: [{ name: 'v', emptyDir: {} }] }));
  const built = plugin({});
  expect(built.filter?.(info, table(nodes), world())).toBeUndefined();
  expect(built.reserve?.(info, 0, table(nodes))).toBeUndefined();
});

test.each<[string, Storage, PodFields, string]>([
  ['is not there', {}, using('c'), 'persistentvolumeclaim "c" not found'],
  ['is going', { claims: [{ ...c, going: true }] }, using('c'), 'persistentvolumeclaim "c" is being deleted'],
  [
    'has lost its volume',
    { claims: [{ name: 'c', volumeName: 'v', phase: 'Lost' }] },
    using('c'),
    'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
  ],
  [
    'is bound at once, but not yet',
    { claims: [{ name: 'c', storageClassName: 'now' }] },
    using('c'),
    'pod has unbound immediate PersistentVolumeClaims',
  ],
  ['has no class', { claims: [{ name: 'c' }] }, using('c'), 'pod has unbound immediate PersistentVolumeClaims'],
  [
    'names its volume, which is not bound yet',
    { claims: [{ ...c, volumeName: 'v', unfinished: true }] },
    using('c'),
    'pod has unbound immediate PersistentVolumeClaims',
  ],
  [
    'is still to be made for the pod',
    {},
    ephemeral,
    'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"',
  ],
  [
    'was made for another pod',
    { claims: [{ ...c, name: 'p-scratch', owner: 'other' }] },
    ephemeral,
    'PVC default/p-scratch was not created for pod default/p (pod is not owner)',
  ],
])('a claim that %s keeps the pod from every node', (_, storage, fields, reason) => {
  expect(verdict(storage, fields)).toEqual(everywhere(reason));
});

test.each<[string, Storage, Record<string, string>]>([
  [
    'a bound volume anywhere',
    { claims: [{ name: 'c', volumeName: 'v' }], volumes: [{ name: 'v' }] },
    { a: 'ok', b: 'ok' },
  ],
  [
    'a bound volume where it is',
    { claims: [{ name: 'c', volumeName: 'v' }], volumes: [local('v', 'y')] },
    { a: outOfReach, b: 'ok' },
  ],
  [
    'a bound volume that is gone nowhere',
    { claims: [{ name: 'c', volumeName: 'v' }] },
    everywhere('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
  ],
  [
    'one of the volumes there are',
    { claims: [{ ...c, storageClassName: 'local' }], volumes: [local('v', 'x', { storageClassName: 'local' })] },
    { a: 'ok', b: noVolume },
  ],
  ['one that is to be made', { claims: [c] }, { a: 'ok', b: 'ok' }],
  [
    'one that is made in some topologies',
    {
      claims: [{ ...c, storageClassName: 'zonal' }],
      classes: [
        {
          name: 'zonal',
          volumeBindingMode: 'WaitForFirstConsumer',
          allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['y'] }] }],
        },
      ],
    },
    { a: noVolume, b: 'ok' },
  ],
  [
    'one that is being made on a node',
    { claims: [{ ...c, annotations: { 'volume.kubernetes.io/selected-node': 'b' } }] },
    { a: noVolume, b: 'ok' },
  ],
  [
    'one where the driver has room',
    {
      claims: [{ ...c, size: '5Gi' }],
      drivers: ['csi.test'],
      capacities: [
        { class: 'wait', nodeTopology: { matchLabels: { zone: 'x' } }, capacity: '4Gi' },
        { class: 'wait', nodeTopology: { matchLabels: { zone: 'y' } }, capacity: '5Gi' },
        { class: 'other', nodeTopology: {}, capacity: '9Gi' },
      ],
    },
    { a: full, b: 'ok' },
  ],
  [
    'one no larger than the driver makes them',
    {
      claims: [{ ...c, size: '5Gi' }],
      drivers: ['csi.test'],
      capacities: [{ class: 'wait', nodeTopology: {}, capacity: '9Gi', maximumVolumeSize: '4Gi' }],
    },
    { a: full, b: full },
  ],
])('a claim gets %s', (_, storage, expected) => {
  expect(verdict(storage, using('c'))).toEqual(expected);
});

test('two claims of a pod do not get the same volume', () => {
  const of = (name: string, size: string) => ({ name, size, storageClassName: 'local' });
  const claims = [of('large', '2Gi'), of('small', '1Gi')];
  const two = [local('v1', 'x', of('v1', '1Gi')), local('v2', 'x', of('v2', '2Gi'))];
  const one = [local('v3', 'y', of('v3', '2Gi'))];
  expect(verdict({ claims, volumes: [...two, ...one] }, using('large', 'small'))).toEqual({ a: 'ok', b: noVolume });
});

describe('once a node is chosen', () => {
  const storage: Storage = {
    claims: [
      { name: 'one', storageClassName: 'local' },
      { name: 'two', storageClassName: 'local' },
      { name: 'made', storageClassName: 'wait' },
    ],
    volumes: [local('v', 'x', { storageClassName: 'local' })],
  };

  test('its volume is spoken for, until it is given back', () => {
    const built = plugin(storage);
    const first = podInfo(pod({ name: 'first', ...using('one') }));
    const second: PodFields = { name: 'second', ...using('two') };
    built.filter?.(first, table(nodes), world());
    const reservation = built.reserve!(first, 0, table(nodes))!;
    expect(filtered(built, second, nodes)).toEqual({ a: noVolume, b: noVolume });
    // Who shares the claim follows it.
    expect(filtered(built, { name: 'third', ...using('one') }, nodes)).toEqual({ a: 'ok', b: noVolume });
    reservation.unreserve();
    expect(filtered(built, second, nodes)).toEqual({ a: 'ok', b: noVolume });
  });

  test('a claim to be made is the same for all its pods', () => {
    const built = plugin(storage);
    const first = podInfo(pod({ name: 'first', ...using('made') }));
    built.filter?.(first, table(nodes), world());
    const reservation = built.reserve!(first, 1, table(nodes))!;
    expect(filtered(built, { name: 'second', ...using('made') }, nodes)).toEqual({ a: noVolume, b: 'ok' });
    reservation.unreserve();
    expect(filtered(built, { name: 'second', ...using('made') }, nodes)).toEqual({ a: 'ok', b: 'ok' });
  });

  test('what is assumed of a volume ends with its next version', () => {
    const all = shelves(storage);
    const built = volumeBinding.build(handle(all));
    const first = podInfo(pod({ name: 'first', ...using('one') }));
    built.filter?.(first, table(nodes), world());
    const reservation = built.reserve!(first, 0, table(nodes))!;
    const free = all.shelf(persistentVolumes).get('v')!;
    all.shelf(persistentVolumes).set({ ...free, metadata: { ...free.metadata, resourceVersion: '2' } });
    expect(filtered(built, { name: 'second', ...using('two') }, nodes)['a']).toBe('ok');
    reservation.unreserve();
  });

  test('a pod whose claims are all bound needs nothing', () => {
    const all = shelves({ claims: [{ name: 'c', volumeName: 'v' }], volumes: [{ name: 'v' }] });
    const built = volumeBinding.build(handle(all));
    const info = podInfo(pod(using('c')));
    built.filter?.(info, table(nodes), world());
    expect(built.reserve!(info, 0, table(nodes))).toBeUndefined();
    expect(all.shelf(persistentVolumeClaims).get('default/c')?.spec?.volumeName).toBe('v');
  });
});

describe('by a shape, nodes score', () => {
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 100, score: 10 },
  ];
  const of = (name: string, zone: string, size: string) => local(name, zone, { size, storageClassName: 'local' });
  const storage: Storage = {
    claims: [{ name: 'c', size: '5Gi', storageClassName: 'local' }],
    volumes: [of('tight', 'x', '5Gi'), of('wide', 'y', '20Gi')],
  };

  test('how full their volumes would be', () => {
    const built = plugin(storage, { shape });
    filtered(built, using('c'), nodes);
    const info = podInfo(pod(using('c')));
    const nodeTable = table(nodes);
    built.filter?.(info, nodeTable, world());
    expect([...built.score!(info, nodeTable, nodeTable.live(), world())!]).toEqual([100, 25]);
  });

  test('nothing without one', () => {
    expect(scored(plugin(storage), using('c'), nodes)).toBeUndefined();
  });
});
