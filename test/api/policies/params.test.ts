import { expect, test } from 'vitest';
import { configMap, refusal, rule, validatingBinding, validatingPolicy } from '../../kit/admission-policies.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { define } from '../../kit/custom-resources.ts';

const ofConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const deny = { parameterNotFoundAction: 'Deny' };

/** Secrets may have as many keys as a ConfigMap says. */
const limited = {
  paramKind: ofConfigMap,
  rules: [rule('v1/secrets')],
  validations: [
    {
      expression: "params == null || size(object.data) <= int(params.data['most'])",
      messageExpression: "'at most ' + params.data['most'] + ' by ' + params.kind + ' ' + params.metadata.name",
    },
  ],
};

const secret = (api: TestApi, name: string, keys: number, namespace = 'default') => {
  const data = Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, 'eA==']));
  return api.call('create', 'secrets', { namespace, object: { metadata: { name }, data } });
};

const why = async (call: Promise<unknown>) => (await refusal(call)).message?.split('denied request: ')[1];

test('params by name are of the namespace of the write, or of one that is named', async () => {
  await using api = await apiServer();
  await validatingPolicy(api, 'p', limited, { paramRef: { name: 'limit', ...deny } });
  expect(await why(secret(api, 's', 1))).toBe(
    'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  );
  await configMap(api, 'limit', { most: '1' });
  await secret(api, 'a', 1);
  expect(await why(secret(api, 'b', 2))).toBe('at most 1 by ConfigMap limit');
  await validatingPolicy(api, 'q', limited, { paramRef: { name: 'limit', namespace: 'kube-system', ...deny } });
  await configMap(api, 'limit', { most: '0' }, { namespace: 'kube-system' });
  expect(await why(secret(api, 'c', 1))).toBe('at most 0 by ConfigMap limit');
});

test('params that are not there may be none; those that change count at once', async () => {
  await using api = await apiServer();
  await validatingPolicy(api, 'p', limited, { paramRef: { name: 'limit', parameterNotFoundAction: 'Allow' } });
  await secret(api, 'a', 5);
  await configMap(api, 'limit', { most: '1' });
  expect(await why(secret(api, 'b', 5))).toBe('at most 1 by ConfigMap limit');
  const body = { data: { most: '9' } };
  await api.call('patch', 'configmaps', { name: 'limit', patch: { type: 'merge', body } });
  await secret(api, 'b', 5);
  await api.call('delete', 'configmaps', { name: 'limit' });
  await secret(api, 'c', 20);
});

test('a binding without a paramRef applies the policy with null', async () => {
  await using api = await apiServer();
  await validatingPolicy(api, 'p', { ...limited, validations: [{ expression: 'params != null' }] });
  expect(await why(secret(api, 's', 1))).toBe('failed expression: params != null');
});

test('each of the params that are selected has a say', async () => {
  await using api = await apiServer();
  const selector = { matchLabels: { limits: 'secrets' } };
  await validatingPolicy(api, 'p', limited, { paramRef: { selector, ...deny } });
  expect(await why(secret(api, 's', 1))).toMatch(/no params found/);
  await configMap(api, 'wide', { most: '3' }, { labels: { limits: 'secrets' } });
  await configMap(api, 'narrow', { most: '1' }, { labels: { limits: 'secrets' } });
  await configMap(api, 'other', { most: '0' });
  await secret(api, 'a', 1);
  expect(await why(secret(api, 'b', 2))).toBe('at most 1 by ConfigMap narrow');
});

test('params of the cluster have no namespace; writes to the cluster have none to look in', async () => {
  await using api = await apiServer();
  const ofNamespace = { ...limited, paramKind: { apiVersion: 'v1', kind: 'Namespace' } };
  await validatingPolicy(api, 'p', ofNamespace, { paramRef: { name: 'default', namespace: 'default', ...deny } });
  expect(await why(secret(api, 's', 1))).toBe(
    'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
  );
  const onNodes = { ...limited, rules: [rule('v1/nodes')] };
  await validatingPolicy(api, 'q', onNodes, { paramRef: { name: 'limit', ...deny } });
  const node = api.call('create', 'nodes', { namespace: '', object: { metadata: { name: 'n' } } });
  expect(await why(node)).toBe(
    'failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
  );
});

test('custom resources are params, and their definition may come later', async () => {
  await using api = await apiServer();
  const paramKind = { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit' };
  const policy = {
    paramKind,
    rules: [rule('v1/secrets')],
    validations: [{ expression: 'size(object.data) <= params.max', messageExpression: "'max ' + string(params.max)" }],
  };
  await validatingPolicy(api, 'p', policy, { paramRef: { name: 'limit', ...deny } });
  expect((await refusal(secret(api, 's', 1))).details?.causes).toEqual([
    {
      message:
        "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=ReplicaLimit'",
    },
  ]);
  const schema = { type: 'object', properties: { max: { type: 'integer' } } };
  await define(api, {
    group: 'rules.example.com',
    plural: 'replicalimits',
    kind: 'ReplicaLimit',
    scope: 'Cluster',
    schema,
  });
  await api.call('create', 'rules.example.com/v1/replicalimits', {
    namespace: '',
    object: { apiVersion: paramKind.apiVersion, kind: paramKind.kind, metadata: { name: 'limit' }, max: 1 },
  });
  await secret(api, 'a', 1);
  expect(await why(secret(api, 'b', 2))).toBe('max 1');
});

test('several bindings apply one policy, each where it is meant to', async () => {
  await using api = await apiServer();
  await configMap(api, 'few', { most: '1' });
  await configMap(api, 'many', { most: '3' });
  await validatingPolicy(api, 'p', limited, null);
  const bind = (name: string, limit: string, operator: string) =>
    validatingBinding(api, name, {
      policyName: 'p',
      paramRef: { name: limit, namespace: 'default', ...deny },
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: ['kube-system'] }],
        },
      },
    });
  await bind('system', 'many', 'In');
  await bind('others', 'few', 'NotIn');
  await secret(api, 'a', 3, 'kube-system');
  expect(await why(secret(api, 'a', 3))).toBe('at most 1 by ConfigMap few');
  expect(await why(secret(api, 'b', 4, 'kube-system'))).toBe('at most 3 by ConfigMap many');
});
