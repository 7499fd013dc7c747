import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { choose } from '../../../../src/kubelet/stages/choose.ts';
import { compileStage } from '../../../../src/kubelet/stages/compile.ts';
import { compileDelay } from '../../../../src/kubelet/stages/delay.ts';
import { effectsOf } from '../../../../src/kubelet/stages/effects.ts';
import { compileExpression } from '../../../../src/kubelet/stages/expression.ts';

const stage = (spec: string, name = 's') =>
  compileStage({ metadata: { name }, spec: parse(`{resourceRef: {kind: Pod}, next: {}, ${spec}}`) } as never);

const pod = {
  metadata: {
    name: 'web',
    labels: { app: 'web' },
    annotations: { delay: '5s', weight: '7', wrong: 'soon', at: '2026-01-01T00:00:30Z' },
    finalizers: ['a', 'b'],
    ownerReferences: [{ kind: 'Job' }],
  },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: '1' } } }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }], restarts: 2 },
};

test.each([
  ['In', '{key: .status.phase, operator: In, values: [Pending, Running]}', true],
  ['In of several', '{key: ".metadata.ownerReferences.[].kind", operator: In, values: [Job]}', true],
  ['In of a number', '{key: .status.restarts, operator: In, values: ["2"]}', true],
  ['In of nothing', '{key: .none, operator: In, values: ["null"]}', false],
  ['NotIn', '{key: .status.phase, operator: NotIn, values: [Running]}', false],
  ['NotIn of nothing', '{key: ".none.[].x", operator: NotIn, values: [a]}', true],
  ['Exists', '{key: .status.phase, operator: Exists}', true],
  ['Exists of nothing', '{key: .metadata.deletionTimestamp, operator: Exists}', false],
  ['DoesNotExist', '{key: .metadata.deletionTimestamp, operator: DoesNotExist}', true],
  ['DoesNotExist of what cannot be read', '{key: ".none.[]", operator: DoesNotExist}', true],
  [
    'a filter',
    `{key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: NotIn, values: ["True"]}`,
    true,
  ],
  ['the newer form', '{jq: {key: .status.phase, operator: In, values: [Running]}}', true],
])('an expression: %s', (_, text, expected) => {
  expect(compileExpression('e', parse(text))(pod)).toBe(expected);
});

test.each([
  ['nothing', '', false],
  ['everything', 'selector: {}', true],
  ['labels', 'selector: {matchLabels: {app: web}}', true],
  ['other labels', 'selector: {matchLabels: {app: web, more: a}}', false],
  ['annotations', 'selector: {matchAnnotations: {delay: 5s}}', true],
  ['all of it', 'selector: {matchLabels: {app: web}, matchExpressions: [{key: .none, operator: Exists}]}', false],
])('a selector of %s', (_, text, expected) => {
  expect(stage(text || 'weight: 1').selects(pod)).toBe(expected);
});

test.each([
  [
    'another kind',
    'resourceRef: {kind: Job, apiGroup: batch/v1}',
    'spec.resourceRef: only Pods and Nodes of v1 have stages here, not Job of batch/v1',
  ],
  [
    'CEL',
    'selector: {matchExpressions: [{cel: {expression: "true"}}]}',
    'spec.selector.matchExpressions[0]: CEL is not supported in stages, use jq',
  ],
  [
    'an operator',
    'selector: {matchExpressions: [{key: .a, operator: Like}]}',
    'spec.selector.matchExpressions[0].operator: Unsupported value: "Like"',
  ],
  [
    'In without values',
    'selector: {matchExpressions: [{key: .a, operator: In}]}',
    'spec.selector.matchExpressions[0].values: In needs values',
  ],
  ['a filter', 'weightFrom: {jq: {expression: "sort"}}', 'spec.weightFrom: "sort": function not defined: sort/0'],
  ['a function', 'next: {statusTemplate: "{{ Frob }}"}', 'spec.next.template: line 1: function "Frob" not defined'],
  ['a function of nodes', 'next: {statusTemplate: "{{ NodePort }}"}', 'function "NodePort" not defined'],
  [
    'impersonation',
    'next: {patches: [{template: "a: 1", impersonation: {username: a}}]}',
    'spec.next.patch.impersonation: is not supported',
  ],
  ['an event type', 'steps: [{event: {type: Loud}}]', 'spec.steps[0].event.type: Unsupported value: "Loud"'],
])('%s that krill does not know is refused by name', (_, text, message) => {
  const spec = parse(`{resourceRef: {kind: Pod}, next: {}}`);
  const compile = () => compileStage({ metadata: { name: 's' }, spec: { ...spec, ...parse(`{${text}}`) } } as never);
  expect(compile).toThrow(message);
});

const now = Date.UTC(2026, 0, 1);

