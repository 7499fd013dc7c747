import { describe, expect, test } from 'vitest';
import type {
  PersistentVolumeSpec,
  Pod,
  PodSecurityContext,
  SELinuxOptions,
} from '../../../src/api/types/core-v1.gen.ts';
import {
  conflictsOf,
  type LabelledVolume,
  labelOf,
  labelsConflict,
  usesOf,
  type VolumeUse,
} from '../../../src/controllers/selinux-warning/plan.ts';
import { resolveVolume } from '../../../src/controllers/selinux-warning/volumes.ts';

test.each<[SELinuxOptions | undefined, string]>([
  [undefined, ''],
  [{}, ''],
  [{ level: 's0:c1,c2' }, ':::s0:c1,c2'],
  [{ user: 'u', role: 'r', type: 't', level: 's0' }, 'u:r:t:s0'],
])('the label of %j is %j', (options, expected) => {
  expect(labelOf(options)).toBe(expected);
});

test.each([
  ['u:r:t:s0:c1,c2', 'u:r:t:s0:c1,c2', false],
  ['u:r:t:s0:c1,c2', ':::s0:c1,c2', false],
  ['u:r:t:s0:c1,c2', ':::s0:c98,c99', true],
  ['u:r:t:s0', '', false],
  ['u:r:a:', 'u:r:b:', true],
])('labels %j and %j: conflict %s', (a, b, expected) => {
  expect([labelsConflict(a, b), labelsConflict(b, a)]).toEqual([expected, expected]);
});

describe('a pod uses its volume', () => {
  const pod = (labels: (string | undefined)[], context: PodSecurityContext = {}): Pod => ({
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      securityContext: context,
      containers: labels.map((level, i) => ({
        name: `c${i}`,
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        ...(level !== undefined && { securityContext: { seLinuxOptions: { level } } }),
      })),
    },
  });
  const volume: LabelledVolume = { name: 'vol', mountable: true };
  const use = (of: Pod, mountable = true) => {
    const { uses, torn } = usesOf(of, () => ({ ...volume, mountable }));
    return [uses.map(({ label, policy }) => `${label} ${policy}`), torn];
  };
  const recursive = { seLinuxChangePolicy: 'Recursive' };

  test.each<[string, Pod, boolean, unknown]>([
    ['with its label', pod(['s1']), true, [[':::s1 MountOption'], []]],
    [
      "with the pod's where it says none",
      pod([undefined], { seLinuxOptions: { level: 's2' } }),
      true,
      [[':::s2 MountOption'], []],
    ],
    ['without a label', pod([undefined]), true, [[' Recursive'], []]],
    ['file by file when it says so', pod(['s1'], recursive), true, [[' Recursive'], []]],
    ['file by file when the volume cannot be mounted so', pod(['s1']), false, [[' Recursive'], []]],
    ['twice alike', pod(['s1', 's1', undefined]), true, [[':::s1 MountOption'], []]],
    ['twice with different labels, which is told', pod(['s1', 's2']), true, [[], ['v']]],
  ])('%s', (_, of, mountable, expected) => {
    expect(use(of, mountable)).toEqual(expected);
  });

  test('not at all, where SELinux does not concern it', () => {
    expect(usesOf(pod(['s1']), () => undefined)).toEqual({ uses: [], torn: [] });
  });

  test('which others use differently: both are told, and nobody of other namespaces by name', () => {
    const as = (label: string, policy = 'MountOption'): VolumeUse => ({ volume, label, policy });
    const others = new Map([
      ['default/p', as(':::s1')],
      ['default/q', as(':::s2')],
      ['other/r', as(':::s1', 'Recursive')],
    ]);
    const end = 'If both pods land on the same node, only one of them may access the volume.';
    expect(conflictsOf('default/p', as(':::s1'), others)).toEqual([
      {
        pod: 'default/p',
        reason: 'SELinuxLabelConflict',
        message: `SELinuxLabel ":::s1" conflicts with pod q that uses the same volume as this pod with SELinuxLabel ":::s2". ${end}`,
      },
      {
        pod: 'default/q',
        reason: 'SELinuxLabelConflict',
        message: `SELinuxLabel ":::s2" conflicts with pod p that uses the same volume as this pod with SELinuxLabel ":::s1". ${end}`,
      },
      {
        pod: 'default/p',
        reason: 'SELinuxChangePolicyConflict',
        message: `SELinuxChangePolicy"MountOption" conflicts with another pod that uses the same volume as this pod with a different SELinuxChangePolicy. ${end}`,
      },
      {
        pod: 'other/r',
        reason: 'SELinuxChangePolicyConflict',
        message: `SELinuxChangePolicy"Recursive" conflicts with another pod that uses the same volume as this pod with a different SELinuxChangePolicy. ${end}`,
      },
    ]);
  });
});

test.each<[string, PersistentVolumeSpec, LabelledVolume | undefined]>([
  ['CSI', { csi: { driver: 'd', volumeHandle: 'h' } }, { name: 'kubernetes.io/csi/d^h', mountable: true, driver: 'd' }],
  [
    'CSI of a driver that does not say so',
    { csi: { driver: 'other', volumeHandle: 'h' } },
    { name: 'kubernetes.io/csi/other^h', mountable: false, driver: 'other' },
  ],
  ['FC', { fc: { targetWWNs: ['a', 'b'], lun: 2 } }, { name: 'kubernetes.io/fc/[a b]:2', mountable: true }],
  [
    'iSCSI',
    { iscsi: { targetPortal: 'p:1', iqn: 'i', lun: 0 } },
    { name: 'kubernetes.io/iscsi/p:1:i:0', mountable: true },
  ],
  ['a folder', { hostPath: { path: '/x' } }, undefined],
])('a volume of type %s', (_, spec, expected) => {
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
  };
  const book = {
    volumeOf: (claim: string) => (claim === 'default/c' ? { metadata: {}, spec } : undefined),
    driver: (name: string) => (name === 'd' ? { metadata: {}, spec: { seLinuxMount: true } } : undefined),
  };
  expect(resolveVolume(pod, 'v', book)).toEqual(expected);
});
