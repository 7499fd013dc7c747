import { expect, test } from 'vitest';
import { type KubeObject, type Mutable, thaw } from '../../../src/api/object.ts';
import { create, definition, read, refusals, set, update } from './rules-kit.ts';

const immutable = 'field is immutable';

test('a controller revision is a record', () => {
  expect(refusals('controllerrevisions/apps', '{revision: 1, data: {a: 1}}')).toEqual([]);
  expect(refusals('controllerrevisions/apps', 'revision: -1')).toEqual([
    'data: Required value: data is mandatory',
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ]);
  const change = (path: string, value: unknown) =>
    update('controllerrevisions/apps', '{revision: 1, data: {a: 1}}', (object) => set(object, path, value));
  expect(change('revision', 2)).toEqual([]);
  expect(change('data.a', 2)).toEqual([`data: Invalid value: {"a":2}: ${immutable}`]);
});

test('a runtime class keeps its handler', () => {
  const yaml = '{handler: runc, overhead: {podFixed: {cpu: 10m}}, scheduling: {nodeSelector: {a: b}}}';
  expect(refusals('runtimeclasses/node.k8s.io', yaml)).toEqual([]);
  expect(refusals('runtimeclasses/node.k8s.io', '{handler: runc, overhead: {podFixed: {pods: 1}}}')).toEqual([
    'overhead.limits[pods]: Invalid value: "pods": must be a standard resource for containers',
  ]);
  expect(refusals('runtimeclasses/node.k8s.io', 'handler: Run_C')).toEqual([
    expect.stringMatching('^handler: Invalid value: "Run_C": a lowercase RFC 1123 label must consist of'),
  ]);
  expect(update('runtimeclasses/node.k8s.io', yaml, (object) => set(object, 'handler', 'kata'))).toEqual([
    `handler: Invalid value: "kata": ${immutable}`,
  ]);
});

test('a runtime class warns of labels that have newer names', () => {
  const old = read('{handler: runc, scheduling: {nodeSelector: {beta.kubernetes.io/os: linux, a: b}}}') as KubeObject;
  expect(definition('runtimeclasses/node.k8s.io').warnings?.(old, undefined)).toEqual([
    'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});

test('a lease has an end, and nobody elects its holder', () => {
  const yaml = 'spec: {leaseDurationSeconds: 1, strategy: Newest, preferredHolder: h}';
  const { object, errors } = create('leases/coordination.k8s.io', yaml);
  expect(errors).toEqual([]);
  expect(object['spec']).toEqual({ leaseDurationSeconds: 1 });
  expect(refusals('leases/coordination.k8s.io', 'spec: {leaseDurationSeconds: 0, leaseTransitions: -1}')).toEqual([
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

const slices = 'endpointslices/discovery.k8s.io';
const slice = (endpoint: string, type = 'IPv4') => `{addressType: ${type}, endpoints: [{${endpoint}}]}`;

test.each<[string, string[]]>([
  [slice('addresses: [10.0.0.1], hints: {forZones: [{name: a}], forNodes: [{name: n}]}'), []],
  [
    slice('addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: a}], forNodes: [{name: N}]}'),
    [
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      expect.stringMatching(/^endpoints\[0\].hints.forNodes\[0\].name: Invalid value: "N": a lowercase/) as never,
    ],
  ],
  [
    slice(`addresses: [10.0.0.1], hints: {forNodes: [${'{name: n}, '.repeat(9)}]}`),
    ['endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items'],
  ],
])('hints of an endpoint %s', (yaml, expected) => {
  expect(refusals(slices, yaml)).toEqual(expected);
});

const at = 'endpoints[0].addresses';
const loopback = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';

test.each<[string, string[]]>([
  [
    slice('addresses: [010.0.0.1, a, 127.0.0.1]'),
    [
      `${at}[0]: Invalid value: "010.0.0.1": must not have leading 0s`,
      `${at}[1]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
      `${at}[2]: Invalid value: "127.0.0.1": ${loopback}`,
    ],
  ],
  [
    slice('addresses: ["::1"]'),
    [`${at}: Invalid value: "::1": must be an IPv4 address`, `${at}[0]: Invalid value: "::1": ${loopback}`],
  ],
  [
    slice('addresses: [1.2.3.4, "FD00::01", "::ffff:1.2.3.4"]', 'IPv6'),
    [
      `${at}: Invalid value: "1.2.3.4": must be an IPv6 address`,
      `${at}[1]: Invalid value: "FD00::01": must be in canonical form ("fd00::1")`,
      `${at}[2]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address`,
    ],
  ],
  [
    '{addressType: Name, endpoints: [{}], ports: [{name: A}]}',
    [
      'addressType: Unsupported value: "Name": supported values: "FQDN", "IPv4", "IPv6"',
      expect.stringMatching(/^ports\[0\].name: Invalid value: "A": a lowercase RFC 1123 label/) as never,
      `${at}: Required value: must contain at least 1 address`,
    ],
  ],
])('addresses of an endpoint %s', (yaml, expected) => {
  expect(refusals(slices, yaml)).toEqual(expected);
});

test('endpoints stored under older rules may stay', () => {
  const old = slice('addresses: [010.0.0.1]');
  expect(update(slices, old, (object) => set(object, 'metadata.labels', { a: 'b' }))).toEqual([]);
  expect(update(slices, old, (object) => set(object, 'endpoints.1', { addresses: ['10.0.0.2'] }))).toEqual([
    `${at}[0]: Invalid value: "010.0.0.1": must not have leading 0s`,
  ]);
});

test('topology of an endpoint is history: the node is kept, the rest is dropped', () => {
  const rules = definition(slices);
  const host = (name: string) => ({ 'kubernetes.io/hostname': name, zone: 'a' });
  const fresh = create(slices, slice('addresses: [10.0.0.1], deprecatedTopology: {zone: a}')).object;
  expect(fresh['endpoints']).toEqual([{ addresses: ['10.0.0.1'] }]);
  const old = {
    ...read('addressType: IPv4'),
    endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: host('n') }],
  } as unknown as KubeObject;
  const object = thaw({
    ...old,
    endpoints: [
      { addresses: ['10.0.0.2'], deprecatedTopology: host('n') },
      { addresses: ['10.0.0.3'], deprecatedTopology: host('m') },
    ],
  }) as Mutable<KubeObject>;
  rules.prepareUpdate?.(object, old, { now: 0, user: { name: 'u', groups: [] } });
  expect(object['endpoints']).toEqual([{ addresses: ['10.0.0.2'], nodeName: 'n' }, { addresses: ['10.0.0.3'] }]);
});

test('labels of a slice count as its content', () => {
  const old = { ...read(slice('addresses: [10.0.0.1]')) };
  old.metadata = { ...old.metadata, generation: 4 };
  const object = thaw(old as KubeObject) as Mutable<KubeObject>;
  set(object, 'metadata.labels', { a: 'b' });
  definition(slices).prepareUpdate?.(object, old as KubeObject, { now: 0, user: { name: 'u', groups: [] } });
  expect(object.metadata.generation).toBe(5);
});

test('slices warn of names as addresses and of unusual spellings', () => {
  const warnings = (yaml: string) => definition(slices).warnings?.(read(yaml) as KubeObject, undefined);
  expect(warnings(slice('addresses: [a.b]', 'FQDN'))).toEqual(['spec.addressType: FQDN endpoints are deprecated']);
  expect(warnings(slice('addresses: ["FD00::01"]', 'IPv6'))).toEqual([
    'endpoints[0].addresses[0]: IPv6 address "FD00::01" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
});
