import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { generateKey } from '../../src/pki/keys.ts';
import { apiServer } from '../kit/api-server.ts';
import { httpsApi } from '../kit/https-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';

test('only health and version answer a stranger', async () => {
  await using server = await httpsApi();
  for (const path of ['/livez', '/readyz', '/healthz', '/version', '/livez/ping'])
    expect([path, (await server.ask(path, { as: null })).code]).toEqual([path, 200]);
  for (const path of ['/', '/api', '/apis', '/metrics', '/openapi/v2', maps, '/livez/../api/v1/pods', '/nowhere']) {
    const answer = await server.ask(path, { as: null });
    expect([path, answer.code, answer.json.message]).toEqual([path, 401, 'Unauthorized']);
  }
});

test('a role lets its subjects do what it says in its namespace, at once, and nothing else', async () => {
  await using server = await httpsApi();
  const jane = await server.client('jane', 'readers');
  const refusal = await server.ask(maps, { as: jane });
  expect(refusal.json).toMatchObject({
    code: 403,
    message:
      'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
  });
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/roles', {
    object: {
      metadata: { name: 'read' },
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }],
    },
  });
  await server.api.call('create', 'rbac.authorization.k8s.io/v1/rolebindings', {
    object: {
      metadata: { name: 'read' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read' },
      subjects: [{ kind: 'Group', name: 'readers', apiGroup: 'rbac.authorization.k8s.io' }],
    },
  });
  expect((await server.ask(maps, { as: jane })).code).toBe(200);
  expect((await server.ask(`${maps}?watch=1&timeoutSeconds=1`, { as: jane })).code).toBe(403);
  expect((await server.post(maps, { metadata: { name: 'x' } }, { as: jane })).code).toBe(403);
  expect((await server.ask('/api/v1/namespaces/kube-system/configmaps', { as: jane })).code).toBe(403);
  await server.api.call('delete', 'rbac.authorization.k8s.io/v1/rolebindings', { name: 'read' });
  expect((await server.ask(maps, { as: jane })).code).toBe(403);
});

test('in-process callers are authorized like everybody else', async () => {
  await using api = await apiServer();
  const stranger = api.server.transport({ name: 'stranger', groups: [] });
  await expect(
    stranger.call({ verb: 'list', resource: { group: '', version: 'v1', resource: 'pods' } }),
  ).rejects.toMatchObject({ code: 403 });
  await expect(
    api.server
      .transport({ name: 'a', groups: ['system:masters'] })
      .as({ name: 'stranger', groups: [] })
      .call({ verb: 'list', resource: { group: '', version: 'v1', resource: 'pods' } }),
  ).rejects.toMatchObject({ code: 403 });
});

