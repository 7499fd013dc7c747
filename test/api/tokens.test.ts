import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { ManualClock, timestamp } from '../../src/base/clock.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const issuer = 'https://issuer';
const signingServer = () => apiServer({ server: { serviceAccounts: { key: generateKey(), issuer } } });

interface Answer {
  readonly metadata: object;
  readonly spec: object;
  readonly status: { readonly token: string };
}

const request = (api: TestApi, spec: object, metadata: object = {}): Promise<Answer> =>
  api.call('create', 'serviceaccounts', { name: 'default', subresource: 'token', object: { metadata, spec } as never });

const claims = ({ status }: Answer) => decodeJwt(status.token)['kubernetes.io'];

const pod = (api: TestApi, spec: object = {}) =>
  api.call('create', 'pods', {
    object: { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
  });

test('a token is for whom it was asked for, an hour unless told otherwise', async () => {
  await using api = await signingServer();
  const answer = await request(api, {});
  expect(answer).toMatchObject({
    metadata: { name: 'default', namespace: 'default' },
    spec: { audiences: [issuer], expirationSeconds: 3600 },
  });
  expect(claims(answer)).toMatchObject({ namespace: 'default', serviceaccount: { name: 'default' } });
});

test.each<[string, object, object, object]>([
  [
    'a short life',
    { expirationSeconds: 599 },
    {},
    {
      code: 422,
      message:
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    },
  ],
  [
    'a long life',
    { expirationSeconds: 2 ** 32 + 1 },
    {},
    { message: expect.stringContaining('may not specify a duration larger than 2^32 seconds') },
  ],
  [
    'another account',
    {},
    { name: 'other' },
    {
      code: 422,
      message:
        'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    },
  ],
  [
    'what no token is bound to',
    { boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
    {},
    { code: 400, message: 'cannot bind token to object of type apps/v1, Kind=Deployment' },
  ],
  [
    'a pod that is not there',
    { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'b' } },
    {},
    { code: 404, message: 'pods "b" not found' },
  ],
  [
    'a pod that was another one',
    { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'x' } },
    {},
    {
      code: 409,
      message:
        'Operation cannot be fulfilled on Pod "a": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
    },
  ],
])('no token for %s', async (_what, spec, metadata, expected) => {
  await using api = await signingServer();
  await pod(api);
  await expect(request(api, spec, metadata)).rejects.toMatchObject(expected);
});

test('a token of a pod names the node too, also one that is gone', async () => {
  await using api = await signingServer();
  const { metadata } = await pod(api, { nodeName: 'n' });
  const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'a' } };
  expect(claims(await request(api, bound))).toMatchObject({ pod: { name: 'a', uid: metadata.uid } });
  expect(claims(await request(api, bound))).toHaveProperty('node', { name: 'n' });
  const node = await api.call('create', 'nodes', { namespace: '', object: { metadata: { name: 'n' } } });
  expect(claims(await request(api, bound))).toHaveProperty('node', { name: 'n', uid: node.metadata.uid });
});

test('a token of a pod that runs as somebody else is refused', async () => {
  await using api = await signingServer();
  await api.call('create', 'serviceaccounts', { object: { metadata: { name: 'robot' } } });
  await pod(api, { serviceAccountName: 'robot' });
  const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'a' } };
  await expect(request(api, bound)).rejects.toMatchObject({
    code: 400,
    message: 'cannot bind token for serviceaccount "default" to pod running with different serviceaccount name.',
  });
});

test('a bootstrap token speaks for a node that joins, as long as its Secret is good for that', async () => {
  const clock = new ManualClock();
  await using api = await apiServer({ clock });
  const values = {
    'token-id': 'abcdef',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': 'system:bootstrappers:mine',
    expiration: timestamp(clock.wall() + 60_000),
  };
  const name = 'bootstrap-token-abcdef';
  await api.call('create', 'secrets', {
    namespace: 'kube-system',
    object: { metadata: { name }, type: 'bootstrap.kubernetes.io/token', stringData: values } as never,
  });
  const who = async (token: string) => {
    const spec = { token };
    const object = { metadata: {}, spec } as never;
    const answer = await api.call('create', 'authentication.k8s.io/v1/tokenreviews', { namespace: '', object });
    return (answer as unknown as { status: { authenticated?: boolean; user?: object } }).status;
  };
  expect(await who('abcdef.0123456789abcdef')).toMatchObject({
    authenticated: true,
    user: {
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:mine', 'system:authenticated'],
    },
  });
  for (const wrong of ['abcdef.0123456789abcdee', 'fedcba.0123456789abcdef', 'abcdef.0123456789abcdef0'])
    expect((await who(wrong)).authenticated).toBeFalsy();
  await api.call('patch', 'secrets', {
    namespace: 'kube-system',
    name,
    patch: { type: 'merge', body: { data: { 'usage-bootstrap-authentication': null } } },
  });
  expect((await who('abcdef.0123456789abcdef')).authenticated).toBeFalsy();
  await api.call('patch', 'secrets', {
    namespace: 'kube-system',
    name,
    patch: { type: 'merge', body: { stringData: { 'usage-bootstrap-authentication': 'true' } } },
  });
  expect((await who('abcdef.0123456789abcdef')).authenticated).toBe(true);
  await clock.advance(60_000);
  expect((await who('abcdef.0123456789abcdef')).authenticated).toBeFalsy();
});
