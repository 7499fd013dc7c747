import { describe, expect, it } from 'vitest';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from '../../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../../src/api/types/storage-v1.gen.ts';
import { type ClaimWorld, planClaim } from '../../../src/controllers/persistent-volume-binder/claim-plan.ts';
import { deleterOf } from '../../../src/controllers/persistent-volume-binder/deleters.ts';
import {
  addressedClaim,
  boundClaim,
  boundStatus,
  boundVolume,
  unboundVolume,
} from '../../../src/controllers/persistent-volume-binder/objects.ts';
import { provisionerOf } from '../../../src/controllers/persistent-volume-binder/provisioners.ts';
import { recyclerPod } from '../../../src/controllers/persistent-volume-binder/recycler.ts';
import { planVolume } from '../../../src/controllers/persistent-volume-binder/volume-plan.ts';

const done = { 'pv.kubernetes.io/bind-completed': 'yes' };
const byController = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
const dynamic = { 'pv.kubernetes.io/provisioned-by': 'x.io/y' };

type Annotations = Record<string, string>;

const volume = (name: string, spec: PersistentVolumeSpec = {}, annotations: Annotations = {}): PersistentVolume => ({
  metadata: { name, annotations },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  status: { phase: 'Available' },
});

const claim = (spec: PersistentVolumeClaimSpec = {}, annotations: Annotations = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'ns', uid: 'u', annotations },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  status: { phase: 'Pending' },
});

const own = { claimRef: { namespace: 'ns', name: 'c', uid: 'u' } };
const meant = { claimRef: { namespace: 'ns', name: 'c' } };
const foreign = { claimRef: { namespace: 'ns', name: 'd', uid: 'v' } };