test.each([
  ['none', undefined, 0],
  ['milliseconds', '{durationMilliseconds: 1000}', 1000],
  ['jitter: half way', '{durationMilliseconds: 1000, jitterDurationMilliseconds: 3000}', 2000],
  ['jitter that is shorter counts', '{durationMilliseconds: 1000, jitterDurationMilliseconds: 400}', 400],
  [
    'from an annotation',
    '{durationMilliseconds: 1000, durationFrom: {expressionFrom: .metadata.annotations.delay}}',
    5000,
  ],
  ['the newer form', '{durationFrom: {jq: {expression: .metadata.annotations.delay}}}', 5000],
  ['until a time', '{durationFrom: {expressionFrom: .metadata.annotations.at}}', 30_000],
  [
    'what is no duration',
    '{durationMilliseconds: 10, durationFrom: {expressionFrom: .metadata.annotations.wrong}}',
    10,
  ],
  ['what is not there', '{durationMilliseconds: 10, durationFrom: {expressionFrom: .metadata.annotations.none}}', 10],
])('a delay: %s', (_, text, expected) => {
  expect(compileDelay('d', text === undefined ? undefined : parse(text))(pod, now, 0.5)).toBe(expected);
});

test.each([
  ['none', [], 0, undefined],
  ['the only one, whatever its weight', ['weight: 0'], 0.9, 0],
  ['by weight, the first', ['weight: 1', 'weight: 3'], 0.2, 0],
  ['by weight, the second', ['weight: 1', 'weight: 3'], 0.3, 1],
  ['without weights each alike', ['weight: 0', 'weight: 0'], 0.6, 1],
  ['without a weight there is no chance', ['weight: 0', 'weight: 1'], 0, 1],
  ['from an annotation', ['weight: 1', 'weightFrom: {expressionFrom: .metadata.annotations.weight}'], 0.2, 1],
  ['a weight that is none', ['weight: 1', 'weightFrom: {expressionFrom: .metadata.annotations.wrong}'], 0.99, 0],
])('chosen: %s', (_, weights, chance, expected) => {
  const all = weights.map((weight, i) => stage(`selector: {}, ${weight}`, String(i)));
  const chosen = choose([...all, stage('weight: 1000', 'never')], pod, chance);
  expect(chosen?.name).toBe(expected === undefined ? undefined : String(expected));
});

const place = { now, nodeName: 'n1', nodeIP: '10.0.0.1', podIP: '10.1.0.2' };
const effects = (text: string) =>
  effectsOf(
    compileStage({ metadata: { name: 's' }, spec: parse(`resourceRef: {kind: Pod}\n${text}`) } as never),
    pod,
    place,
  );

test('a status template is a strategic patch of the status', () => {
  const text = `next:
  statusTemplate: |
    {{ $now := Now }}
    phase: Running
    startTime: {{ $now | Quote }}
    podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) "" "" "" | Quote }}
    hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
    containerStatuses:
    {{ range .spec.containers }}
    - name: {{ .name | Quote }}
      {{ with .resources }}
      resources: {{ YAML . 4 }}
      {{ end }}
    {{ end }}
`;
  const status = {
    phase: 'Running',
    startTime: '2026-01-01T00:00:00.000Z',
    podIP: '10.1.0.2',
    hostIP: '10.0.0.1',
    containerStatuses: [{ name: 'c', resources: { limits: { cpu: '1' } } }],
  };
  expect(effects(text)).toEqual([
    { do: 'patch', patch: { type: 'strategic', body: { status } }, subresource: 'status' },
  ]);
});

test('next: an event, finalizers and a deletion, in this order', () => {
  const text =
    'next: {delete: true, finalizers: {empty: true}, event: {type: Warning, reason: R, message: "{{ .metadata.name }} ends"}}';
  expect(effects(text)).toEqual([
    { do: 'tell', type: 'Warning', reason: 'R', message: 'web ends' },
    { do: 'patch', patch: { type: 'merge', body: { metadata: { finalizers: [] } } }, subresource: undefined },
    { do: 'delete' },
  ]);
});

test.each([
  ['{add: [{value: c}], remove: [{value: a}]}', ['b', 'c']],
  ['{add: [{value: a}]}', undefined],
  ['{remove: [{value: c}]}', undefined],
  ['{empty: true, add: [{value: c}]}', ['c']],
])('finalizers %s', (change, finalizers) => {
  const patch = { type: 'merge', body: { metadata: { finalizers } } };
  const expected = finalizers ? [{ do: 'patch', patch, subresource: undefined }] : [];
  expect(effects(`next: {finalizers: ${change}}`)).toEqual(expected);
});

test('steps in the newer form, with patches of every type', () => {
  const text = `steps:
- patch: {root: metadata, type: merge, template: "labels: {a: b}"}
- patch: {root: status, subresource: status, type: json, template: '[{op: add, path: /phase, value: Failed}]'}
- event: {reason: Done}
`;
  expect(effects(text)).toEqual([
    { do: 'patch', patch: { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, subresource: undefined },
    {
      do: 'patch',
      patch: { type: 'json', body: [{ op: 'add', path: '/status/phase', value: 'Failed' }] },
      subresource: 'status',
    },
    { do: 'tell', type: 'Normal', reason: 'Done', message: '' },
  ]);
});

test('a template that cannot be carried out says where', () => {
  expect(() => effects('next: {statusTemplate: "a: {{ index .none 0 }}"}')).toThrow('index: index of untyped nil');
  expect(() => effects('next: {statusTemplate: "a: [{{ .metadata.name }}"}')).toThrow('yaml: ');
});
