import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { create, definition, read, refusals, set, update, updateSubresource } from './rules-kit.ts';

const drivers = 'csidrivers/storage.k8s.io';
const nodes = 'csinodes/storage.k8s.io';
const capacities = 'csistoragecapacities/storage.k8s.io';
const attributes = 'volumeattributesclasses/storage.k8s.io';
const attachments = 'volumeattachments/storage.k8s.io';
const immutable = 'field is immutable';

test.each<[string, string[]]>([
  ['{}', []],
  ['{fsGroupPolicy: File, volumeLifecycleModes: [Persistent, Ephemeral], tokenRequests: [{audience: a}]}', []],
  ['{nodeAllocatableUpdatePeriodSeconds: 10}', []],
  [
    '{fsGroupPolicy: Some, volumeLifecycleModes: [Persistent, Rare]}',
    [
      'spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.volumeLifecycleModes: Unsupported value: "Rare": supported values: "Persistent", "Ephemeral"',
    ],
  ],
  [
    '{tokenRequests: [{audience: a, expirationSeconds: 599}, {audience: a}, {audience: "", expirationSeconds: 4294967297}]}',
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      'spec.tokenRequests[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  [
    '{nodeAllocatableUpdatePeriodSeconds: 9, serviceAccountTokenInSecrets: false}',
    [
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
      'spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  ],
])('a CSI driver %s', (spec, expected) => {
  expect(refusals(drivers, `{metadata: {name: d.example.com}, spec: ${spec}}`)).toEqual(expected);
});

test('a CSI driver is named as volumes name it, and keeps how it is attached', () => {
  expect(refusals(drivers, '{metadata: {name: Bad_Name}, spec: {}}')).toEqual([
    expect.stringMatching(/^name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of/),
  ]);
  const changed = update(drivers, 'spec: {}', (object) => {
    set(object, 'spec.attachRequired', false);
    set(object, 'spec.volumeLifecycleModes', ['Ephemeral']);
    set(object, 'spec.podInfoOnMount', true);
  });
  expect(changed).toEqual([
    `spec.attachedRequired: Invalid value: false: ${immutable}`,
    `spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: ${immutable}`,
  ]);
});

test('only what kubelets act upon makes a new generation of a CSI driver', () => {
  const rules = definition(drivers);
  const old = create(drivers, 'spec: {}').object as KubeObject;
  const generation = (spec: string) => {
    const object = read(`spec: ${spec}`);
    rules.defaults?.(object);
    rules.prepareUpdate?.(object, old, { now: 0, user: { name: 'u', groups: [] } });
    return object.metadata.generation;
  };
  expect(generation('{podInfoOnMount: true}')).toBeUndefined();
  expect(generation('{requiresRepublish: true}')).toBe(1);
});

test.each<[string, string[]]>([
  ['[]', []],
  ['[{name: a, nodeID: n, topologyKeys: [x.y/z], allocatable: {count: 0}}]', []],
  [
    '[{name: a, nodeID: ""}, {name: a, nodeID: n, allocatable: {count: -1}}]',
    [
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[1].name: Duplicate value: "a"',
    ],
  ],
  [
    '[{name: a, nodeID: n, topologyKeys: [b, b, "?"]}]',
    [
      'spec.drivers[0]: Duplicate value: "b"',
      expect.stringMatching(/^spec.drivers\[0\]: Invalid value: \["b","b","\?"\]: name part must consist of/) as never,
    ],
  ],
])('drivers of a node %s', (list, expected) => {
  expect(refusals(nodes, `spec: {drivers: ${list}}`)).toEqual(expected);
});

test("a node's driver keeps its id; how many volumes it takes may change", () => {
  const change = (path: string, value: unknown) =>
    update(nodes, 'spec: {drivers: [{name: a, nodeID: n, allocatable: {count: 1}}]}', (object) =>
      set(object, `spec.drivers.0.${path}`, value),
    );
  expect(change('allocatable.count', 2)).toEqual([]);
  expect(change('nodeID', 'm')).toEqual([
    `CSINodeDriver: Invalid value: {"name":"a","nodeID":"m","allocatable":{"count":1}}: ${immutable}`,
  ]);
});

test.each<[string, string[]]>([
  ['{storageClassName: fast, capacity: 1Gi, nodeTopology: {matchLabels: {zone: a}}}', []],
  ['{storageClassName: fast, capacity: "-1"}', ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
  [
    '{storageClassName: fast, nodeTopology: {matchExpressions: [{key: zone, operator: In}]}}',
    ["nodeTopology.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
  ],
  [
    '{storageClassName: ""}',
    [expect.stringMatching(/^storageClassName: Invalid value: "": a lowercase RFC 1123 subdomain/) as never],
  ],
])('a storage capacity %s', (yaml, expected) => {
  expect(refusals(capacities, yaml)).toEqual(expected);
});

test('where a capacity is stays, even where its labels were never good', () => {
  const yaml = '{storageClassName: a, nodeTopology: {matchExpressions: [{key: z, operator: In, values: ["?"]}]}}';
  expect(update(capacities, yaml, (object) => set(object, 'capacity', '1Gi'))).toEqual([]);
  expect(update(capacities, yaml, (object) => set(object, 'nodeTopology', { matchLabels: { z: 'b' } }))).toEqual([
    `nodeTopology: Invalid value: {"matchLabels":{"z":"b"}}: ${immutable}`,
  ]);
  expect(update(capacities, yaml, (object) => set(object, 'storageClassName', 'b'))).toEqual([
    `storageClassName: Invalid value: "b": ${immutable}`,
  ]);
});

test('labels of nodes that have newer names are warned of', () => {
  const zone = 'failure-domain.beta.kubernetes.io/zone';
  const text = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead';
  const warnings = (name: string, yaml: string) => definition(name).warnings?.(read(yaml) as KubeObject, undefined);
  expect(warnings(capacities, `{nodeTopology: {matchLabels: {${zone}: a}}}`)).toEqual([
    `nodeTopology.matchLabels.${zone}: ${text}`,
  ]);
  expect(warnings(capacities, `{nodeTopology: {matchExpressions: [{key: ${zone}, operator: Exists}]}}`)).toEqual([
    `nodeTopology.matchExpressions[0].key: ${zone} is ${text}`,
  ]);
  const classes = 'storageclasses/storage.k8s.io';
  expect(warnings(classes, `allowedTopologies: [{matchLabelExpressions: [{key: ${zone}, values: [a]}]}]`)).toEqual([
    `allowedTopologies[0].matchLabelExpressions[0].key: ${zone} is ${text}`,
  ]);
});

test.each<[string, string[]]>([
  ['{driverName: d, parameters: {iops: "1"}}', []],
  [
    '{parameters: {}}',
    ['driverName: Required value', 'parameters: Required value: must contain at least one key/value pair'],
  ],
  ['{driverName: d, parameters: {"": x}}', ['parameters: Invalid value: "": field can not be empty.']],
])('a class of volume attributes %s', (yaml, expected) => {
  expect(refusals(attributes, yaml)).toEqual(expected);
});

test('a class of volume attributes is never changed', () => {
  const changed = update(attributes, '{driverName: d, parameters: {iops: "1"}}', (object) => {
    set(object, 'driverName', 'e');
    set(object, 'parameters.iops', '2');
  });
  expect(changed).toEqual([
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});

test('a class takes 512 parameters of 256 KiB at most', () => {
  const many = Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`k${i}`, 'v']));
  const classOf = (parameters: object) => JSON.stringify({ driverName: 'd', parameters });
  expect(refusals(attributes, classOf(many))).toEqual(['parameters: Too long: may not be more than 512 bytes']);
  expect(refusals(attributes, classOf({ k: 'v'.repeat(256 * 1024) }))).toEqual([
    'parameters: Too long: may not be more than 262144 bytes',
  ]);
});

const source = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const never = 'may not be specified in the context of inline volumes';
const csi = 'accessModes: [ReadWriteOnce], csi: {driver: d, volumeHandle: h}';

test.each<[string, string[]]>([
  ['{attacher: d, nodeName: n, source: {persistentVolumeName: v}}', []],
  [`{attacher: d, nodeName: n, source: {inlineVolumeSpec: {${csi}}}}`, []],
  ['{attacher: d, nodeName: n, source: {}}', [`spec.source: Required value: ${source}`]],
  [
    `{attacher: d, nodeName: n, source: {persistentVolumeName: v, inlineVolumeSpec: {${csi}}}}`,
    [`spec.source: Forbidden: ${source}`],
  ],
  [
    `{attacher: d, nodeName: n, source: {inlineVolumeSpec: {${csi}, capacity: {storage: 1Gi}, volumeMode: Block, storageClassName: a, persistentVolumeReclaimPolicy: Delete}}}`,
    [
      `spec.source.inlineVolumeSpec.capacity: Forbidden: ${never}`,
      'spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes',
      `spec.source.inlineVolumeSpec.storageClassName: Forbidden: ${never}`,
      'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
    ],
  ],
  [
    '{attacher: d, nodeName: n, source: {inlineVolumeSpec: {accessModes: [ReadWriteOnce], hostPath: {path: /a}}}}',
    ['spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes'],
  ],
  [
    '{attacher: "", nodeName: "N", source: {persistentVolumeName: ""}}',
    [
      'spec.attacher: Required value',
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
      expect.stringMatching(/^spec.nodeName: Invalid value: "N"/) as never,
      'spec.attacher: Required value',
      expect.stringMatching(/^spec.source.persistentVolumeName: Invalid value: ""/) as never,
    ],
  ],
])('a volume attachment %s', (spec, expected) => {
  expect(refusals(attachments, `spec: ${spec}`)).toEqual(expected);
});

test('an attachment is asked for once; its status says how it went', () => {
  const yaml = '{spec: {attacher: d, nodeName: n, source: {persistentVolumeName: v}}, status: {attached: true}}';
  expect(create(attachments, yaml).object['status']).toEqual({ attached: false });
  expect(update(attachments, yaml, (object) => set(object, 'spec.nodeName', 'm'))).toEqual([
    `spec: Invalid value: {"attacher":"d","nodeName":"m","source":{"persistentVolumeName":"v"}}: ${immutable}`,
  ]);
  const { errors } = updateSubresource(attachments, 'status', yaml, (object) => {
    set(object, 'status.attachError', { message: 'x'.repeat(1025) });
    set(object, 'status.detachError', { errorCode: -1 });
  });
  expect(errors).toEqual([
    'status.attachError.message: Too long: may not be more than 1024 bytes',
    'status.detachError.errorCode: Invalid value: -1: must be greater than or equal to 0',
  ]);
});
