import { expect, test } from 'vitest';
import { bigInteger } from '../../../src/api/json-number.ts';
import { create, refusals, set, update } from './rules-kit.ts';

const range = (item: string) => `spec: {limits: [{${item}}]}`;

test('limits of containers fill each other', () => {
  const { object, errors } = create('limitranges', range('type: Container, max: {cpu: "2"}, min: {memory: 1Mi}'));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({
    spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } }] },
  });
});

test.each<[string, string[]]>([
  [
    'type: Container, min: {cpu: "2"}, max: {cpu: "1"}, default: {cpu: "1"}, defaultRequest: {cpu: "1"}',
    [
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
    ],
  ],
  ['type: Pod, default: {cpu: "1"}', ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"]],
  [
    'type: PersistentVolumeClaim',
    [
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
])('a limit range %s', (item, expected) => {
  expect(refusals('limitranges', range(item))).toEqual(expected);
});

test.each<[string, string[]]>([
  ['{hard: {pods: "3", requests.cpu: "1", count/jobs.batch: "2"}, scopes: [NotTerminating]}', []],
  ['{hard: {pods: "-1"}}', ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0']],
  ['{scopes: [Odd]}', ['spec.scopes: Invalid value: ["Odd"]: unsupported scope']],
  [
    '{scopes: [BestEffort, NotBestEffort]}',
    ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  ],
])('a quota %s', (spec, expected) => {
  expect(refusals('resourcequotas', `spec: ${spec}`)).toEqual(expected);
});

test('scopes of a quota are fixed', () => {
  expect(update('resourcequotas', 'spec: {scopes: [BestEffort]}', (quota) => set(quota, 'spec.scopes', []))).toEqual([
    'spec.scopes: Invalid value: []: field is immutable',
  ]);
});

test.each<[string, string[]]>([
  ['involvedObject: {kind: Pod, name: p, namespace: default}', []],
  ['involvedObject: {kind: Node, name: n}', []],
  [
    'involvedObject: {kind: Pod, name: p, namespace: other}',
    ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  ],
  [
    '{involvedObject: {namespace: default}, eventTime: "2026-01-01T00:00:00Z", reportingComponent: a.b/c, reason: r}',
    ['reportingInstance: Required value', 'action: Required value'],
  ],
])('an event %s', (yaml, expected) => {
  expect(refusals('events', yaml)).toEqual(expected);
});

test('names that every JavaScript object has are names like any other', () => {
  expect(refusals('limitranges', 'spec: {limits: [{type: Container, min: {toString: 1}, max: {}}]}')).toEqual([
    'spec.limits[0].min[toString]: Invalid value: "toString": must be a standard resource type or fully qualified',
    'spec.limits[0].min[toString]: Invalid value: "toString": must be a standard resource for containers',
  ]);
  const yaml =
    'spec: {containers: [{name: c, image: i, resources: {limits: {cpu: 1}, requests: {valueOf: 1}}}], affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, labelSelector: {}, matchLabelKeys: [constructor]}]}}}';
  const { object } = create('pods', yaml);
  expect(JSON.stringify(object)).not.toContain('matchExpressions');
});

test('numbers beyond 2^53 are compared and refused like others', () => {
  const long = bigInteger('9223372036854775807');
  const errors = update('pods', 'spec: {containers: [{name: c, image: i}]}', (object) =>
    set(object, 'spec.activeDeadlineSeconds', long),
  );
  expect(errors).toContain(
    'spec.activeDeadlineSeconds: Invalid value: 9223372036854775807: must be between 1 and 2147483647, inclusive',
  );
});
