import { expect, test } from 'vitest';
import { create, refusals, set, update, updateSubresource } from './rules-kit.ts';

const schemas = 'flowschemas/flowcontrol.apiserver.k8s.io';
const levels = 'prioritylevelconfigurations/flowcontrol.apiserver.k8s.io';

const user = 'subjects: [{kind: User, user: {name: u}}]';
const everything = 'resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"]}]';
const schema = (rules: string, extra = '') =>
  `spec: {priorityLevelConfiguration: {name: p}, ${extra && `${extra}, `}rules: [{${rules}}]}`;

test('a flow schema comes after most others unless it says when', () => {
  const { object, errors } = create(schemas, schema(`${user}, ${everything}`));
  expect(errors).toEqual([]);
  expect(object).toMatchObject({ spec: { matchingPrecedence: 1000 }, status: {} });
});

const kinds = 'supported values: "Group", "ServiceAccount", "User"';
const verbs =
  'supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';

test.each<[string, string[]]>([
  ['spec: {}', ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
  [
    schema(`${user}, ${everything}`, 'matchingPrecedence: 10001, distinguisherMethod: {type: ByMoon}'),
    [
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
      'spec.distinguisherMethod.type: Unsupported value: {"type":"ByMoon"}: supported values: "ByNamespace", "ByUser"',
    ],
  ],
  [
    schema(`${user}, ${everything}`, 'matchingPrecedence: 1'),
    ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  ],
  [
    schema('subjects: []'),
    [
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  ],
  [
    schema(
      `subjects: [{kind: Robot}, {kind: User, group: {name: g}}, {kind: Group, group: {name: ""}}], ${everything}`,
    ),
    [
      `spec.rules[0].subjects[0].kind: Unsupported value: "Robot": ${kinds}`,
      "spec.rules[0].subjects[1].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[0].subjects[1].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      'spec.rules[0].subjects[2].group.name: Required value',
    ],
  ],
  [
    schema(`subjects: [{kind: ServiceAccount, serviceAccount: {name: "*", namespace: ""}}], ${everything}`),
    ['spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account'],
  ],
  [
    schema(`${user}, resourceRules: [{verbs: [get, fly], apiGroups: ["*", apps], resources: [], namespaces: []}]`),
    [
      `spec.rules[0].resourceRules[0].verbs: Unsupported value: ["get","fly"]: ${verbs}`,
      `spec.rules[0].resourceRules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other api groups`,
      'spec.rules[0].resourceRules[0].resources: Required value: resource rules must supply at least one resource',
      'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ],
  ],
  [
    schema(`${user}, resourceRules: [{verbs: ["*"], apiGroups: [""], resources: [a], namespaces: [A_b]}]`),
    [
      expect.stringMatching(
        /^spec.rules\[0\].resourceRules\[0\].namespaces\[0\]: Invalid value: "A_b": each member of this list must be '\*' or a DNS-1123 label; a lowercase/,
      ) as never,
    ],
  ],
  [
    schema(
      `${user}, nonResourceRules: [{verbs: ["*", get], nonResourceURLs: [/, "", a, /a b, /a//b, /a/*, /a*, /*/a]}]`,
    ),
    [
      `spec.rules[0].nonResourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "": must not be empty',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "a": must start with slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[4]: Invalid value: "/a//b": must not contain double slash',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[6]: Invalid value: "/a*": wildcard can only do suffix matching',
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[7]: Invalid value: "/*/a": wildcard can only do suffix matching',
    ],
  ],
])('a flow schema is refused: %s', (yaml, expected) => {
  expect(refusals(schemas, yaml)).toEqual(expected);
});

const exempt = `{metadata: {name: exempt}, spec: {matchingPrecedence: 1, priorityLevelConfiguration: {name: exempt}, rules: [
  {subjects: [{kind: Group, group: {name: system:masters}}],
   resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true}],
   nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}]}]}}`;

test('the schema that keeps administrators in is fixed', () => {
  expect(refusals(schemas, exempt)).toEqual([]);
  expect(update(schemas, exempt, (object) => set(object, 'metadata.labels', { a: 'b' }))).toEqual([]);
  expect(update(schemas, exempt, (object) => set(object, 'spec.rules', []))).toEqual([
    `spec: Invalid value: {"matchingPrecedence":1,"priorityLevelConfiguration":{"name":"exempt"},"rules":[]}: spec of 'exempt' must equal the fixed value`,
  ]);
});

test('conditions of flow schemas and priority levels have types of their own', () => {
  for (const [name, yaml] of [
    [schemas, exempt],
    [levels, 'spec: {type: Limited}'],
  ] as const) {
    const { errors } = updateSubresource(name, 'status', yaml, (object) =>
      set(object, 'status.conditions', [{ type: 'A' }, { type: 'A' }, {}]),
    );
    expect(errors).toEqual([
      'status.conditions[1].type: Duplicate value: "A"',
      'status.conditions[2].type: Required value: must not be empty',
    ]);
  }
});

test('defaults of a priority level', () => {
  const yaml = 'spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {queues: 16, handSize: 4}}}}';
  const { object, errors } = create(levels, yaml);
  expect(errors).toEqual([]);
  expect(object['spec']).toEqual({
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 30,
      lendablePercent: 0,
      limitResponse: { type: 'Queue', queuing: { queues: 16, handSize: 4, queueLengthLimit: 50 } },
    },
  });
});

const queuing = (values: string) => `{type: Limited, limited: {limitResponse: {type: Queue, queuing: {${values}}}}}`;

test.each<[string, string[]]>([
  ['{type: Limited}', ['spec.limited: Required value: must not be empty when type is Limited']],
  ['{type: Free}', ['spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"']],
  [
    '{type: Exempt, limited: {}, exempt: {nominalConcurrencyShares: -1, lendablePercent: 101}}',
    [
      `spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`,
      'spec.limited: Forbidden: must be nil if the type is not Limited',
      'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
    ],
  ],
  [
    '{type: Limited, exempt: {}, limited: {nominalConcurrencyShares: 0, borrowingLimitPercent: -1, limitResponse: {type: Reject, queuing: {}}}}',
    [
      'spec.exempt: Forbidden: must be nil if the type is Limited',
      'spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
  ],
  [
    '{type: Limited, limited: {limitResponse: {type: Queue}}}',
    ['spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited'],
  ],
  [
    queuing('queues: -1, handSize: -1, queueLengthLimit: -1'),
    [
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive',
    ],
  ],
  [
    queuing('queues: 10000001, handSize: 1'),
    ['spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000'],
  ],
  [
    queuing('queues: 4, handSize: 5'),
    ['spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)'],
  ],
  [
    queuing('queues: 512, handSize: 8'),
    [
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60',
    ],
  ],
])('a priority level %s', (spec, expected) => {
  expect(refusals(levels, `spec: ${spec}`)).toEqual(expected);
});

test('of the mandatory levels only the shares of the exempt one may change', () => {
  const own = '{metadata: {name: exempt}, spec: {type: Exempt, exempt: {}}}';
  expect(update(levels, own, (object) => set(object, 'spec.exempt.nominalConcurrencyShares', 7))).toEqual([]);
  const rest =
    '{metadata: {name: catch-all}, spec: {type: Limited, limited: {nominalConcurrencyShares: 5, limitResponse: {type: Reject}}}}';
  expect(refusals(levels, rest)).toEqual([]);
  expect(update(levels, rest, (object) => set(object, 'spec.limited.lendablePercent', 7))).toEqual([
    `spec: Invalid value: {"type":"Limited","limited":{"nominalConcurrencyShares":5,"limitResponse":{"type":"Reject"},"lendablePercent":7}}: spec of 'catch-all' must equal the fixed value`,
  ]);
});