test('nobody grants what they do not have', async () => {
  await using server = await httpsApi();
  const bob = await server.client('bob');
  const rbac = 'rbac.authorization.k8s.io/v1';
  const roleRef = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  const create = (resource: string, object: object) =>
    server.api.call('create', `${rbac}/${resource}`, { namespace: 'default', object });
  await create('clusterroles', {
    metadata: { name: 'role-maker' },
    rules: [
      { verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
    ],
  });
  await create('clusterroles', {
    metadata: { name: 'all' },
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  });
  await create('clusterrolebindings', {
    metadata: { name: 'bob' },
    roleRef: roleRef('role-maker'),
    subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  const role = (verbs: string[]) => ({
    metadata: { name: verbs.join('-') },
    rules: [{ verbs, apiGroups: [''], resources: ['pods'] }],
  });
  expect((await server.post(roles, role(['get']), { as: bob })).code).toBe(201);
  const refused = await server.post(roles, role(['delete']), { as: bob });
  expect(refused.json).toMatchObject({ code: 403 });
  expect(refused.json.message).toContain('is attempting to grant RBAC permissions not currently held');
  const bind = (name: string) =>
    server.post(
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
      {
        metadata: { name },
        roleRef: roleRef(name),
        subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }],
      },
      { as: bob },
    );
  expect((await bind('all')).code).toBe(403);
  expect((await bind('role-maker')).code).toBe(201);
});

test('impersonation needs the right to it, and then counts in full', async () => {
  await using server = await httpsApi();
  const asJane = { headers: { 'impersonate-user': 'jane' } };
  expect((await server.ask(maps, asJane)).json.message).toContain('User "jane" cannot list');
  expect(
    (await server.ask(maps, { headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' } })).code,
  ).toBe(200);
  const bob = await server.client('bob');
  expect((await server.ask(maps, { ...asJane, as: bob })).json.message).toContain(
    'User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
  const nobody = { 'impersonate-group': 'x', 'impersonate-extra-why': 'y' };
  expect((await server.ask(maps, { headers: nobody })).json).toMatchObject({
    code: 400,
    message:
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"x"}, Extra:map[string][]string{"why":[]string{"y"}}} without impersonating a user name',
  });
});

test.each(['HTTP/1.1', 'HTTP/2'])('who is impersonated is who was named, to the letter, over %s', async (version) => {
  await using server = await httpsApi();
  const self = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const rbac = 'rbac.authorization.k8s.io';
  await server.api.call('create', `${rbac}/v1/clusterroles`, {
    namespace: '',
    object: {
      metadata: { name: 'self' },
      rules: [{ verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] }],
    },
  });
  await server.api.call('create', `${rbac}/v1/clusterrolebindings`, {
    namespace: '',
    object: {
      metadata: { name: 'self' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'self' },
      subjects: ['system:authenticated', 'system:unauthenticated'].map((name) => ({ kind: 'Group', name })),
    },
  });
  const ask = version === 'HTTP/2' ? server.ask2 : server.ask;
  const whoami = async (headers: Record<string, string | string[]>) => {
    const { json } = await ask(self, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    return (json as unknown as { status: { userInfo: object } }).status.userInfo;
  };
  expect(
    await whoami({
      'impersonate-user': 'jane',
      'impersonate-uid': 'u-1',
      'impersonate-group': ['two', 'one', ',,,chameleon', 'two'],
      'impersonate-extra-a%2fb': ['x,y', 'z'],
      'impersonate-extra-c%zz': 'w',
    }),
  ).toEqual({
    username: 'jane',
    uid: 'u-1',
    groups: ['two', 'one', ',,,chameleon', 'two', 'system:authenticated'],
    extra: { 'a/b': ['x,y', 'z'], 'c%zz': ['w'] },
  });
  expect(await whoami({ 'impersonate-user': 'system:anonymous' })).toEqual({
    username: 'system:anonymous',
    groups: ['system:unauthenticated'],
  });
  expect(await whoami({ 'impersonate-user': 'system:serviceaccount:a:b' })).toEqual({
    username: 'system:serviceaccount:a:b',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
  });
});

test('a service account token speaks for its account until the account is gone', async () => {
  const issuer = 'https://kubernetes.default.svc';
  await using server = await httpsApi({ serviceAccounts: { key: generateKey(), issuer } });
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await server.post(accounts, { metadata: { name: 'robot' } });
  const { json: request } = await server.post(`${accounts}/robot/token`, { spec: { expirationSeconds: 600 } });
  const token = (request as unknown as { status: { token: string } }).status.token;
  const as = (bearer: string) => ({ as: null, headers: { authorization: `Bearer ${bearer}` } });
  expect((await server.ask(maps, as(token))).json.message).toContain('User "system:serviceaccount:default:robot"');
  expect((await server.ask(maps, as(`${token}x`))).code).toBe(401);
  const { json: short } = await server.post(`${accounts}/robot/token`, { spec: { expirationSeconds: 5 } });
  expect(short.message).toContain('may not specify a duration less than 10 minutes');
  const review = await server.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  expect(review.json).toMatchObject({
    status: { authenticated: true, user: { username: 'system:serviceaccount:default:robot' } },
  });
  await server.ask(`${accounts}/robot`, { method: 'DELETE' });
  expect((await server.ask(maps, as(token))).code).toBe(401);
});

test('access reviews answer as requests are answered', async () => {
  await using server = await httpsApi();
  const review = (spec: object) => server.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec });
  const what = { verb: 'get', resource: 'pods', namespace: 'default' };
  expect((await review({ user: 'jane', resourceAttributes: what })).json).toMatchObject({ status: { allowed: false } });
  expect((await review({ user: 'r', groups: ['system:masters'], resourceAttributes: what })).json).toMatchObject({
    status: { allowed: true },
  });
  expect((await review({ user: 'jane' })).code).toBe(422);
});

test('a refusal tells of roles that are bound and not there, a review what allows', async () => {
  await using server = await httpsApi();
  const jane = await server.client('jane', 'readers');
  const rbac = 'rbac.authorization.k8s.io/v1';
  const bind = (resource: string, name: string, kind: string, role: string, subject: object) =>
    server.api.call('create', `${rbac}/${resource}`, {
      object: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
        subjects: [subject],
      },
    });
  const readers = { kind: 'Group', name: 'readers', apiGroup: 'rbac.authorization.k8s.io' };
  await bind('rolebindings', 'read', 'Role', 'gone', readers);
  const refused =
    'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"';
  const missing = 'RBAC: role.rbac.authorization.k8s.io "gone" not found';
  expect((await server.ask(maps, { as: jane })).json.message).toBe(`${refused}: ${missing}`);

  const status = async (user: string, groups: string[] = []) => {
    const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace: 'default' };
    const body = { spec: { user, groups, resourceAttributes } };
    return (await server.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', body)).json.status;
  };
  expect(await status('jane', ['readers'])).toEqual({ allowed: false, reason: missing });
  expect(await status('bob')).toEqual({ allowed: false });
  await server.api.call('create', `${rbac}/clusterroles`, {
    namespace: '',
    object: { metadata: { name: 'view' }, rules: [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'] }] },
  });
  await bind('rolebindings', 'robots', 'ClusterRole', 'view', { kind: 'ServiceAccount', name: 'r', namespace: 'x' });
  await bind('clusterrolebindings', 'all', 'ClusterRole', 'view', { ...readers, kind: 'User', name: 'bob' });
  expect(await status('system:serviceaccount:x:r')).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "robots/default" of ClusterRole "view" to ServiceAccount "r/x"',
  });
  expect(await status('bob')).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "view" to User "bob"',
  });
});

