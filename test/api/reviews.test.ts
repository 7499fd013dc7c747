import { expect, test } from 'vitest';
import { apiServer, type TestApi } from '../kit/api-server.ts';

const authorization = 'authorization.k8s.io/v1';

/** What a review of a kind answers: its status, or the causes it is refused for. */
async function review(api: TestApi, resource: string, object: object): Promise<unknown> {
  const local = resource.startsWith('local');
  try {
    const answer = await api.call('create', `${authorization}/${resource}`, {
      namespace: local ? 'default' : '',
      object: object as never,
    });
    return (answer as unknown as { status: unknown }).status;
  } catch (error) {
    const { status } = error as { status: { code: number; message: string; details?: { causes?: object[] } } };
    const causes = status.details?.causes as { field: string; message: string }[] | undefined;
    return causes?.map(({ field, message }) => `${field}: ${message}`) ?? `${status.code} ${status.message}`;
  }
}

const pods = { verb: 'get', resource: 'pods', namespace: 'default' };
const nothingAsked =
  'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
const nobody = 'spec.user: Invalid value: "": at least one of user or group must be specified';

test.each<[string, object, unknown]>([
  ['selfsubjectaccessreviews', { spec: { resourceAttributes: pods } }, { allowed: true }],
  ['selfsubjectaccessreviews', { spec: {} }, [nothingAsked]],
  ['subjectaccessreviews', { spec: { user: 'jane', resourceAttributes: pods } }, { allowed: false }],
  ['subjectaccessreviews', { spec: {} }, [nothingAsked, nobody]],
  [
    'subjectaccessreviews',
    { spec: { groups: ['a'], resourceAttributes: pods, nonResourceAttributes: { path: '/', verb: 'get' } } },
    [
      'spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: cannot be specified in combination with resourceAttributes',
    ],
  ],
  [
    'subjectaccessreviews',
    { metadata: { name: 'x' }, spec: { user: 'jane', resourceAttributes: pods } },
    ['metadata: Invalid value: {"name":"x"}: must be empty'],
  ],
  [
    'subjectaccessreviews',
    {
      spec: {
        user: 'jane',
        resourceAttributes: {
          ...pods,
          fieldSelector: {},
          labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a b', operator: 'Newer' }, { operator: 'In' }] },
        },
      },
    },
    [
      'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
      'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
      expect.stringMatching(/^spec\.resourceAttributes\.labelSelector\.requirements\[0\]\.key: Invalid value: "a b"/),
      "spec.resourceAttributes.labelSelector.requirements[1].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      expect.stringMatching(/^spec\.resourceAttributes\.labelSelector\.requirements\[1\]\.key: Invalid value: ""/),
      expect.stringMatching(/^spec\.resourceAttributes\.labelSelector\.requirements\[1\]\.key: Invalid value: ""/),
    ],
  ],
  ['localsubjectaccessreviews', { spec: { user: 'jane', resourceAttributes: pods } }, { allowed: false }],
  [
    'localsubjectaccessreviews',
    { metadata: { labels: { a: 'b' } }, spec: { user: 'jane', resourceAttributes: { ...pods, namespace: 'other' } } },
    [
      'metadata: Invalid value: {"labels":{"a":"b"},"namespace":"default"}: must be empty except for namespace',
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ],
  ],
  [
    'localsubjectaccessreviews',
    { spec: { user: 'jane', nonResourceAttributes: { path: '/' } } },
    ['spec.nonResourceAttributes: Invalid value: {"path":"/"}: disallowed on this kind of request'],
  ],
  ['selfsubjectrulesreviews', { spec: {} }, '400 no namespace on request'],
])('%s of %j', async (resource, object, expected) => {
  await using api = await apiServer();
  expect(await review(api, resource, object)).toEqual(expected);
});

test('a token review needs a token', async () => {
  await using api = await apiServer();
  const create = (spec: object) =>
    api.call('create', 'authentication.k8s.io/v1/tokenreviews', { namespace: '', object: { spec } as never });
  await expect(create({})).rejects.toMatchObject({
    code: 400,
    message: 'token is required for TokenReview in authentication',
  });
  expect(await create({ token: 'x' })).toMatchObject({ status: { error: 'invalid bearer token' } });
});

test('a review of rules tells of the rules, not of what was asked', async () => {
  await using api = await apiServer();
  const object = { spec: { namespace: 'default' } } as never;
  const call = { namespace: '', object };
  expect(await api.call('create', `${authorization}/selfsubjectrulesreviews`, call)).toEqual({
    kind: 'SelfSubjectRulesReview',
    apiVersion: authorization,
    metadata: {},
    spec: {},
    status: {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  });
});