const classes: StorageClass[] = [
  { metadata: { name: 'now' }, provisioner: 'x.io/y', volumeBindingMode: 'Immediate' },
  { metadata: { name: 'late' }, provisioner: 'x.io/y', volumeBindingMode: 'WaitForFirstConsumer' },
  { metadata: { name: 'ebs' }, provisioner: 'kubernetes.io/aws-ebs', volumeBindingMode: 'Immediate' },
];
const std: StorageClass = {
  metadata: { name: 'std', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'x.io/y',
};

const world = (volumes: PersistentVolume[], more: Partial<ClaimWorld> = {}): ClaimWorld => ({
  volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
  candidates: () => volumes,
  classNamed: (name) => classes.find(({ metadata }) => metadata?.name === name),
  classes: () => classes,
  unscheduledPods: () => [],
  taken: new Set(),
  ...more,
});

/** A step in a word or two: what, with which volume, and what is said. */
function inShort(step: ReturnType<typeof planClaim>): string {
  switch (step.step) {
    case 'bind':
      return `bind ${step.volume.metadata.name}`;
    case 'default':
      return `default ${step.className}`;
    case 'provision':
      return `provision ${step.provisioner.name}`;
    case 'fail':
      return `fail ${step.why}`;
    default:
      return [step.step, step.told?.reason].filter(Boolean).join(' ');
  }
}

describe('a claim', () => {
  it.each<[string, PersistentVolumeClaim, PersistentVolume[], string, Partial<ClaimWorld>?]>([
    ['takes a free volume', claim(), [volume('a')], 'bind a'],
    ['takes none that is just being bound', claim(), [volume('a')], 'wait FailedBinding', { taken: new Set(['a']) }],
    ['takes the one that is meant for it', claim(), [volume('a'), volume('b', meant)], 'bind b'],
    ['waits without a volume and a class', claim(), [], 'wait FailedBinding'],
    ['takes over a default class', claim(), [], 'default std', { classes: () => [...classes, std] }],
    [
      'that wants no class gets none',
      claim({ storageClassName: '' }),
      [],
      'wait FailedBinding',
      { classes: () => [std] },
    ],
    ['rather takes a volume than a default class', claim(), [volume('a')], 'bind a', { classes: () => [std] }],
    ['is provisioned for', claim({ storageClassName: 'now' }), [], 'provision x.io/y'],
    [
      'of a class once built in goes to its driver',
      claim({ storageClassName: 'ebs' }),
      [],
      'provision ebs.csi.aws.com',
    ],
    ['of an unknown class waits', claim({ storageClassName: 'none' }), [], 'wait ProvisioningFailed'],
    [
      'leaves free volumes to the scheduler where its class says so',
      claim({ storageClassName: 'late' }),
      [volume('a', { storageClassName: 'late' })],
      'wait WaitForFirstConsumer',
    ],
    [
      'takes the volume that the scheduler has chosen',
      claim({ storageClassName: 'late' }),
      [volume('a', { storageClassName: 'late', ...own })],
      'bind a',
    ],
    [
      'waits for its pods',
      claim({ storageClassName: 'late' }),
      [],
      'wait WaitForPodScheduled',
      { unscheduledPods: () => ['p', 'q'] },
    ],
    [
      'is provisioned for when the node is chosen',
      claim({ storageClassName: 'late' }, { 'volume.kubernetes.io/selected-node': 'n1' }),
      [],
      'provision x.io/y',
    ],
    ['waits for the volume that it asks for', claim({ volumeName: 'a' }), [volume('b')], 'wait'],
    ['gets what it asks for', claim({ volumeName: 'a' }), [volume('b'), volume('a')], 'bind a'],
    ['gets what is meant for it', claim({ volumeName: 'a' }), [volume('a', meant)], 'bind a'],
    ['does not get what another has', claim({ volumeName: 'a' }), [volume('a', foreign)], 'wait FailedBinding'],
    [
      'does not get what another is getting',
      claim({ volumeName: 'a' }),
      [volume('a')],
      'wait FailedBinding',
      { taken: new Set(['a']) },
    ],
    [
      'that was given what another has cannot be',
      claim({ volumeName: 'a' }, byController),
      [volume('a', foreign)],
      'fail invalid binding of claim "ns/c" to volume "a": volume already claimed by "ns/d"',
    ],
    ['keeps its volume', claim({ volumeName: 'a' }, done), [volume('a', own)], 'bind a'],
    ['takes its volume back', claim({ volumeName: 'a' }, done), [volume('a')], 'bind a'],
    ['loses a volume that is gone', claim({ volumeName: 'a' }, done), [], 'lose ClaimLost'],
    ['loses a volume it does not name any more', claim({}, done), [volume('a', own)], 'lose ClaimLost'],
    ['loses a volume that another has', claim({ volumeName: 'a' }, done), [volume('a', foreign)], 'lose ClaimMisbound'],
  ])('%s', (_, subject, volumes, expected, more) => {
    expect(inShort(planClaim(subject, world(volumes, more)))).toBe(expected);
  });

  it.each<[PersistentVolumeSpec, string]>([
    [{ capacity: { storage: '1023Mi' } }, 'requested PV is too small'],
    [{ storageClassName: 'now' }, 'storageClassName does not match'],
    [{ volumeAttributesClassName: 'gold' }, 'volumeAttributesClassName does not match'],
    [{ volumeMode: 'Block' }, 'incompatible volumeMode'],
    [{ accessModes: ['ReadOnlyMany'] }, 'incompatible accessMode'],
  ])('does not get the volume it asks for when that is %j', (spec, why) => {
    expect(planClaim(claim({ volumeName: 'a' }), world([volume('a', spec)]))).toEqual({
      step: 'wait',
      told: { type: 'Warning', reason: 'VolumeMismatch', message: `Cannot bind to requested volume "a": ${why}` },
    });
  });

  it.each([
    [['p'], 'waiting for pod p to be scheduled'],
    [['p', 'q'], 'waiting for pods p,q to be scheduled'],
  ])('names the pods %j it waits for', (names, message) => {
    const step = planClaim(claim({ storageClassName: 'late' }), world([], { unscheduledPods: () => names }));
    expect(step).toMatchObject({ told: { type: 'Normal', message } });
  });
});

describe('a volume', () => {
  const Delete = { persistentVolumeReclaimPolicy: 'Delete' } as const;
  it.each<[string, PersistentVolume, PersistentVolumeClaim | undefined, string]>([
    ['without a claim is to be had', volume('a'), undefined, 'available'],
    ['that is meant for a claim waits for it', volume('a', meant), claim(), 'available'],
    ['whose claim is gone is released', volume('a', own), undefined, 'release'],
    [
      'whose claim has a namesake is released',
      volume('a', { claimRef: { ...own.claimRef, uid: 'w' } }),
      claim(),
      'release',
    ],
    ['whose claim has not heard of it waits for that', volume('a', own), claim(), 'finish'],
    ['whose claim is for a block device does not fit', volume('a', own), claim({ volumeMode: 'Block' }), 'mismatch'],
    ['that its claim has is bound', volume('a', own), claim({ volumeName: 'a' }), 'bound'],
    ['whose claim has another is unbound', volume('a', own), claim({ volumeName: 'b' }), 'unbind'],
    ['made for a claim that has another is unbound', volume('a', own, dynamic), claim({ volumeName: 'b' }), 'unbind'],
    [
      'made for a claim that has another is released when it may be deleted',
      volume('a', { ...own, ...Delete }, dynamic),
      claim({ volumeName: 'b' }),
      'release',
    ],
  ])('%s', (_, subject, owner, step) => {
    expect(planVolume(subject, owner).step).toBe(step);
  });

  it('says who has bound it, and is what it was when that is taken back', () => {
    const bound = boundVolume(volume('a'), claim());
    expect(bound.metadata.annotations).toEqual(byController);
    expect(bound.spec?.claimRef).toEqual({
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      namespace: 'ns',
      name: 'c',
      uid: 'u',
    });
    expect(boundVolume(bound, claim())).toBe(bound);
    expect(unboundVolume(bound)).toEqual(volume('a'));
  });

  it('that its user meant for a claim stays so', () => {
    const bound = boundVolume(volume('a', meant), claim());
    expect(bound.metadata.annotations).toEqual({});
    expect(unboundVolume(bound).spec?.claimRef).toEqual({
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      namespace: 'ns',
      name: 'c',
    });
  });
});

it('a claim says who has bound it, and is not written twice', () => {
  const bound = boundClaim(claim(), volume('a'));
  expect([bound.spec?.volumeName, bound.metadata.annotations]).toEqual(['a', { ...done, ...byController }]);
  expect(boundClaim(bound, volume('a'))).toBe(bound);
  expect(boundClaim(claim({ volumeName: 'a' }), volume('a')).metadata.annotations).toEqual(done);
});

it('the capacity of a claim is set when it becomes bound, not after', () => {
  const first = boundStatus(claim(), volume('a', { capacity: { storage: '5Gi' } }));
  expect(first).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
  const bound = { ...claim(), status: first };
  expect(boundStatus(bound, volume('a', { capacity: { storage: '9Gi' } }))).toBe(first);
});

it('a claim is addressed by both annotations, and by a third when the provisioner was once built in', () => {
  const keys = (name: string) => addressedClaim(claim(), provisionerOf(name)!).metadata.annotations;
  expect(keys('x.io/y')).toEqual({
    'volume.beta.kubernetes.io/storage-provisioner': 'x.io/y',
    'volume.kubernetes.io/storage-provisioner': 'x.io/y',
  });
  expect(keys('kubernetes.io/gce-pd')).toHaveProperty(['pv.kubernetes.io/migrated-to'], 'pd.csi.storage.gke.io');
  const addressed = addressedClaim(claim(), provisionerOf('x.io/y')!);
  expect(addressedClaim(addressed, provisionerOf('x.io/y')!)).toBe(addressed);
});

describe('what deletes a volume', () => {
  it.each<[PersistentVolume, ReturnType<typeof deleterOf>]>([
    [volume('a', {}, dynamic), 'external'],
    [volume('a', {}, { 'pv.kubernetes.io/provisioned-by': 'kubernetes.io/aws-ebs' }), 'external'],
    [volume('a', { hostPath: { path: '/tmp/x/' } }), { folder: '/tmp/x' }],
  ])('%j', (subject, deleter) => {
    expect(deleterOf(subject)).toEqual(deleter);
  });

  it.each(['/tmp', '/tmp/', '/tmp/../etc', '/srv/tmp/x'])('the folder %s is not deleted', (path) => {
    expect(() => deleterOf(volume('a', { hostPath: { path } }))).toThrow(
      `host_path deleter only supports /tmp/.+ but received provided ${path}`,
    );
  });
});

it.each([
  [{ hostPath: { path: '/a' } }, '1Gi', 60],
  [{ hostPath: { path: '/a' } }, '10Gi', 300],
  [{ nfs: { server: 's', path: '/a' } }, '1Gi', 300],
  [{ csi: { driver: 'd', volumeHandle: 'h' } }, '1Gi', undefined],
])('the pod that empties %j of %s has %s seconds', (source, size, seconds) => {
  expect(recyclerPod(volume('a', { ...source, capacity: { storage: size } }))?.spec?.activeDeadlineSeconds).toBe(
    seconds,
  );
});
