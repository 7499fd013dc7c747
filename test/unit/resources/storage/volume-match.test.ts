import { describe, expect, test } from 'vitest';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from '../../../../src/api/types/core-v1.gen.ts';
import {
  leastCapableVolume,
  type MatchOptions,
  matchingVolume,
} from '../../../../src/resources/storage/volume-match.ts';

interface VolumeFields extends PersistentVolumeSpec {
  readonly size?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly phase?: 'Pending' | 'Available' | 'Released';
  readonly deletionTimestamp?: string;
}

function volume(name: string, fields: VolumeFields = {}): PersistentVolume {
  const { size = '1Gi', labels = {}, annotations = {}, phase = 'Available', deletionTimestamp, ...spec } = fields;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels, annotations, ...(deletionTimestamp && { deletionTimestamp }) },
    spec: { capacity: { storage: size }, accessModes: ['ReadWriteOnce'], ...spec },
    status: { phase },
  };
}

function claim(spec: PersistentVolumeClaimSpec = {}, annotations: Record<string, string> = {}): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'ns', uid: 'u', annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  };
}

const zone = (value: string): VolumeFields => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] },
  },
});
const legacy = 'volume.beta.kubernetes.io/storage-class';
const mine = { namespace: 'ns', name: 'c' };

test.each<[string, PersistentVolumeClaim, PersistentVolume[], MatchOptions, string | undefined]>([
  ['one that fits', claim(), [volume('a')], {}, 'a'],
  ['the smallest', claim(), [volume('a', { size: '3Gi' }), volume('b', { size: '2Gi' })], {}, 'b'],
  ['the first of two equals', claim(), [volume('a'), volume('b')], {}, 'a'],
  ['none that is too small', claim(), [volume('a', { size: '1023Mi' })], {}, undefined],
  ['none of another class', claim({ storageClassName: 'fast' }), [volume('a')], {}, undefined],
  ['one of the class', claim({ storageClassName: 'fast' }), [volume('a', { storageClassName: 'fast' })], {}, 'a'],
  ['a class by annotation', claim({}, { [legacy]: 'x' }), [volume('a', { annotations: { [legacy]: 'x' } })], {}, 'a'],
  ['none for other access modes', claim({ accessModes: ['ReadWriteMany'] }), [volume('a')], {}, undefined],
  ['none of another volume mode', claim({ volumeMode: 'Block' }), [volume('a')], {}, undefined],
  ['none of other attributes', claim({ volumeAttributesClassName: 'gold' }), [volume('a')], {}, undefined],
  ['none that is Released', claim(), [volume('a', { phase: 'Released' })], {}, undefined],
  ['none that is going', claim(), [volume('a', { deletionTimestamp: '2026-01-01T00:00:00Z' })], {}, undefined],
  [
    'one by labels',
    claim({ selector: { matchLabels: { tier: 'gold' } } }),
    [volume('a'), volume('b', { labels: { tier: 'gold' } })],
    {},
    'b',
  ],
  ['none of another claim', claim(), [volume('a', { claimRef: { ...mine, name: 'other' } })], {}, undefined],
  ['none of an older claim of the name', claim(), [volume('a', { claimRef: { ...mine, uid: 'v' } })], {}, undefined],
  [
    'the one that names the claim, whatever its class, size and phase',
    claim(),
    [volume('a'), volume('b', { claimRef: mine, storageClassName: 'x', size: '9Gi', phase: 'Pending' })],
    {},
    'b',
  ],
  ['none that names the claim and is too small', claim(), [volume('a', { claimRef: mine, size: '1' })], {}, undefined],
  ['only one that names it, when others are not to be chosen', claim(), [volume('a')], { onlyBound: true }, undefined],
  ['the one that names it then', claim(), [volume('a', { claimRef: mine })], { onlyBound: true }, 'a'],
  ['none that is spoken for', claim(), [volume('a'), volume('b')], { excluded: new Set(['a']) }, 'b'],
  ['one the node reaches', claim(), [volume('a', zone('x')), volume('b', zone('y'))], { node: { zone: 'y' } }, 'b'],
  [
    'none when the one that names it is out of reach',
    claim(),
    [volume('a'), volume('b', { claimRef: mine, ...zone('x') })],
    { node: { zone: 'y' } },
    undefined,
  ],
  ['one out of reach when there is no node yet', claim(), [volume('a', zone('x'))], {}, 'a'],
])('a claim gets %s', (_, wanted, volumes, options, expected) => {
  expect(matchingVolume(wanted, volumes, options)?.metadata.name).toBe(expected);
});

describe('the binder', () => {
  const many = volume('many', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'] });
  const once = volume('once', { size: '5Gi' });

  test('keeps volumes that can do more, even if they are smaller', () => {
    expect(leastCapableVolume(claim(), [many, once])?.metadata.name).toBe('once');
    expect(leastCapableVolume(claim({ accessModes: ['ReadWriteMany'] }), [many, once])?.metadata.name).toBe('many');
  });

  test('takes one that can do more when nothing else fits', () => {
    const tooSmall = volume('small', { size: '1Mi' });
    expect(leastCapableVolume(claim(), [many, tooSmall])?.metadata.name).toBe('many');
  });
});
