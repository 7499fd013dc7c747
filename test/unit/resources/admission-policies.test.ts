import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const group = 'admissionregistration.k8s.io';
const validating = `validatingadmissionpolicies/${group}`;
const mutating = `mutatingadmissionpolicies/${group}`;
const match =
  'matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments]}]}';
const policy = (values: string, constraints = match) => `spec: {${constraints}, ${values}}`;
const checks = (list: string) => policy(`validations: [${list}]`);

test.each<[string, string]>([
  ['a bound', checks('{expression: "object.spec.replicas <= 5", message: no, reason: Invalid}')],
  [
    'parameters and variables',
    policy(
      'paramKind: {apiVersion: a.b/v1, kind: Limit}, variables: [{name: n, expression: "object.spec.replicas"}, {name: m, expression: "variables.n + 1"}], validations: [{expression: "variables.m < params.max", messageExpression: "\'most \' + string(params.max)"}]',
    ),
  ],
  [
    'notes alone',
    policy("auditAnnotations: [{key: k, valueExpression: \"object.metadata.name == 'a' ? 'x' : string(1)\"}]"),
  ],
  ['the authorizer', checks(`{expression: "authorizer.path('/x').check('get').allowed()"}`)],
])('a validating policy with %s is taken', (_, yaml) => {
  const { object, errors } = create(validating, yaml);
  expect(errors).toEqual([]);
  expect(object['status']).toEqual({});
});

const nothing = 'validations or auditAnnotations must contain at least one item';

test.each<[string, string[]]>([
  [
    'spec: {}',
    [
      'spec.matchConstraints: Required value',
      `spec.validations: Required value: ${nothing}`,
      `spec.auditAnnotations: Required value: ${nothing}`,
    ],
  ],
  [
    policy('failurePolicy: Maybe, validations: [{expression: "true"}]', 'matchConstraints: {matchPolicy: Near}'),
    [
      'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
      'spec.matchConstraints.matchPolicy: Unsupported value: "Near": supported values: "Equivalent", "Exact"',
      'spec.matchConstraints.resourceRules: Required value',
    ],
  ],
  [
    policy(
      'validations: [{expression: "true"}]',
      'matchConstraints: {resourceRules: [{resourceNames: [a, a, b/c], operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]}',
    ),
    [
      `spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain '/'`,
      'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
    ],
  ],
  [
    policy('paramKind: {apiVersion: a/b/c, kind: 9x}, validations: [{expression: "true"}]'),
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      expect.stringMatching(
        /^spec.paramKind.kind: Invalid value: "9x": may have mixed case, but should otherwise match: a DNS-1035 label/,
      ) as never,
    ],
  ],
  [
    policy('paramKind: {apiVersion: a.b/, kind: X}, validations: [{expression: "true"}]'),
    ['spec.paramKind.apiVersion: Invalid value: "a.b/": version must be specified'],
  ],
  [
    checks(
      '{expression: " ", message: " ", messageExpression: " ", reason: Odd}, {expression: "true", message: "a\\nb"}',
    ),
    [
      'spec.validations[0].expression: Required value: expression is not specified',
      'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].message: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      'spec.validations[1].message: Invalid value: "a\\nb": must not contain line breaks',
    ],
  ],
  [
    checks(
      '{expression: "object.x", messageExpression: "1"}, {expression: "variables.a", messageExpression: "authorizer"}',
    ),
    [
      'spec.validations[0].expression: Invalid value: "object.x": must evaluate to bool but got dyn',
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
      expect.stringContaining("compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables'") as never,
      expect.stringContaining("undeclared reference to 'authorizer'") as never,
    ],
  ],
  [
    policy(
      'variables: [{name: "", expression: "1"}, {name: in, expression: " "}, {name: late, expression: "variables.later"}, {name: later, expression: "1"}], validations: [{expression: "variables.later == variables.none"}]',
    ),
    [
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[1].name: Invalid value: "in": must be a valid CEL identifier',
      'spec.variables[1].expression: Required value: expression is not specified',
      expect.stringContaining("undefined field 'later'") as never,
      expect.stringContaining("undefined field 'none'") as never,
    ],
  ],
  [
    policy(
      `auditAnnotations: [{key: k, valueExpression: "1"}, {key: k, valueExpression: " "}, {key: "a b", valueExpression: "'${'x'.repeat(5120)}'"}]`,
    ),
    [
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
      'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
      'spec.auditAnnotations[1].key: Duplicate value: "k"',
      expect.stringMatching(
        /^spec.auditAnnotations\[2\].key: Invalid value: "a\/a b": name part must consist of/,
      ) as never,
      'spec.auditAnnotations[2].valueExpression: Required value: must not exceed 5120 bytes in length',
    ],
  ],
])('a validating policy is refused: %s', (yaml, expected) => {
  expect(refusals(validating, yaml)).toEqual(expected);
});

test('match conditions that were taken once are not compiled again', () => {
  const yaml = policy('validations: [{expression: "true"}], matchConditions: [{name: a, expression: "1 +"}]');
  expect(refusals(validating, yaml)).toHaveLength(1);
  expect(update(validating, yaml, (object) => set(object, 'spec.failurePolicy', 'Ignore'))).toEqual([]);
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
  expect(update(validating, yaml, (object) => set(object, 'spec.paramKind', kind))).toHaveLength(1);
});

