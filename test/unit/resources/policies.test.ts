import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

test.each<[string, string[]]>([
  ['{minAvailable: 1, selector: {matchLabels: {a: b}}}', []],
  ['{maxUnavailable: 50%, unhealthyPodEvictionPolicy: AlwaysAllow}', []],
  [
    '{minAvailable: 1, maxUnavailable: 1}',
    ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
  ],
  ['{minAvailable: 101%}', ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%']],
  ['{minAvailable: -1}', ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
  [
    '{unhealthyPodEvictionPolicy: Never}',
    ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
  ],
])('a disruption budget %s', (spec, expected) => {
  expect(refusals('poddisruptionbudgets/policy', `spec: ${spec}`)).toEqual(expected);
});

test.each<[string, string[]]>([
  ['{value: 10}', []],
  ['{metadata: {name: system-node-critical}, value: 2000001000}', []],
  ['{value: 1000000001}', ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
  [
    '{metadata: {name: system-mine}, value: 1}',
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
])('a priority class %s', (yaml, expected) => {
  expect(refusals('priorityclasses/scheduling.k8s.io', yaml)).toEqual(expected);
});

test('the value of a priority class is fixed', () => {
  expect(create('priorityclasses/scheduling.k8s.io', 'value: 1').object).toMatchObject({
    preemptionPolicy: 'PreemptLowerPriority',
  });
  const change = update('priorityclasses/scheduling.k8s.io', 'value: 1', (object) => set(object, 'value', 2));
  expect(change).toEqual(['value: Forbidden: may not be changed in an update.']);
});

test('defaults of a storage class', () => {
  const { object, errors } = create('storageclasses/storage.k8s.io', 'provisioner: a.b/c');
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
});

test.each<[string, string[]]>([
  ['reclaimPolicy: Delete', ['provisioner: Required value']],
  [
    '{provisioner: p, reclaimPolicy: Recycle}',
    ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
  ],
  [
    '{provisioner: p, volumeBindingMode: Later}',
    ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
  ],
  [
    '{provisioner: p, allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, a]}]}]}',
    ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
  ],
])('a storage class %s', (yaml, expected) => {
  expect(refusals('storageclasses/storage.k8s.io', yaml)).toEqual(expected);
});

test('what a storage class provisions is fixed', () => {
  const change = update('storageclasses/storage.k8s.io', 'provisioner: p', (object) => {
    set(object, 'provisioner', 'q');
    set(object, 'volumeBindingMode', 'WaitForFirstConsumer');
  });
  expect(change).toEqual([
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
});

test('a disruption budget may keep a selector that was never good', () => {
  const yaml = 'spec: {minAvailable: 1, selector: {matchExpressions: [{key: a, operator: In, values: ["?"]}]}}';
  const budgets = 'poddisruptionbudgets/policy';
  expect(refusals(budgets, yaml)).toEqual([
    expect.stringMatching(/^spec.selector.matchExpressions\[0\].values\[0\]: Invalid value: "\?"/),
  ]);
  expect(update(budgets, yaml, (object) => set(object, 'spec.minAvailable', 2))).toEqual([]);
});

test('conditions of a status are whole', () => {
  const { errors } = updateSubresource('poddisruptionbudgets/policy', 'status', 'spec: {}', (object) => {
    const good = { type: 'A', status: 'True', reason: 'R', lastTransitionTime: '2026-01-01T00:00:00Z' };
    set(object, 'status.conditions', [
      good,
      { ...good, message: 'x'.repeat(32769) },
      { type: 'B', status: 'Maybe', reason: '1', observedGeneration: -1 },
      { type: '', status: 'True', lastTransitionTime: good.lastTransitionTime },
    ]);
    set(object, 'status.currentHealthy', -1);
  });
  expect(errors).toEqual([
    'status.conditions[1].type: Duplicate value: "A"',
    'status.conditions[1].message: Too long: may not be more than 32768 bytes',
    'status.conditions[2].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[2].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
    'status.conditions[2].lastTransitionTime: Required value',
    expect.stringMatching(/^status.conditions\[2\].reason: Invalid value: "1": a condition reason must start with/),
    'status.conditions[3].type: Invalid value: "": name part must be non-empty',
    expect.stringMatching(/^status.conditions\[3\].type: Invalid value: "": name part must consist of/),
    'status.conditions[3].reason: Required value',
    'status.currentHealthy: Invalid value: -1: must be greater than or equal to 0',
  ]);
});
