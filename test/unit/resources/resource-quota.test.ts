import { expect, test } from 'vitest';
import { refusals } from './rules-kit.ts';

const at = 'spec.scopeSelector.matchExpressions';
const plain =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

test.each<[string, string, string[]]>([
  ['counts and amounts', '{hard: {pods: 1, requests.cpu: "1.5", count/jobs.batch: 3, hugepages-2Mi: 4Mi}}', []],
  [
    'what no quota can limit',
    '{hard: {storage: 1Gi, made-up: 1, pods: 1500m}}',
    [
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
      'spec.hard[made-up]: Invalid value: "made-up": must be a standard resource type or fully qualified',
      'spec.hard[made-up]: Invalid value: "made-up": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
  ],
  ['a scope', '{hard: {pods: 1}, scopes: [BestEffort]}', []],
  [
    'a scope that nobody knows',
    '{scopes: [toString]}',
    ['spec.scopes: Invalid value: ["toString"]: unsupported scope'],
  ],
  [
    'a scope that does not fit the resource',
    '{hard: {cpu: 1, services: 1}, scopes: [BestEffort]}',
    [
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ],
  ],
  [
    'scopes that exclude each other',
    '{hard: {pods: 1}, scopes: [Terminating, NotTerminating]}',
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    'a selector of classes',
    '{hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}}',
    [],
  ],
  [
    'selectors that say nothing',
    '{hard: {pods: 1}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In}, {scopeName: PriorityClass, operator: Exists, values: [a]}, {scopeName: PriorityClass, operator: Like}, {scopeName: Terminating, operator: DoesNotExist}, {scopeName: Other, operator: Exists}]}}',
    [
      `${at}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
      `${at}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
      `${at}.operator: Invalid value: "Like": not a valid selector operator`,
      `${at}.operator: Invalid value: "DoesNotExist": ${plain}`,
      `${at}.scopeName: Invalid value: "Other": unsupported scope`,
    ],
  ],
])('a quota with %s', (_what, spec, expected) => {
  expect(refusals('resourcequotas', `{spec: ${spec}}`)).toEqual(expected);
});

test.each<[string, string, string[]]>([
  [
    'defaults of a pod do not count',
    'type: Pod, min: {cpu: 2}, default: {cpu: 1}, defaultRequest: {}',
    ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
  ],
  [
    'pods have what containers have',
    'type: Pod, max: {storage: 1Gi}',
    ['spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers'],
  ],
  [
    'a default above the maximum',
    'type: Container, max: {cpu: 1}, default: {cpu: 2}, defaultRequest: {cpu: 1}',
    ['spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1'],
  ],
  [
    'a ratio that the bounds do not have',
    'type: Container, max: {cpu: 1}, min: {cpu: 300m}, maxLimitRequestRatio: {cpu: 4}',
    ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 3.333333'],
  ],
  [
    'a claim without bounds',
    'type: PersistentVolumeClaim',
    [
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  ],
])('in a limit range, %s', (_what, item, expected) => {
  expect(refusals('limitranges', `{spec: {limits: [{${item}}]}}`)).toEqual(expected);
});
