import { expect, test } from 'vitest';
import {
  apply,
  configMap,
  mutatingPolicy,
  refusal,
  rule,
  validatingBinding,
  validatingPolicy,
} from '../../kit/admission-policies.ts';
import { apiServer } from '../../kit/api-server.ts';
import { httpsApi } from '../../kit/https-api.ts';

const short = { validations: [{ expression: 'size(object.data) <= 1' }] };

test('a policy refuses what it does not allow, in the words of upstream', async () => {
  await using api = await apiServer();
  await validatingPolicy(api, 'short', short, { validationActions: ['Deny', 'Audit'] });
  await configMap(api, 'one', { a: '1' });
  const message =
    "ValidatingAdmissionPolicy 'short' with binding 'short' denied request: failed expression: size(object.data) <= 1";
  expect(await refusal(configMap(api, 'two', { a: '1', b: '2' }))).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `configmaps "two" is forbidden: ${message}`,
    reason: 'Invalid',
    details: { name: 'two', kind: 'configmaps', causes: [{ message }] },
    code: 422,
  });
  expect(await refusal(api.call('get', 'configmaps', { name: 'two' }))).toMatchObject({ code: 404 });
});

test('policy and binding are followed: made, changed, deleted', async () => {
  await using api = await apiServer();
  await validatingPolicy(api, 'p', short, null);
  await configMap(api, 'unbound', { a: '', b: '' });
  await validatingBinding(api, 'b', { policyName: 'p' });
  expect(await refusal(configMap(api, 'bound', { a: '', b: '' }))).toMatchObject({ code: 422 });
  const policies = 'admissionregistration.k8s.io/v1/validatingadmissionpolicies';
  const validations = [{ expression: 'size(object.data) <= 2', message: ' at most two ' }];
  await api.call('patch', policies, {
    namespace: '',
    name: 'p',
    patch: { type: 'merge', body: { spec: { validations } } },
  });
  await configMap(api, 'changed', { a: '', b: '' });
  expect((await refusal(configMap(api, 'three', { a: '', b: '', c: '' }))).message).toBe(
    `configmaps "three" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: at most two`,
  );
  await api.call('delete', policies, { namespace: '', name: 'p' });
  await configMap(api, 'three', { a: '', b: '', c: '' });
});

test('a message may be computed; what cannot be shown is not', async () => {
  await using api = await apiServer();
  const messages = {
    computed: "'wanted ' + string(variables.most) + ', got ' + string(size(object.data))",
    lines: "'two\\nlines'",
    empty: "' '",
    long: "'x'.replace('x', 'xxxxxxxxxxxxxxxx').replace('x', 'xxxxxxxxxxxxxxxxxxxx').replace('x', 'xxxxxxxxxxxxxxxxxxxx')",
    failing: "string(object.data['nope'])",
  };
  for (const [name, messageExpression] of Object.entries(messages)) {
    await validatingPolicy(api, name, {
      variables: [{ name: 'most', expression: '1' }],
      matchConditions: [{ name: 'named', expression: `object.metadata.name == '${name}'` }],
      validations: [
        {
          expression: 'size(object.data) <= variables.most',
          messageExpression,
          message: `as ${name}`,
          reason: 'Forbidden',
        },
      ],
    });
  }
  const told = async (name: string) => await refusal(configMap(api, name, { a: '', b: '' }));
  expect(await told('computed')).toMatchObject({
    reason: 'Forbidden',
    code: 403,
    details: { causes: [{ message: expect.stringMatching(/denied request: wanted 1, got 2$/) }] },
  });
  for (const name of ['lines', 'empty', 'long', 'failing'])
    expect((await told(name)).message).toMatch(new RegExp(`denied request: as ${name}$`));
});

test('a binding may warn', async () => {
  await using server = await httpsApi();
  await validatingPolicy(server.api, 'w', short, { validationActions: ['Warn', 'Audit'] });
  const { code, headers } = await server.post('/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'two' },
    data: { a: '', b: '' },
  });
  expect([code, headers['warning']]).toEqual([
    201,
    "299 - \"Validation failed for ValidatingAdmissionPolicy 'w' with binding 'w': failed expression: size(object.data) <= 1\"",
  ]);
});

test.each([
  ['Fail', true],
  ['Ignore', false],
])('an expression that fails is up to the failure policy: %s', async (failurePolicy, refuses) => {
  await using api = await apiServer();
  await validatingPolicy(api, 'p', { failurePolicy, validations: [{ expression: 'object.data.nope == "x"' }] });
  const call = configMap(api, 'c', { a: '' });
  if (!refuses) await call;
  else
    expect((await refusal(call)).message).toMatch(
      /denied request: expression 'object\.data\.nope == "x"' resulted in error: no such key: nope$/,
    );
});

