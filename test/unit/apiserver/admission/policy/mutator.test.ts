import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { compileMutator, mutated } from '../../../../../src/apiserver/admission/policy/mutating/mutator.ts';
import { MutationError } from '../../../../../src/apiserver/admission/policy/mutating/patches.ts';
import { ServedTable } from '../../../../../src/apiserver/registry/served.ts';
import { apply, patch } from '../../../../kit/admission-policies.ts';
import { servedAt } from '../../../../kit/admission-request.ts';

const target = { shown: servedAt(ServedTable.builtIn(), 'apps/v1/deployments'), subresource: '' };

/** A Deployment with this spec and these labels. */
const deployment = (spec: object = {}, labels: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: labels as Record<string, string> },
  spec,
});

const withContainers = (...containers: object[]) => deployment({ template: { spec: { containers } } });

interface More {
  readonly variables?: Readonly<Record<string, string>>;
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/** What a policy of these mutations makes of an object. */
function run(
  object: KubeObject,
  mutations: readonly object[],
  { variables = {}, bindings = {} }: More = {},
): KubeObject {
  const mutator = compileMutator({
    metadata: { name: 'p' },
    spec: {
      mutations: mutations as never,
      paramKind: {},
      reinvocationPolicy: 'Never',
      variables: Object.entries(variables).map(([name, expression]) => ({ name, expression })),
    },
  });
  let now = object;
  for (const mutation of mutator.mutations)
    now = mutated(mutation, mutator.variables, { object: now, params: null, ...bindings }, now, target) as KubeObject;
  return now;
}

const labelsOf = (expressions: Readonly<Record<string, string>>, more?: More) => {
  const entries = Object.entries(expressions).map(([key, expression]) => `'${key}': string(${expression})`);
  const add = `[JSONPatch{op: 'add', path: '/metadata/labels', value: {${entries.join()}}}]`;
  return run(deployment(), [patch(add)], more).metadata.labels;
};

test('mutations of both kinds follow one another', () => {
  const up = apply('Object{spec: Object.spec{replicas: object.spec.replicas + 10}}');
  const twice = patch("[JSONPatch{op: 'replace', path: '/spec/replicas', value: object.spec.replicas * 2}]");
  expect(run(deployment({ replicas: 1 }), [up, twice])).toMatchObject({ spec: { replicas: 22 } });
  expect(run(deployment({ replicas: 1 }), [twice, up])).toMatchObject({ spec: { replicas: 12 } });
});

test('expressions see variables, params and all else that policies see', () => {
  const bindings = {
    params: { data: { tier: 'a' } },
    request: { kind: { group: 'apps' } },
    namespaceObject: { metadata: { name: 'team' } },
  };
  const expressions = {
    variable: 'variables.desired',
    params: 'params.data.tier',
    request: 'request.kind.group',
    namespace: 'namespaceObject.metadata.name',
  };
  expect(labelsOf(expressions, { variables: { desired: '10' }, bindings })).toEqual({
    variable: '10',
    params: 'a',
    request: 'apps',
    namespace: 'team',
  });
});

test('what was constructed can be looked at and compared', () => {
  const full = "JSONPatch{op: 'add', path: '/x', from: 'y', value: 1}";
  expect(
    labelsOf({
      op: "JSONPatch{op: 'a'}.op",
      value: "JSONPatch{value: 'v'}.value",
      'has-from': "has(JSONPatch{from: 'x'}.from)",
      'has-no-op': 'has(JSONPatch{}.op)',
      'empty-is': 'JSONPatch{} == JSONPatch{}',
      'same-is': `${full} == ${full}`,
      'other-value': `${full} == JSONPatch{op: 'add', path: '/x', from: 'y', value: '1'}`,
      field: "Object{field: 'x'}.field",
      'has-field': "has(Object{field: 'x'}.field)",
      'has-no-field': 'has(Object{}.field)',
      'same-object': "Object{field: 'x'} == Object{field: 'x'}",
      'other-object': "Object{field: 'x'} == Object{field: 'y'}",
    }),
  ).toEqual({
    op: 'a',
    value: 'v',
    'has-from': 'true',
    'has-no-op': 'false',
    'empty-is': 'true',
    'same-is': 'true',
    'other-value': 'false',
    field: 'x',
    'has-field': 'true',
    'has-no-field': 'false',
    'same-object': 'true',
    'other-object': 'false',
  });
});

test('objects made by an expression are values of patches', () => {
  const containers = 'Object.spec.template.spec.containers';
  const value = `${containers}{name: 'x', ports: [${containers}.ports{containerPort: 8080}]}`;
  const add = (what: string) => [
    patch(`[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: ${what}}]`),
  ];
  expect(run(withContainers({ name: 'a' }), add(value))).toMatchObject({
    spec: { template: { spec: { containers: [{ name: 'a' }, { name: 'x', ports: [{ containerPort: 8080 }] }] } } },
  });
  expect(() => run(withContainers(), add(value.replace('containerPort:', 'portZ:')))).toThrow(
    'strict decoding error: unknown field "spec.template.spec.containers[0].ports[0].portZ"',
  );
  expect(() => run(withContainers(), add(value.replace('.ports{', '.portsZ{')))).toThrow(
    expect.objectContaining({
      message: `type mismatch: unexpected type name "${containers}.portsZ", expected "${containers}.ports", which matches field name path from root Object type`,
    }),
  );
  // Only the names below it are compared with the path to them.
  expect(
    run(deployment(), [patch("[JSONPatch{op: 'add', path: '/spec', value: Object.invalid{replicas: 1}}]")]),
  ).toMatchObject({ spec: { replicas: 1 } });
});

test('items that stand twice in a list stay, until one of them is named', () => {
  const env = [
    { name: 'test', value: 'a' },
    { name: 'test', value: 'b' },
    { name: 'foo', value: 'bar' },
  ];
  const before = withContainers({ name: 'c', env });
  const envOf = (object: KubeObject) =>
    (object['spec'] as { template: { spec: { containers: [{ env: object }] } } }).template.spec.containers[0].env;
  expect(envOf(run(before, [apply('Object{spec: Object.spec{replicas: 3}}')]))).toEqual(env);
  const [spec, container] = ['Object.spec.template.spec', 'Object.spec.template.spec.containers'];
  const set = `Object{spec: Object.spec{template: Object.spec.template{spec: ${spec}{containers: [
    ${container}{name: 'c', env: [${container}.env{name: 'test', value: 'c'}]}]}}}}`;
  expect(envOf(run(before, [apply(set)]))).toEqual([{ name: 'test', value: 'c' }, env[2]]);
});

test.each([
  [apply("'text'"), 'must evaluate to Object but got string'],
  [apply('Object.spec{}'), 'must evaluate to Object but got Object.spec'],
  [patch('[]'), 'must evaluate to list(JSONPatch) but got list(dyn)'],
  [apply('Object{'), 'compilation failed: ERROR: <input>:1:8: Syntax error'],
  [
    apply('Object{spec: Object.spec{replicas: lists.range(1000000).all(x, x >= 0) ? 1 : 0}}'),
    'operation cancelled: actual cost limit exceeded',
  ],
  [apply('Object{spec: Object.spec{replicas: object.spec.nope}}'), 'resulted in error: no such key: nope'],
])('%j is an error of the policy', (mutation, message) => {
  expect(() => run(deployment(), [mutation])).toThrow(MutationError);
  expect(() => run(deployment(), [mutation])).toThrow(message);
});
