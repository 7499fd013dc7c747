import { describe, expect, it } from 'vitest';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
} from '../../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../../src/api/types/storage-v1.gen.ts';
import { wantsVolume } from '../../../src/controllers/local-path/provision-plan.ts';
import { reclaimStep } from '../../../src/controllers/local-path/reclaim-plan.ts';
import { resizedStatus, resizingStatus, wantsGrowth } from '../../../src/controllers/local-path/resize-plan.ts';

const mine = 'krill.dev/local-path';
const finalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
const asked = { 'volume.kubernetes.io/storage-provisioner': mine };
const now: StorageClass = { metadata: {}, provisioner: mine, volumeBindingMode: 'Immediate' };
const late: StorageClass = { metadata: {}, provisioner: mine, volumeBindingMode: 'WaitForFirstConsumer' };

const claim = (
  annotations: Record<string, string>,
  more: Partial<PersistentVolumeClaim> = {},
): PersistentVolumeClaim => ({
  metadata: { name: 'c', namespace: 'ns', uid: 'u', annotations },
  spec: {},
  ...more,
});

it.each<[string, PersistentVolumeClaim, StorageClass | undefined, boolean]>([
  ['addressed to it', claim(asked), now, true],
  [
    'addressed to it by the old annotation',
    claim({ 'volume.beta.kubernetes.io/storage-provisioner': mine }),
    now,
    true,
  ],
  ['addressed to another', claim({ 'volume.kubernetes.io/storage-provisioner': 'x.io/y' }), now, false],
  ['addressed to nobody', claim({}), now, false],
  ['that has a volume', claim(asked, { spec: { volumeName: 'v' } }), now, false],
  ['of a class that is gone', claim(asked), undefined, false],
  ['that waits for its first pod', claim(asked), late, false],
  ['whose node is chosen', claim({ ...asked, 'volume.kubernetes.io/selected-node': 'n' }), late, true],
])('whether a claim %s gets a volume', (_, subject, storageClass, expected) => {
  expect(wantsVolume(subject, storageClass)).toBe(expected);
});

describe('what is done with a volume', () => {
  const Delete: PersistentVolumeSpec = { persistentVolumeReclaimPolicy: 'Delete', claimRef: { name: 'c' } };
  const Retain: PersistentVolumeSpec = { persistentVolumeReclaimPolicy: 'Retain', claimRef: { name: 'c' } };
  const made = { 'pv.kubernetes.io/provisioned-by': mine };
  const held = { annotations: made, finalizers: [finalizer] };
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  it.each<[string, PersistentVolume, ReturnType<typeof reclaimStep>]>([
    ['of another maker', { metadata: {}, spec: Delete, status: { phase: 'Released' } }, 'keep'],
    ['in use', { metadata: held, spec: Delete, status: { phase: 'Bound' } }, 'keep'],
    ['in use that nobody holds', { metadata: { annotations: made }, spec: Delete, status: { phase: 'Bound' } }, 'hold'],
    ['released', { metadata: held, spec: Delete, status: { phase: 'Released' } }, 'delete'],
    ['released and going', { metadata: { ...held, ...going }, spec: Delete, status: { phase: 'Released' } }, 'delete'],
    ['going and in use', { metadata: { ...held, ...going }, spec: Delete, status: { phase: 'Bound' } }, 'keep'],
    [
      'going that no claim has',
      {
        metadata: { ...held, ...going },
        spec: { persistentVolumeReclaimPolicy: 'Delete' },
        status: { phase: 'Available' },
      },
      'delete',
    ],
    [
      'going without its folder',
      { metadata: { annotations: made, ...going }, spec: Delete, status: { phase: 'Released' } },
      'keep',
    ],
    ['that is to be retained', { metadata: held, spec: Retain, status: { phase: 'Released' } }, 'let-go'],
    ['that is retained', { metadata: { annotations: made }, spec: Retain, status: { phase: 'Released' } }, 'keep'],
  ])('%s', (_, volume, step) => {
    expect(reclaimStep(volume)).toBe(step);
  });
});

describe('a claim that grows', () => {
  const bound = (request: string, capacity: string): PersistentVolumeClaim => ({
    metadata: { name: 'c', uid: 'u' },
    spec: { volumeName: 'v', resources: { requests: { storage: request } } },
    status: { phase: 'Bound', capacity: { storage: capacity } },
  });
  const volume = (maker: string, uid = 'u'): PersistentVolume => ({
    metadata: { name: 'v', annotations: { 'pv.kubernetes.io/provisioned-by': maker } },
    spec: { claimRef: { uid } },
  });

  it.each([
    [bound('2Gi', '1Gi'), volume(mine), true],
    [bound('1Gi', '1Gi'), volume(mine), false],
    [bound('1Gi', '2Gi'), volume(mine), false],
    [bound('2Gi', '1Gi'), volume('x.io/y'), false],
    [bound('2Gi', '1Gi'), volume(mine, 'w'), false],
    [bound('2Gi', '1Gi'), undefined, false],
  ])('%j with %j: %s', (subject, its, expected) => {
    expect(wantsGrowth(subject, its)).toBe(expected);
  });

  it('says so while it does, and nothing of it afterwards but what it has', () => {
    const subject = bound('2Gi', '1Gi');
    const status = resizingStatus(subject, 0);
    expect(status).toEqual({
      phase: 'Bound',
      capacity: { storage: '1Gi' },
      conditions: [{ type: 'Resizing', status: 'True', lastTransitionTime: '1970-01-01T00:00:00Z' }],
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
    });
    expect(resizedStatus({ ...subject, status }, '2Gi')).toEqual({
      phase: 'Bound',
      capacity: { storage: '2Gi' },
      allocatedResources: { storage: '2Gi' },
    });
  });
});