test('the status of a policy names expressions by path', () => {
  const { errors } = updateSubresource(validating, 'status', checks('{expression: "true"}'), (object) =>
    set(object, 'status', {
      typeChecking: {
        expressionWarnings: [
          { fieldRef: 'spec.validations[0].expression', warning: 'w' },
          { fieldRef: ' ', warning: '' },
          { fieldRef: 'spec.validations[', warning: 'w' },
        ],
      },
      conditions: [{ type: 'A', status: 'True', reason: 'R' }],
    }),
  );
  expect(errors).toEqual([
    'status.typeChecking.expressionWarnings[1].warning: Required value',
    'status.typeChecking.expressionWarnings[1].fieldRef: Required value',
    expect.stringMatching(
      /^status.typeChecking.expressionWarnings\[2\].fieldRef: Invalid value: "spec.validations\[": invalid JSONPath: /,
    ),
    'status.conditions[0].lastTransitionTime: Required value',
  ]);
});

const mutations = (list: string, extra = '') => policy(`${extra}reinvocationPolicy: Never, mutations: [${list}]`);
const apply = (expression: string) =>
  `{patchType: ApplyConfiguration, applyConfiguration: {expression: '${expression}'}}`;
const json = (expression: string) => `{patchType: JSONPatch, jsonPatch: {expression: '${expression}'}}`;

test.each<[string, string]>([
  ['an apply configuration', mutations(apply('Object{spec: Object.spec{replicas: 1}}'))],
  [
    'a patch',
    mutations(json('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "c"}]')),
  ],
  [
    'variables',
    mutations(
      apply('Object{metadata: Object.metadata{labels: {"a": variables.v}}}'),
      'variables: [{name: v, expression: object.metadata.name}], ',
    ),
  ],
])('a mutating policy with %s is taken', (_, yaml) => {
  expect(refusals(mutating, yaml)).toEqual([]);
});

test.each<[string, string[]]>([
  [
    'spec: {}',
    [
      'spec.matchConstraints: Required value',
      'spec.mutations: Required value: mutations must contain at least one item',
      'spec.reinvocationPolicy: Required value',
    ],
  ],
  [
    policy(
      'reinvocationPolicy: Often, mutations: [{patchType: ""}, {patchType: Odd}, {patchType: JSONPatch}, {patchType: ApplyConfiguration, jsonPatch: {expression: "[]"}}]',
      'matchConstraints: {resourceRules: [{operations: ["*"], apiGroups: [""], apiVersions: [v1], resources: [pods]}]}',
    ),
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "*": supported values: "CREATE", "UPDATE"',
      'spec.mutations[0].patchType: Required value',
      'spec.mutations[1].patchType: Unsupported value: "Odd": supported values: "ApplyConfiguration", "JSONPatch"',
      'spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[3].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'spec.mutations[3].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
      'spec.reinvocationPolicy: Unsupported value: "Often": supported values: "IfNeeded", "Never"',
    ],
  ],
  [
    mutations(`${apply(' ')}, ${apply('[1]')}, ${json('Object{}')}`),
    [
      'spec.mutations[0].applyConfiguration.expression: Required value',
      'spec.mutations[1].applyConfiguration.expression: Invalid value: "[1]": must evaluate to Object but got list(int)',
      'spec.mutations[2].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    ],
  ],
])('a mutating policy is refused: %s', (yaml, expected) => {
  expect(refusals(mutating, yaml)).toEqual(expected);
});

const bindings = `validatingadmissionpolicybindings/${group}`;

test.each<[string, string[]]>([
  ['{policyName: p, validationActions: [Deny, Audit]}', []],
  [
    '{policyName: p, validationActions: [Deny], paramRef: {name: a, parameterNotFoundAction: Deny}, matchResources: {}}',
    [],
  ],
  [
    '{validationActions: []}',
    [
      'spec.policyName: Required value',
      'spec.validationActions: Required value: at least one validation action is required',
    ],
  ],
  [
    '{policyName: p, validationActions: [Deny, Warn, Deny, Cry], paramRef: {name: a/b, selector: {}}}',
    [
      `spec.paramRef.name: Invalid value: "a/b": may not contain '/'`,
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.validationActions[3]: Unsupported value: "Cry": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions[2]: Duplicate value: "Deny"',
      'spec.validationActions: Invalid value: ["Deny","Warn","Deny","Cry"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    '{policyName: p, validationActions: [Deny], paramRef: {parameterNotFoundAction: Shrug}}',
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Shrug": supported values: "Deny", "Allow"',
    ],
  ],
])('a binding %s', (spec, expected) => {
  expect(refusals(bindings, `spec: ${spec}`)).toEqual(expected);
});

test('a binding of a mutating policy is about writes', () => {
  const rules = 'resourceRules: [{operations: [DELETE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]';
  expect(
    refusals(`mutatingadmissionpolicybindings/${group}`, `spec: {policyName: p, matchResources: {${rules}}}`),
  ).toEqual([
    'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "CREATE", "UPDATE"',
  ]);
});