test('match conditions decide; one that fails is up to the failure policy, unless another says no', async () => {
  await using api = await apiServer();
  const policy = (name: string, failurePolicy: string, ...expressions: string[]) =>
    validatingPolicy(api, name, {
      failurePolicy,
      matchConditions: expressions.map((expression, i) => ({ name: `c${i}`, expression })),
      validations: [{ expression: 'false' }],
    });
  await policy('others', 'Fail', "request.userInfo.username == 'somebody'");
  await policy('unsure', 'Ignore', "object.data.nope == ''");
  await policy('no', 'Fail', "object.data.nope == ''", 'false');
  await configMap(api, 'a');
  await policy('failing', 'Fail', "object.data.nope == ''");
  expect((await refusal(configMap(api, 'b'))).message).toMatch(
    /'failing' .* denied request: expression 'object\.data\.nope == ''' resulted in error: no such key: data$/,
  );
});

test('expressions see the write, its namespace, who asks and what they may do', async () => {
  await using api = await apiServer();
  await api.call('create', 'namespaces', {
    namespace: '',
    object: { metadata: { name: 'team', labels: { tier: 'a' } } },
  });
  const facts = [
    "request.operation + ' ' + request.resource.resource + ' ' + request.kind.kind + ' ' + request.namespace + '/' + request.name",
    "request.userInfo.username + ' ' + request.userInfo.groups[0] + ' ' + string(request.dryRun)",
    "namespaceObject.metadata.labels['tier'] + ' ' + namespaceObject.status.phase",
    "string(oldObject == null) + ' ' + string(object.data.a)",
    "string(authorizer.group('').resource('pods').namespace('x').check('delete').allowed())",
    "string(authorizer.serviceAccount('default', 'default').group('').resource('pods').check('list').allowed())",
    "string(authorizer.requestResource.check('update').allowed())",
    'request.options.kind',
  ];
  await validatingPolicy(api, 'p', {
    rules: [rule('v1/configmaps')],
    variables: facts.map((expression, i) => ({ name: `f${i}`, expression })),
    validations: [
      { expression: 'false', messageExpression: facts.map((_, i) => `variables.f${i}`).join(" + '; ' + ") },
    ],
  });
  const { message } = await refusal(configMap(api, 'it', { a: 'x' }, { namespace: 'team' }));
  expect(message?.split('denied request: ')[1]?.split('; ')).toEqual([
    'CREATE configmaps ConfigMap team/it',
    'admin system:masters false',
    'a Active',
    'true x',
    'true',
    'false',
    'true',
    'CreateOptions',
  ]);
});

test('deletes are held against policies, with the old object', async () => {
  await using api = await apiServer();
  await configMap(api, 'kept', { keep: 'yes' });
  await configMap(api, 'lost', { keep: 'no' });
  await validatingPolicy(api, 'p', {
    rules: [rule('v1/configmaps', 'DELETE')],
    validations: [{ expression: "object == null && oldObject.data.keep != 'yes'" }],
  });
  await api.call('delete', 'configmaps', { name: 'lost' });
  expect(await refusal(api.call('delete', 'configmaps', { name: 'kept' }))).toMatchObject({ code: 422 });
  expect(await refusal(api.call('deletecollection', 'configmaps'))).toMatchObject({ code: 422 });
});

