import { describe, expect, test } from 'vitest';
import type { AnyKind } from '../../../../src/api/object.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass } from '../../../../src/api/types/storage-v1.gen.ts';
import type { ClusterEvent, EventAction, EventHint, EventResource } from '../../../../src/scheduler/events/events.ts';
import { nodeVolumeLimitsEvents } from '../../../../src/scheduler/hints/node-volume-limits.ts';
import { volumeBindingEvents } from '../../../../src/scheduler/hints/volume-binding.ts';
import { volumeRestrictionsEvents } from '../../../../src/scheduler/hints/volume-restrictions.ts';
import { volumeZoneEvents } from '../../../../src/scheduler/hints/volume-zone.ts';
import { node, type PodFields, pod } from '../kit.ts';
import { claim, using, volume } from '../volumes/kit.ts';
import { wakes } from './kit.ts';

const event = (resource: EventResource, action: EventAction, old?: AnyKind, now?: AnyKind): ClusterEvent => ({
  resource,
  action,
  old,
  now,
});
const added = (resource: EventResource, now: AnyKind) => event(resource, 'Add', undefined, now);
const updated = (resource: EventResource, old: AnyKind, now: AnyKind) => event(resource, 'Update', old, now);
const deleted = (resource: EventResource, old: AnyKind) => event(resource, 'Delete', old);

const storageClass = (fields: Partial<StorageClass>) => ({ metadata: { name: 'k' }, provisioner: 'p', ...fields });
const zoned = (zone: string) =>
  storageClass({ allowedTopologies: [{ matchLabelExpressions: [{ key: 'z', values: [zone] }] }] });
const driver = (storageCapacity: boolean) => ({ metadata: { name: 'd' }, spec: { storageCapacity } }) as CSIDriver;
const room = (capacity: string) => ({ metadata: { name: 'c' }, storageClassName: 'k', capacity }) as CSIStorageCapacity;
const csiNode = (count?: number) =>
  ({
    metadata: { name: 'n' },
    spec: { drivers: [{ name: 'd', nodeID: 'n', ...(count !== undefined && { allocatable: { count } }) }] },
  }) as CSINode;
const labelled = (zone: string) => volume({ name: 'v', labels: { 'topology.kubernetes.io/zone': zone } });
const placed = (fields: PodFields) => pod({ name: 'placed', nodeName: 'n', ...fields });
const disk = (pdName: string): PodFields => ({ volumes: [{ name: 'd', gcePersistentDisk: { pdName } }] });

const check = (
  hints: readonly EventHint[],
  rows: readonly (readonly [string, ClusterEvent, boolean])[],
  fields = using('c'),
) =>
  test.each(rows)('%s', (_, change, expected) => {
    expect(wakes(hints, pod({ name: 'waiting', ...fields }), [change])).toBe(expected);
  });

describe('a pod whose volumes are out of reach', () => {
  check(volumeBindingEvents, [
    ['its claim comes', added('PersistentVolumeClaim', claim({ name: 'c' })), true],
    ['its claim changes', updated('PersistentVolumeClaim', claim({ name: 'c' }), claim({ name: 'c' })), true],
    ['another claim comes', added('PersistentVolumeClaim', claim({ name: 'd' })), false],
    ['a volume comes', added('PersistentVolume', volume({ name: 'v' })), true],
    ['a volume goes', deleted('PersistentVolume', volume({ name: 'v' })), false],
    ['a class comes', added('StorageClass', storageClass({})), true],
    ['a class reaches further', updated('StorageClass', zoned('a'), zoned('b')), true],
    [
      'a class changes otherwise',
      updated('StorageClass', zoned('a'), { ...zoned('a'), reclaimPolicy: 'Retain' } as StorageClass),
      false,
    ],
    ['there is more room', updated('CSIStorageCapacity', room('1Gi'), room('2Gi')), true],
    ['there is less room', updated('CSIStorageCapacity', room('2Gi'), room('1Gi')), false],
    ['room no longer matters', updated('CSIDriver', driver(true), driver(false)), true],
    ['room matters now', updated('CSIDriver', driver(false), driver(true)), false],
    ['a node comes', added('Node', node({ name: 'n' })), true],
    ['a node has other labels', event('Node', 'UpdateNodeLabel', node({ name: 'n' }), node({ name: 'n' })), true],
    ['a pod goes', deleted('AssignedPod', placed({})), false],
  ]);
});

describe('a pod whose volumes are in another zone', () => {
  check(volumeZoneEvents, [
    [
      'a class that waits comes',
      added('StorageClass', storageClass({ volumeBindingMode: 'WaitForFirstConsumer' })),
      true,
    ],
    [
      'a class that does not wait comes',
      added('StorageClass', storageClass({ volumeBindingMode: 'Immediate' })),
      false,
    ],
    ['a volume moves', updated('PersistentVolume', labelled('a'), labelled('b')), true],
    ['a volume stays', updated('PersistentVolume', labelled('a'), labelled('a')), false],
    ['its claim changes', updated('PersistentVolumeClaim', claim({ name: 'c' }), claim({ name: 'c' })), true],
  ]);
});

describe('a pod whose claim another pod has for itself', () => {
  check(volumeRestrictionsEvents, [
    ['a pod with the claim goes', deleted('AssignedPod', placed(using('c'))), true],
    ['a pod with a namesake goes', deleted('AssignedPod', placed({ ...using('c'), namespace: 'other' })), false],
    ['a pod without volumes goes', deleted('AssignedPod', placed({})), false],
  ]);
});

describe('a pod whose disk another pod has', () => {
  check(
    volumeRestrictionsEvents,
    [
      ['a pod with the disk goes', deleted('AssignedPod', placed(disk('a'))), true],
      ['a pod with another disk goes', deleted('AssignedPod', placed(disk('b'))), false],
    ],
    disk('a') as ReturnType<typeof using>,
  );
});

describe('a pod with a volume too many', () => {
  check(nodeVolumeLimitsEvents, [
    ['the limit rises', updated('CSINode', csiNode(1), csiNode(2)), true],
    ['the limit falls', updated('CSINode', csiNode(2), csiNode(1)), false],
    ['the limit is gone', updated('CSINode', csiNode(1), csiNode()), true],
    ['a node tells its limit', added('CSINode', csiNode(1)), true],
    ['a pod with volumes goes', deleted('AssignedPod', placed(using('d'))), true],
    ['a pod without volumes goes', deleted('AssignedPod', placed({})), false],
    ['a volume is detached', deleted('VolumeAttachment', volume({ name: 'v' })), true],
  ]);
});