test('who asks with a certificate learns which', async () => {
  await using server = await httpsApi();
  const jane = await server.client('jane', 'system:masters');
  const { json } = await server.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { as: jane });
  const digest = new X509Certificate(jane.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  expect(json).toMatchObject({
    metadata: { creationTimestamp: expect.any(String) },
    status: {
      userInfo: {
        username: 'jane',
        groups: ['system:masters', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
      },
    },
  });
});

test('a stranger reads cluster-info where its role lets them', async () => {
  await using server = await httpsApi();
  const info = '/api/v1/namespaces/kube-public/configmaps/cluster-info';
  const stranger = await server.ask(info, { as: null });
  expect(stranger.json).toMatchObject({ code: 403, reason: 'Forbidden' });
  expect(stranger.json.message).toContain('User "system:anonymous" cannot get resource "configmaps"');
  const namespace = 'kube-public';
  const api = server.api;
  await api.call('create', 'namespaces', { namespace: '', object: { metadata: { name: namespace } } });
  await api.call('create', 'configmaps', { namespace, object: { metadata: { name: 'cluster-info' } } });
  const rbac = 'rbac.authorization.k8s.io';
  await api.call('create', `${rbac}/v1/roles`, {
    namespace,
    object: { metadata: { name: 'r' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }] },
  });
  await api.call('create', `${rbac}/v1/rolebindings`, {
    namespace,
    object: {
      metadata: { name: 'r' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'system:anonymous', apiGroup: rbac }],
    },
  });
  expect((await server.ask(info, { as: null })).code).toBe(200);
  expect((await server.ask('/api/v1/namespaces/kube-public/configmaps', { as: null })).code).toBe(401);
});
