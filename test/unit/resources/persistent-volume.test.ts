import { expect, test } from 'vitest';
import { refusals, set, update } from './rules-kit.ts';

const volume = (fields: string): string =>
  `{spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}${fields && `, ${fields}`}}}`;

/** What a volume with one source is refused for, without the prefix that all have. */
const refusalsOf = (source: string): string[] =>
  refusals('persistentvolumes', volume(source)).map((text) => text.replace(/^spec\./, ''));

test.each<[string, string[]]>([
  ['', ['spec: Required value: must specify a volume type']],
  ['hostPath: {path: /a}', []],
  ['hostPath: {path: a/../b}', [`hostPath.path: Invalid value: "a/../b": must not contain '..'`]],
  [
    'gcePersistentDisk: {pdName: "", partition: 256}',
    [
      'persistentDisk.pdName: Required value',
      'persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
    ],
  ],
  ['awsElasticBlockStore: {volumeID: ""}', ['awsElasticBlockStore.volumeID: Required value']],
  [
    'glusterfs: {endpoints: e, path: p, endpointsNamespace: ""}',
    [
      'glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
    ],
  ],
  [
    'flocker: {datasetName: a/b, datasetUUID: u}',
    [
      'flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously',
      `flocker.datasetName: Invalid value: "a/b": must not contain '/'`,
    ],
  ],
  [
    'nfs: {server: "", path: a}',
    ['nfs.server: Required value', 'nfs.path: Invalid value: "a": must be an absolute path'],
  ],
  ['rbd: {monitors: [], image: ""}', ['rbd.monitors: Required value', 'rbd.image: Required value']],
  [
    'quobyte: {registry: r, volume: v}',
    ['quobyte.registry: Invalid value: "r": must be a host:port pair or multiple pairs separated by commas'],
  ],
  ['cephfs: {monitors: []}', ['cephfs.monitors: Required value']],
  [
    'iscsi: {targetPortal: p, iqn: x, lun: 256, chapAuthSession: true}',
    [
      'iscsi.iqn: Invalid value: "x": must be valid format',
      'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'iscsi.secretRef: Required value',
    ],
  ],
  [
    'cinder: {volumeID: v, secretRef: {}}',
    ['cinder.secretRef.name: Required value', 'cinder.secretRef.namespace: Required value'],
  ],
  [
    'fc: {wwids: [a], targetWWNs: [b]}',
    [
      'fc.targetWWNs: Invalid value: ["b"]: targetWWNs and wwids can not be specified simultaneously',
      'fc.lun: Required value: lun is required if targetWWNs is specified',
    ],
  ],
  [
    'flexVolume: {driver: "", options: {kubernetes.io/a: b}}',
    [
      'flexVolume.driver: Required value',
      'flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  [
    'azureFile: {secretName: s, shareName: "", secretNamespace: ""}',
    ['azureFile.shareName: Required value', 'azureFile.secretNamespace: Required value'],
  ],
  ['vsphereVolume: {volumePath: ""}', ['vsphereVolume.volumePath: Required value']],
  ['photonPersistentDisk: {pdID: ""}', ['photonPersistentDisk.pdID: Required value']],
  ['portworxVolume: {volumeID: ""}', ['portworxVolume.volumeID: Required value']],
  [
    'azureDisk: {diskName: d, diskURI: x, cachingMode: All, kind: Managed}',
    [
      'azureDisk.cachingMode: Unsupported value: "All": supported values: "None", "ReadOnly", "ReadWrite"',
      'azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
    ],
  ],
  ['scaleIO: {gateway: g, system: "", volumeName: v, secretRef: {}}', ['scaleIO.system: Required value']],
  ['local: {path: /a}', ['nodeAffinity: Required value: Local volume requires node affinity']],
  ['storageos: {volumeName: ""}', ['storageos.volumeName: Required value']],
  [
    'csi: {driver: "", volumeHandle: "", nodeStageSecretRef: {}, nodePublishSecretRef: {name: A_B}}',
    [
      'csi.driver: Required value',
      'csi.volumeHandle: Required value',
      expect.stringMatching(
        /^csi\.nodePublishSecretRef\.name: Invalid value: "A_B": a lowercase RFC 1123 subdomain/,
      ) as never,
      'csi.nodePublishSecretRef.namespace: Required value',
    ],
  ],
  ['hostPath: {path: /a}, nfs: {server: s, path: /a}', ['nfs: Forbidden: may not specify more than 1 volume type']],
  [
    'volumeAttributesClassName: "", hostPath: {path: /a}',
    [
      'volumeAttributesClassName: Required value: an empty string is disallowed',
      'csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
])('a volume with %s', (source, expected) => {
  expect(refusalsOf(source)).toEqual(expected);
});

const zone = 'failure-domain.beta.kubernetes.io/zone';
const reachable = (key: string) =>
  `hostPath: {path: /a}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: ${key}, operator: In, values: [z]}]}]}}`;
const keyPath = 'spec.nodeAffinity.required.nodeSelectorTerms.0.matchExpressions.0.key';

test('a volume stays where it is, though the label that says so may take its new name', () => {
  const change = (to: string) =>
    update('persistentvolumes', volume(reachable(zone)), (object) => set(object, keyPath, to));
  expect(change('topology.kubernetes.io/zone')).toEqual([]);
  expect(change('topology.kubernetes.io/region')).toEqual([
    expect.stringMatching(
      /^nodeAffinity: Invalid value: .*: field is immutable, except for updating from beta label to GA$/,
    ),
  ]);
});
