import { expect, test } from 'vitest';
import { refusals, set, update } from './rules-kit.ts';

const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map(
  (kind) => `${kind}/admissionregistration.k8s.io`,
);
const [validating = '', mutating = ''] = kinds;

const rule = (values: string) => `rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], ${values}}]`;
const client = 'clientConfig: {url: "https://a.example.com/x"}';
const rest = 'sideEffects: None, admissionReviewVersions: [v1]';
const hook = (values: string) => `webhooks: [{name: a.example.com, ${values}}]`;
const good = `${client}, ${rest}, ${rule('resources: [pods, pods/log]')}`;

test.each(kinds)('a webhook of %s is taken', (kind) => {
  expect(refusals(kind, hook(good))).toEqual([]);
  expect(refusals(kind, hook(`${rest}, clientConfig: {service: {namespace: a, name: b, path: /x}}`))).toEqual([]);
  expect(
    refusals(kind, hook(`${good}, matchConditions: [{name: a, expression: "request.userInfo.username == 'u'"}]`)),
  ).toEqual([]);
});

test.each<[string, string[]]>([
  [
    'webhooks: [{name: short, clientConfig: {}}, {name: "", clientConfig: {url: "https://a", service: {namespace: a, name: b}}, sideEffects: Some, admissionReviewVersions: [v9, v9, V]}]',
    [
      'webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots',
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
      'webhooks[1].name: Required value',
      'webhooks[1].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      'webhooks[1].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[1].admissionReviewVersions[1]: Invalid value: "v9": duplicate version',
      expect.stringMatching(
        /^webhooks\[1\].admissionReviewVersions\[2\]: Invalid value: "V": a DNS-1035 label/,
      ) as never,
      'webhooks[1].admissionReviewVersions: Invalid value: ["v9","v9","V"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    hook(
      `${rest}, clientConfig: {url: "http://u@a.example.com/?q#f"}, failurePolicy: Maybe, matchPolicy: Near, timeoutSeconds: 31`,
    ),
    [
      'webhooks[0].failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
      'webhooks[0].matchPolicy: Unsupported value: "Near": supported values: "Equivalent", "Exact"',
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
    ],
  ],
  [
    `webhooks: [{name: a.example.com, ${client}, ${rest}}, {name: a.example.com, ${client}, ${rest}}]`,
    ['webhooks[1].name: Duplicate value: "a.example.com"'],
  ],
  [
    hook(`${client}, ${rest}, objectSelector: {matchExpressions: [{key: a, operator: In, values: ["?"]}]}`),
    [
      expect.stringMatching(
        /^webhooks\[0\].objectSelector.matchExpressions\[0\].values\[0\]: Invalid value: "\?": a valid label/,
      ) as never,
    ],
  ],
  [
    hook(
      `${client}, ${rest}, rules: [{operations: ["*", CREATE, FLY], apiGroups: ["*", apps], apiVersions: [""], resources: [], scope: Universe}]`,
    ),
    [
      `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE","FLY"]: if '*' is present, must not specify other operations`,
      'webhooks[0].rules[0].operations[2]: Unsupported value: "FLY": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      `webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other API groups`,
      'webhooks[0].rules[0].apiVersions[0]: Required value',
      'webhooks[0].rules[0].resources: Required value',
      'webhooks[0].rules[0].scope: Unsupported value: "Universe": supported values: "*", "Cluster", "Namespaced"',
    ],
  ],
  [
    hook(`${client}, ${rest}, ${rule('resources: ["pods/*", pods/log, "*/scale", a/scale, "*/*", "*", b, ""]')}`),
    [
      `webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
      `webhooks[0].rules[0].resources[3]: Invalid value: "a/scale": if '*/scale' is present, must not specify a/scale`,
      'webhooks[0].rules[0].resources[7]: Required value',
      `webhooks[0].rules[0].resources: Invalid value: ["pods/*","pods/log","*/scale","a/scale","*/*","*","b",""]: if '*/*' is present, must not specify other resources`,
      `webhooks[0].rules[0].resources: Invalid value: ["pods/*","pods/log","*/scale","a/scale","*/*","*","b",""]: if '*' is present, must not specify other resources without subresources`,
    ],
  ],
])('webhooks are refused: %s', (yaml, expected) => {
  expect(refusals(validating, yaml)).toEqual(expected);
});

test('only mutating webhooks are asked again', () => {
  expect(refusals(mutating, hook(`${good}, reinvocationPolicy: Often`))).toEqual([
    'webhooks[0].reinvocationPolicy: Unsupported value: "Often": supported values: "IfNeeded", "Never"',
  ]);
});

const conditions = (list: string) => hook(`${good}, matchConditions: [${list}]`);

test.each<[string, string[]]>([
  [
    '{name: a, expression: "true"}, {name: a, expression: " "}, {name: "", expression: "1"}',
    [
      'webhooks[0].matchConditions[1].expression: Required value',
      'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
      'webhooks[0].matchConditions[2].expression: Invalid value: "1": must evaluate to bool but got int',
      'webhooks[0].matchConditions[2].name: Required value',
    ],
  ],
  [
    '{name: a, expression: "params.x"}',
    [
      expect.stringMatching(
        /^webhooks\[0\].matchConditions\[0\].expression: Invalid value: "params.x": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params'/,
      ) as never,
    ],
  ],
  ['{name: a, expression: "request.nothing == 1"}', [expect.stringContaining("undefined field 'nothing'") as never]],
  [
    `{name: a, expression: "authorizer.group('').resource('pods').check('get').allowed() && authorizer.requestResource.check('x').allowed() && namespaceObject.metadata.name == request.namespace"}`,
    [],
  ],
])('match conditions %s', (list, expected) => {
  expect(refusals(validating, conditions(list))).toEqual(expected);
});

test('at most 64 match conditions', () => {
  const list = Array.from({ length: 65 }, (_, i) => `{name: n${i}, expression: "true"}`).join(', ');
  expect(refusals(validating, conditions(list))).toEqual([
    'webhooks[0].matchConditions: Too many: 65: must have at most 64 items',
  ]);
});

test.each<[string, string]>([
  ['side effects', 'clientConfig: {url: "https://a"}, sideEffects: Some, admissionReviewVersions: [v1]'],
  ['versions that nobody knows', 'clientConfig: {url: "https://a"}, sideEffects: None, admissionReviewVersions: [v9]'],
  ['conditions that do not compile', `${good}, matchConditions: [{name: a, expression: "1 +"}]`],
  [
    'selectors that select nothing',
    `${good}, objectSelector: {matchExpressions: [{key: a, operator: In, values: ["?"]}]}`,
  ],
])('webhooks of old may keep %s', (_, values) => {
  const yaml = hook(values);
  expect(refusals(validating, yaml)).toHaveLength(1);
  expect(update(validating, yaml, (object) => set(object, 'webhooks.0.timeoutSeconds', 5))).toEqual([]);
});
