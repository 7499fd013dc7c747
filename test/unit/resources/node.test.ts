import { expect, test } from 'vitest';
import { refusals, set, update, updateSubresource } from './rules-kit.ts';

test.each<[string, string, string[]]>([
  ['nothing', '{}', []],
  [
    'taints that repeat and misspell',
    '{spec: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule, value: b}, {key: "a b", effect: Never}]}}',
    [
      'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule","value":"b"}: taints must be unique by key and effect pair',
      expect.stringMatching(/^metadata\.taints\[2\]\.key: Invalid value: "a b"/) as never,
      'metadata.taints[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'taints in the annotation of old',
    `{metadata: {annotations: {scheduler.alpha.kubernetes.io/taints: '[{"key":"a","effect":"No"}]'}}}`,
    [
      'metadata.annotations.scheduler.alpha.kubernetes.io/taints[0].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  [
    'an annotation that cannot be read',
    '{metadata: {annotations: {scheduler.alpha.kubernetes.io/taints: "{"}}}',
    [
      'metadata.annotations: Invalid value: "scheduler.alpha.kubernetes.io/taints": cannot read "{" as a list of taints',
    ],
  ],
  [
    'pods to avoid without their controller',
    `{metadata: {annotations: {scheduler.alpha.kubernetes.io/preferAvoidPods: '{"preferAvoidPods":[{"podSignature":{}},{"podSignature":{"podController":{}}}]}'}}}`,
    [
      'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature: Required value',
      'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[1].PodSignature.PodController.Controller: Invalid value: false: must point to a controller',
    ],
  ],
  [
    'less than nothing',
    '{status: {capacity: {cpu: "-1", pods: "1500m"}, allocatable: {}, nodeInfo: {swap: {capacity: 0}}}}',
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.pods: Invalid value: "1500m": must be an integer',
      'metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero',
    ],
  ],
  [
    'features out of order',
    '{status: {declaredFeatures: [B, A, A, lower]}}',
    [
      'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
      'status.declaredFeatures[2]: Duplicate value: "A"',
      expect.stringMatching(
        /^status\.declaredFeatures\[3\]: Invalid value: "lower": invalid feature name "lower": must start with an UpperCamelCase/,
      ) as never,
    ],
  ],
  ['a range of each family', '{spec: {podCIDRs: [10.0.0.0/24, "2001:db8::/64"]}}', []],
  [
    'two ranges of one family',
    '{spec: {podCIDRs: [10.0.0.0/24, 10.0.1.1/24]}}',
    [
      'spec.podCIDRs[1]: Invalid value: "10.0.1.1/24": must not have bits set beyond the prefix length',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.1/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
])('a node with %s', (_what, yaml, expected) => {
  expect(refusals('nodes', yaml)).toEqual(expected);
});

const configMap = '{name: c, namespace: n, kubeletConfigKey: k}';

test.each<[string, string, string, unknown, string[]]>([
  ['a first range', '{}', 'spec.podCIDRs', ['10.0.0.0/24'], []],
  [
    'another range',
    '{spec: {podCIDRs: [10.0.0.0/24]}}',
    'spec.podCIDRs',
    ['10.0.1.0/24'],
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    'another machine',
    '{spec: {providerID: a}}',
    'spec.providerID',
    'b',
    ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
  ],
  ['its schedulability', '{}', 'spec.unschedulable', true, []],
  ['the id of old', '{}', 'spec.externalID', 'x', ['spec.externalID: Forbidden: may not be updated']],
  [
    'a configuration from nowhere',
    '{}',
    'spec.configSource',
    {},
    ['spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil'],
  ],
  [
    'a configuration that names a state',
    '{}',
    'spec.configSource',
    { configMap: { uid: 'u', resourceVersion: '1', namespace: 'N', name: '', kubeletConfigKey: 'a/b' } },
    [
      'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec',
      'spec.configSource.configMap.resourceVersion: Forbidden: resourceVersion must not be set in spec',
      expect.stringMatching(/^spec\.configSource\.configMap\.namespace: Invalid value: "N"/) as never,
      'spec.configSource.configMap.name: Required value',
      expect.stringMatching(/^spec\.configSource\.configMap\.kubeletConfigKey: Invalid value: "a\/b"/) as never,
    ],
  ],
])('an update gives a node %s', (_what, yaml, path, value, expected) => {
  expect(update('nodes', yaml, (object) => set(object, path, value))).toEqual(expected);
});

test('a status names each address once and reports configurations with their state', () => {
  const report = (path: string, value: unknown) =>
    updateSubresource('nodes', 'status', `{spec: {configSource: {configMap: ${configMap}}}}`, (object) =>
      set(object, path, value),
    ).errors;
  const address = { type: 'InternalIP', address: '10.0.0.1' };
  expect(report('status.addresses', [address, { ...address, type: 'Hostname' }, address])).toEqual([
    'status.addresses[2]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
  ]);
  expect(
    report('status.config', { active: { configMap: { name: 'c', namespace: 'n', kubeletConfigKey: 'k' } } }),
  ).toEqual([
    'status.config.active.configMap.uid: Required value',
    'status.config.active.configMap.resourceVersion: Required value',
  ]);
});
