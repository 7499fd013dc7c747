import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const claim = (extra = '', size = '1Gi') =>
  `spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: ${size}}}${extra && `, ${extra}`}}`;
const volume = (extra: string) => `spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], ${extra}}`;
const onHost = volume('hostPath: {path: /data}');

test('a new claim waits for a volume', () => {
  const { object, errors } = create(
    'persistentvolumeclaims',
    claim('dataSource: {kind: PersistentVolumeClaim, name: b}'),
  );
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    spec: { volumeMode: 'Filesystem', dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' } },
    status: { phase: 'Pending' },
  });
});

test.each<[string, string, string[]]>([
  [
    'nothing asked',
    'spec: {}',
    ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
  ],
  ['no space', claim('', '0'), ['spec.resources[storage]: Invalid value: "0": must be greater than zero']],
  [
    'an unknown mode',
    claim('volumeMode: Tape'),
    ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  ],
])('a claim is refused for %s', (_, yaml, expected) => {
  expect(refusals('persistentvolumeclaims', yaml)).toEqual(expected);
});

const immutable =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

test('a claim may be bound once, and get a class while it has none', () => {
  const bind = (yaml: string) =>
    update('persistentvolumeclaims', yaml, (object) => {
      set(object, 'spec.volumeName', 'v');
      set(object, 'spec.storageClassName', 'fast');
    });
  expect(bind(claim())).toEqual([]);
  expect(bind(claim('volumeName: w, storageClassName: slow'))).toEqual([
    `${immutable}\n- volumeName: "w"\n+ volumeName: "v"\n- storageClassName: "slow"\n+ storageClassName: "fast"\n`,
  ]);
});

test('only bound claims grow', () => {
  const errors = update('persistentvolumeclaims', claim(), (object) =>
    set(object, 'spec.resources.requests.storage', '2Gi'),
  );
  expect(errors).toEqual([`${immutable}\n- resources.requests.storage: "1Gi"\n+ resources.requests.storage: "2Gi"\n`]);
});

test('a new volume is pending', () => {
  const { object, errors } = create('persistentvolumes', onHost);
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } },
    status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' },
  });
});

test.each<[string, string, string[]]>([
  ['no content', volume(''), ['spec: Required value: must specify a volume type']],
  [
    'two contents',
    volume('hostPath: {path: /a}, local: {path: /b}'),
    ['spec.local: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a local volume anywhere',
    volume('local: {path: /b}'),
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'emptying the host',
    volume('hostPath: {path: /}, persistentVolumeReclaimPolicy: Recycle'),
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  ['a volume of no driver', volume('csi: {driver: a.b, volumeHandle: ""}'), ['spec.csi.volumeHandle: Required value']],
])('a volume is refused for %s', (_, yaml, expected) => {
  expect(refusals('persistentvolumes', yaml)).toEqual(expected);
});

test('the content of a volume is fixed', () => {
  const errors = update('persistentvolumes', onHost, (object) => set(object, 'spec.hostPath.path', '/b'));
  expect(errors).toEqual([
    'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n- hostPath.path: "/data"\n+ hostPath.path: "/b"\n',
  ]);
});

test('a change of phase gets its time', () => {
  const { object } = updateSubresource('persistentvolumes', 'status', onHost, (edited) => {
    set(edited, 'status.phase', 'Bound');
    set(edited, 'status.lastPhaseTransitionTime', undefined);
  });
  expect(object['status']).toMatchObject({ phase: 'Bound', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' });
});
