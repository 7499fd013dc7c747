import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { create, definition, read, refusals, set, update } from './rules-kit.ts';

const slices = 'resourceslices/resource.k8s.io';
const immutable = 'field is immutable';
const pool = 'driver: d.example.com, pool: {name: node/a, generation: 1, resourceSliceCount: 1}';
const slice = (values: string) => `spec: {${pool}, ${values}}`;
const onNode = (devices: string) => slice(`nodeName: n, devices: [${devices}]`);

test.each([
  onNode(
    '{name: a, attributes: {model: {string: x}, example.com/v: {version: 1.2.3-rc.1+b}}, capacity: {memory: {value: 1Gi}}}',
  ),
  slice('allNodes: true, sharedCounters: [{name: c, counters: {m: {value: 1}}}]'),
  slice('nodeSelector: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}'),
  slice('perDeviceNodeSelection: true, devices: [{name: a, nodeName: n}, {name: b, allNodes: true}]'),
  onNode(
    '{name: a, allowMultipleAllocations: true, capacity: {m: {value: 10, requestPolicy: {default: 2, validValues: [1, 2, 4]}}}}',
  ),
  onNode(
    '{name: a, allowMultipleAllocations: true, capacity: {m: {value: 10, requestPolicy: {default: 4, validRange: {min: 2, max: 8, step: 2}}}}}',
  ),
  onNode('{name: a, consumesCounters: [{counterSet: c, counters: {m: {value: 1}}}]}'),
])('a slice is taken: %s', (yaml) => {
  expect(refusals(slices, yaml)).toEqual([]);
});

test('capitals in the name of a driver are warned of', () => {
  const warnings = (driver: string) =>
    definition(slices).warnings?.(read(`spec: {driver: ${driver}}`) as KubeObject, undefined);
  expect(warnings('d.example.com')).toEqual([]);
  expect(warnings('D.example.com')).toEqual([
    'spec.driver: driver names should be lowercase; "D.example.com" contains uppercase characters',
  ]);
});

test('a taint is there since now', () => {
  const { object, errors } = create(slices, onNode('{name: a, taints: [{key: k, effect: NoSchedule}]}'));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { devices: [{ taints: [{ timeAdded: '2026-01-01T00:00:00Z' }] }] } });
});

const places = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const placed =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

test.each<[string, string[]]>([
  [
    'spec: {driver: d, pool: {name: p//q, generation: -1, resourceSliceCount: 0}}',
    [
      expect.stringMatching(/^spec.pool.name: Invalid value: "": a lowercase/) as never,
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      `spec: Required value: ${places}`,
    ],
  ],
  [
    slice('nodeName: n, allNodes: true, perDeviceNodeSelection: false'),
    [
      'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
      `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${places}, but multiple fields are set`,
    ],
  ],
  [
    slice('nodeSelector: {nodeSelectorTerms: []}'),
    [
      'spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.nodeSelector.nodeSelectorTerms: Invalid value: []: must have exactly one node selector term',
    ],
  ],
  [
    slice('allNodes: true, devices: [{name: a}], sharedCounters: [{name: "", counters: {}}]'),
    [
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
      'spec.sharedCounters[0].name: Required value',
      'spec.sharedCounters[0].counters: Required value',
    ],
  ],
  [
    onNode('{name: A}, {name: a, nodeName: n}, {name: a}'),
    [
      expect.stringMatching(/^spec.devices\[0\].name: Invalid value: "A": a lowercase/) as never,
      'spec.devices[1]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      'spec.devices[2]: Duplicate value: "a"',
    ],
  ],
  [
    slice(
      'perDeviceNodeSelection: true, devices: [{name: a}, {name: b, nodeName: n, allNodes: true}, {name: c, allNodes: false, nodeName: ""}]',
    ),
    [
      `spec.devices[0]: Required value: ${placed}`,
      `spec.devices[1]: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${placed}`,
      'spec.devices[2].nodeName: Invalid value: "": must not be empty',
      'spec.devices[2].allNodes: Invalid value: false: must be either unset or set to true',
      `spec.devices[2]: Required value: ${placed}`,
    ],
  ],
  [
    onNode(
      `{name: a, attributes: {"9": {bool: true}, a/b/c: {int: 1}, two: {int: 1, bool: true}, none: {}, v: {version: "1.2"}, long: {string: ${'x'.repeat(65)}}}}`,
    ),
    [
      expect.stringMatching(
        /^spec.devices\[0\].attributes: Invalid value: "9": a valid C identifier must start/,
      ) as never,
      'spec.devices[0].attributes: Invalid value: "a/b/c": must not contain more than one slash',
      'spec.devices[0].attributes[two]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified',
      'spec.devices[0].attributes[none]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
      'spec.devices[0].attributes[long].string: Too long: may not be more than 64 bytes',
    ],
  ],
  [
    onNode(
      '{name: a, taints: [{key: "", effect: ""}, {key: k, value: "?", effect: Odd}], consumesCounters: [{counterSet: "", counters: {}}]}',
    ),
    [
      'spec.devices[0].taints[0].key: Invalid value: "": name part must be non-empty',
      expect.stringMatching(/taints\[0\].key: Invalid value: "": name part must consist of/) as never,
      'spec.devices[0].taints[0].effect: Required value',
      expect.stringMatching(/taints\[1\].value: Invalid value: "\?": a valid label/) as never,
      'spec.devices[0].taints[1].effect: Unsupported value: "Odd": supported values: "NoExecute", "NoSchedule", "None"',
      'spec.devices[0].consumesCounters[0].counterSet: Required value',
      'spec.devices[0].consumesCounters[0].counters: Required value',
    ],
  ],
  [
    onNode('{name: a, nodeAllocatableResourceMappings: {pods: {capacityKey: m}, cpu: {capacityKey: ""}}}'),
    [
      'spec.devices[0].nodeAllocatableResourceMappings[pods]: Invalid value: "pods": must be a node allocatable resource name',
      'spec.devices[0].nodeAllocatableResourceMappings[pods].capacityKey: Not found: "m"',
      'spec.devices[0].nodeAllocatableResourceMappings[cpu].capacityKey: Invalid value: "": capacityKey must not be an empty string',
    ],
  ],
])('a slice is refused: %s', (yaml, expected) => {
  expect(refusals(slices, yaml)).toEqual(expected);
});