test('no policy is asked about policies and bindings, nor about reviews', async () => {
  await using api = await apiServer();
  const everything = { ...rule('*/*'), apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  await validatingPolicy(api, 'no', { rules: [everything], validations: [{ expression: 'false' }] });
  expect(await refusal(configMap(api, 'c'))).toMatchObject({ code: 422 });
  await validatingBinding(api, 'other', { policyName: 'no' });
  const review = await api.call('create', 'authorization.k8s.io/v1/selfsubjectaccessreviews', {
    namespace: '',
    object: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
  });
  expect(review['status']).toMatchObject({ allowed: true });
  const remove = (plural: string) =>
    api.call('delete', `admissionregistration.k8s.io/v1/${plural}`, { namespace: '', name: 'no' });
  await remove('validatingadmissionpolicies');
  await configMap(api, 'c');
});

test('audit annotations are computed: one that fails refuses, unless failures are ignored', async () => {
  await using api = await apiServer();
  const policy = (name: string, failurePolicy: string, valueExpression: string) =>
    validatingPolicy(
      api,
      name,
      { failurePolicy, auditAnnotations: [{ key: 'k', valueExpression }] },
      { validationActions: ['Audit'] },
    );
  await policy('fine', 'Fail', "'called ' + object.metadata.name");
  await policy('none', 'Fail', 'null');
  await policy('ignored', 'Ignore', 'string(object.data.nope)');
  await configMap(api, 'c');
  await policy('wrong', 'Fail', 'string(object.data.nope)');
  expect((await refusal(configMap(api, 'd'))).message).toMatch(
    /'wrong' with binding 'wrong' denied request: expression 'string\(object\.data\.nope\)' resulted in error: no such key: data$/,
  );
});

test('all validations of a policy share a budget', async () => {
  await using api = await apiServer();
  // Each costs what a tenth of the text is long.
  const validations = Array.from({ length: 120 }, () => ({ expression: "object.data.text.contains('x')" }));
  await validatingPolicy(api, 'dear', { validations });
  await configMap(api, 'short', { text: 'x'.repeat(700_000) });
  expect((await refusal(configMap(api, 'long', { text: 'x'.repeat(900_000) }))).message).toMatch(
    /denied request: validation failed due to running out of cost budget, no further validation rules will be run$/,
  );
});

test('connections and what is never stored are held against policies, too', async () => {
  await using server = await httpsApi();
  const { api } = server;
  await api.call('create', 'pods', {
    object: { metadata: { name: 'it' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } },
  });
  await validatingPolicy(api, 'no-shells', {
    rules: [rule('v1/pods:exec', 'CONNECT'), rule('v1/pods:eviction', 'CREATE'), rule('v1/serviceaccounts:token')],
    validations: [
      {
        expression: "request.operation == 'CONNECT' ? object.command != ['sh'] : object.metadata.name != 'it'",
        messageExpression: "object.kind + ' by ' + request.subResource",
      },
    ],
  });
  const pod = '/api/v1/namespaces/default/pods/it';
  const refused = await server.ask(`${pod}/exec?command=sh&container=c`);
  expect(refused).toMatchObject({ code: 422, json: { message: expect.stringMatching(/: PodExecOptions by exec$/) } });
  expect((await server.ask(`${pod}/exec?command=ls&container=c`)).code).not.toBe(422);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'it' } };
  expect((await server.post(`${pod}/eviction`, eviction)).json.message).toMatch(/: Eviction by eviction$/);
});

test('a scale is seen as a Scale', async () => {
  await using api = await apiServer();
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const object = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
  await api.call('create', 'apps/v1/deployments', { object });
  await validatingPolicy(api, 'p', {
    rules: [rule('apps/v1/deployments:scale', 'UPDATE')],
    validations: [
      {
        expression: 'object.spec.replicas - oldObject.spec.replicas <= 2',
        messageExpression: "request.kind.group + ' ' + request.kind.kind + ' of ' + request.resource.resource",
      },
    ],
  });
  const scale = (replicas: number) =>
    api.call('patch', 'apps/v1/deployments', {
      name: 'd',
      subresource: 'scale',
      patch: { type: 'merge', body: { spec: { replicas } } },
    });
  await scale(3);
  expect((await refusal(scale(9))).message).toMatch(/denied request: autoscaling Scale of deployments$/);
});

test('what policies do is counted', async () => {
  await using server = await httpsApi();
  const { api } = server;
  await validatingPolicy(api, 'v', short, { validationActions: ['Deny', 'Audit'] });
  await validatingPolicy(api, 'i', { failurePolicy: 'Ignore', validations: [{ expression: 'object.data.nope == 1' }] });
  await mutatingPolicy(api, 'm', {
    mutations: [apply("Object{metadata: Object.metadata{labels: {'a': object.data.a}}}")],
  });
  await configMap(api, 'fine', { a: '' });
  await refusal(configMap(api, 'many', { a: '', b: '' }));
  await refusal(configMap(api, 'without', { b: '' }));
  const { text } = await server.ask('/metrics');
  expect(text.split('\n').filter((line) => /^apiserver_\w+ting_admission_policy_check_total/.test(line))).toEqual([
    'apiserver_validating_admission_policy_check_total{policy="i",policy_binding="i",error_type="invalid_error",enforcement_action="allow"} 2',
    'apiserver_validating_admission_policy_check_total{policy="v",policy_binding="v",error_type="invalid_error",enforcement_action="deny"} 1',
    'apiserver_validating_admission_policy_check_total{policy="v",policy_binding="v",error_type="invalid_error",enforcement_action="audit"} 1',
    'apiserver_mutating_admission_policy_check_total{policy="m",policy_binding="m",error_type="no_error"} 2',
    'apiserver_mutating_admission_policy_check_total{policy="m",policy_binding="m",error_type="invalid_error"} 1',
  ]);
});
