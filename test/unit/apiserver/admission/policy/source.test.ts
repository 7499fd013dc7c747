import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/api/object.ts';
import { matching, select } from '../../../../../src/apiserver/admission/policy/select.ts';
import { type AnyBinding, type AnyPolicy, PolicySource } from '../../../../../src/apiserver/admission/policy/source.ts';
import { ServedTable } from '../../../../../src/apiserver/registry/served.ts';
import { SystemClock } from '../../../../../src/base/clock.ts';
import { SystemIds } from '../../../../../src/base/ids.ts';
import { createMemoryStore } from '../../../../../src/store/memory-store.ts';
import type { Store } from '../../../../../src/store/store.ts';
import { validatingPolicy } from '../../../../kit/admission-policies.ts';
import { write } from '../../../../kit/admission-request.ts';
import { apiServer } from '../../../../kit/api-server.ts';

const served = ServedTable.builtIn();
const [policies, bindings] = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'];

function world() {
  const store = createMemoryStore({ clock: new SystemClock(), ids: new SystemIds() });
  const compiled: string[] = [];
  const source = new PolicySource<AnyPolicy, AnyBinding, string>(store, policies!, bindings!, ({ metadata }) => {
    compiled.push(metadata.name!);
    return `compiled ${metadata.name}`;
  });
  const put = async (plural: string, name: string, spec: object) => {
    const key = { resource: `${plural}.admissionregistration.k8s.io`, namespace: '', name };
    const object = { apiVersion: 'x', kind: 'X', metadata: { name }, spec } as never;
    const head = store.head(key);
    await (head ? store.update(key, object, head.revision) : store.create(key, object));
  };
  return {
    store,
    source,
    compiled,
    policy: (name: string, spec: object = {}) => put(policies!, name, { matchConstraints: everything, ...spec }),
    binding: (name: string, policyName: string, spec: object = {}) => put(bindings!, name, { policyName, ...spec }),
    selected: async (store: Store) => {
      const request = write(served, 'CREATE', 'v1/configmaps', { object: configMap as never });
      return await select(matching(source.hooks, request, { store, served }), request, { store, served });
    },
  };
}

const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
const everything = { resourceRules: [rule], matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} };
const configMap: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it', labels: { a: 'b' } } };

const shown = (hooks: PolicySource<AnyPolicy, AnyBinding, string>['hooks']) =>
  hooks.map(({ policy, bindings: bound }) => [
    policy.metadata.name,
    ...bound.map(({ binding }) => binding.metadata.name),
  ]);

test('only what is bound counts, in the order of names', async () => {
  const { source, policy, binding, compiled } = world();
  expect(source.empty).toBe(true);
  await policy('b');
  await policy('a');
  await policy('unbound');
  expect(source.empty).toBe(true);
  for (const [name, of] of [
    ['y', 'b'],
    ['z', 'a'],
    ['x', 'a'],
    ['w', 'missing'],
  ] as const)
    await binding(name, of);
  expect(source.empty).toBe(false);
  expect(shown(source.hooks)).toEqual([
    ['a', 'x', 'z'],
    ['b', 'y'],
  ]);
  expect(compiled).toEqual(['a', 'b']);
});

test('a policy is compiled once, and again when it is another', async () => {
  const { source, policy, binding, compiled } = world();
  await policy('p');
  await binding('b', 'p');
  expect(source.hooks).toBe(source.hooks);
  await binding('c', 'p');
  expect(shown(source.hooks)).toEqual([['p', 'b', 'c']]);
  expect(compiled).toEqual(['p']);
  await policy('p', { failurePolicy: 'Ignore' });
  expect(source.hooks[0]?.policy.spec?.failurePolicy).toBe('Ignore');
  expect(compiled).toEqual(['p', 'p']);
});

test('a status makes no other policy', async () => {
  const compiled: string[] = [];
  await using api = await apiServer();
  const source = new PolicySource<AnyPolicy, AnyBinding, string>(api.store, policies!, bindings!, ({ metadata }) => {
    compiled.push(metadata.name!);
    return '';
  });
  await validatingPolicy(api, 'p', { validations: [{ expression: 'true' }] });
  const statuses = () => source.hooks.map(({ policy }) => (policy as { status?: object }).status);
  expect(statuses()).toEqual([{}]);
  await api.call('patch', `admissionregistration.k8s.io/v1/${policies}`, {
    namespace: '',
    name: 'p',
    subresource: 'status',
    patch: { type: 'merge', body: { status: { observedGeneration: 1 } } },
  });
  expect(statuses()).toEqual([{ observedGeneration: 1 }]);
  expect(compiled).toEqual(['p']);
});

test('after it is closed nothing is followed', async () => {
  const { source, policy, binding } = world();
  await policy('p');
  expect(source.hooks).toEqual([]);
  source.close();
  await binding('b', 'p');
  expect(source.hooks).toEqual([]);
});

test('a binding narrows what its policy is for; a policy without rules is for everything', async () => {
  const { store, policy, binding, selected } = world();
  await policy('p', { matchConstraints: { ...everything, resourceRules: [] } });
  const matchResources = (labels: object) => ({
    matchResources: { ...everything, resourceRules: [], objectSelector: { matchLabels: labels } },
  });
  await binding('mine', 'p', matchResources({ a: 'b' }));
  await binding('theirs', 'p', matchResources({ a: 'c' }));
  await policy('q', { matchConstraints: { ...everything, objectSelector: { matchLabels: { a: 'c' } } } });
  await binding('q', 'q');
  expect(await selected(store)).toMatchObject([
    {
      policy: { metadata: { name: 'p' } },
      binding: { metadata: { name: 'mine' } },
      evaluator: 'compiled p',
      params: undefined,
    },
  ]);
});

test('what cannot be told of a policy or binding is said in its place', async () => {
  const { store, policy, binding, selected } = world();
  const wrong = { matchExpressions: [{ key: 'a', operator: 'Nope' }] };
  await policy('a', { matchConstraints: { ...everything, objectSelector: wrong } });
  await binding('a', 'a');
  await policy('b');
  await binding('b', 'b', { matchResources: { ...everything, namespaceSelector: wrong } });
  await policy('c', { paramKind: { apiVersion: 'nope.io/v1', kind: 'Nope' } });
  await binding('c', 'c', { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } });
  await policy('d', { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } });
  await binding('d', 'd', { paramRef: { name: 'x', parameterNotFoundAction: 'Deny' } });
  await binding('e', 'd', { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } });
  const found = await selected(store);
  expect(found.map((one) => 'misfit' in one && one.misfit)).toEqual([
    'failed to configure policy: Internal error occurred: "Nope" is not a valid label selector operator',
    'failed to configure binding: Internal error occurred: "Nope" is not a valid label selector operator',
    "failed to configure policy: failed to find resource referenced by paramKind: 'nope.io/v1, Kind=Nope'",
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  ]);
});