const policy = (values: string) =>
  onNode(`{name: a, allowMultipleAllocations: true, capacity: {m: {value: "10", requestPolicy: {${values}}}}}`);
const at = 'spec.devices[0].capacity[m].requestPolicy';

test.each<[string, string[]]>([
  [
    'default: "1", validValues: ["1"], validRange: {min: "1"}',
    [
      `${at}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
    ],
  ],
  ['validValues: ["1"]', [`${at}.default: Required value: required when validValues is defined`]],
  ['validRange: {min: "1"}', [`${at}.default: Required value: required when validRange is defined`]],
  [
    'default: "3", validValues: ["2", "1", "11", "1"]',
    [
      `${at}.validValues[1]: Invalid value: "1": values must be sorted in ascending order`,
      `${at}.validValues[3]: Invalid value: "1": values must be sorted in ascending order`,
      `${at}.validValues[2]: Invalid value: "11": option is larger than capacity value: 10`,
      `${at}.validValues[3]: Duplicate value: "1"`,
      `${at}.validValues: Invalid value: "3": default value is not valid according to the requestPolicy`,
    ],
  ],
  [
    'default: "1", validRange: {min: "12", max: "11", step: "0"}',
    [
      `${at}.validRange.min: Invalid value: "12": min is larger than capacity value: 10`,
      `${at}.validRange.default: Invalid value: "1": default is less than min: 12`,
      `${at}.validRange.max: Invalid value: "12": min is larger than max: 11`,
      `${at}.validRange.max: Invalid value: "11": max is larger than capacity value: 10`,
      `${at}.validRange.step: Invalid value: "0": must be greater than zero`,
    ],
  ],
  [
    'default: "4", validRange: {min: "1", max: "5", step: "2"}',
    [`${at}.validRange.step: Invalid value: "4": value is not a multiple of a given step (2) from (1)`],
  ],
  [
    'default: "1", validRange: {min: "1", step: "10"}',
    [`${at}.validRange.step: Invalid value: "10": one step 11 is larger than capacity value: 10`],
  ],
])('a policy of requests %s', (values, expected) => {
  expect(refusals(slices, policy(values))).toEqual(expected);
});

test('only shared devices have policies of requests', () => {
  expect(refusals(slices, onNode('{name: a, capacity: {m: {value: 1, requestPolicy: {default: 1}}}}'))).toEqual([
    `${at}: Forbidden: allowMultipleAllocations must be true`,
  ]);
});

const many = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(', ');

test('a slice holds 128 plain devices, 64 with taints or counters', () => {
  expect(refusals(slices, onNode(many(128, (i) => `{name: d${i}}`)))).toEqual([]);
  expect(refusals(slices, onNode(many(129, (i) => `{name: d${i}}`)))).toEqual([
    'spec.devices: Too many: 129: must have at most 128 items',
  ]);
  const tainted = (i: number) => `{name: d${i}, taints: [{key: k, effect: None}]}`;
  expect(refusals(slices, onNode(many(65, tainted)))).toEqual([
    'spec.devices: Too many: 65: must have at most 64 items',
  ]);
});

test('a device says 32 things at most', () => {
  const entries = many(33, (i) => `a${i}: {int: 1}`);
  expect(refusals(slices, onNode(`{name: a, attributes: {${entries}}}`))).toEqual([
    'spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32',
  ]);
  expect(refusals(slices, onNode(`{name: a, attributes: {a: {ints: [${many(49, String)}]}}}`))).toEqual([
    'spec.devices[0]: Invalid value: 49: the total number of attribute values must not exceed 48',
  ]);
});

test('whose devices a slice lists is fixed; what was taken once stays good', () => {
  const yaml = onNode('{name: a, taints: [{key: k, effect: Odd}], capacity: {"9": {value: 1}}}');
  expect(update(slices, yaml, (object) => set(object, 'spec.pool.generation', 2))).toEqual([]);
  const changed = update(slices, onNode('{name: a}'), (object) => {
    set(object, 'spec.pool.name', 'b');
    set(object, 'spec.driver', 'e');
    set(object, 'spec.nodeName', 'm');
  });
  expect(changed).toEqual([
    `spec.pool.name: Invalid value: "b": ${immutable}`,
    `spec.driver: Invalid value: "e": ${immutable}`,
    `spec.nodeName: Invalid value: "m": ${immutable}`,
  ]);
});
