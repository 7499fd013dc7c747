import { afterAll, beforeAll, expect, test } from 'vitest';
import { cronTab, define, openSchema } from '../../kit/custom-resources.ts';
import { type HttpAsk, type HttpsApi, httpsApi } from '../../kit/https-api.ts';

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  await define(server.api, { version: { subresources: { status: {}, scale } } });
  await server.post(base, cronTab('kept', { spec: { replicas: 1 } }));
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: openSchema } };
  await define(server.api, { plural: 'cities', kind: 'City', scope: 'Cluster', versions: [version] });
});
afterAll(() => server[Symbol.asyncDispose]());

const group = '/apis/stable.example.com/v1';
const base = `${group}/namespaces/default/crontabs`;
const kept = `${base}/kept`;
const body = (method: string, object: unknown, type = 'application/json'): HttpAsk => ({
  method,
  headers: { 'content-type': type },
  body: typeof object === 'string' ? object : JSON.stringify(object),
});
const post = (object: unknown) => body('POST', object);
const merge = (patch: unknown) => body('PATCH', patch, 'application/merge-patch+json');

/** What is asked, and the code, reason and a part of the message of the answer. Source: apiextensions `test/integration`. */
const table: readonly (readonly [string, string, HttpAsk, number, string, string])[] = [
  [
    'another version',
    base,
    post(cronTab('a', {}, 'v2')),
    400,
    'BadRequest',
    'the API version in the data (stable.example.com/v2) does not match the expected API version (stable.example.com/v1)',
  ],
  [
    'another kind',
    base,
    post({ ...cronTab('a'), kind: 'Other' }),
    422,
    'Invalid',
    'Other.stable.example.com "a" is invalid: kind: Invalid value: "Other": must be CronTab',
  ],
  [
    'what it has no endpoint for',
    `${kept}/exec`,
    post({}),
    404,
    'NotFound',
    'crontabs.stable.example.com "kept" not found',
  ],
  [
    'a patch of all metadata',
    kept,
    merge({ metadata: null }),
    400,
    'BadRequest',
    'undeterminable: name must be provided',
  ],
  ['a patch of the kind', kept, merge({ kind: 'Other' }), 422, 'Invalid', 'must be CronTab'],
  [
    'a label of a wrong type',
    base,
    post({ ...cronTab('a'), metadata: { labels: { x: 42 } } }),
    400,
    'BadRequest',
    'cannot be handled',
  ],
  ['no namespace', `${group}/crontabs`, post(cronTab('a')), 404, 'NotFound', 'could not find the requested resource'],
  ['no namespace for a status', `${group}/crontabs/kept/status`, merge({}), 404, 'NotFound', ''],
  ['all of all namespaces', `${group}/crontabs`, { method: 'DELETE' }, 404, 'NotFound', ''],
  ['a namespace too many', `${group}/namespaces/default/cities`, post({}), 404, 'NotFound', ''],
  ['a list in a namespace too many', `${group}/namespaces/default/cities`, {}, 404, 'NotFound', ''],
  [
    'a strategic patch',
    kept,
    body('PATCH', {}, 'application/strategic-merge-patch+json'),
    415,
    'UnsupportedMediaType',
    'accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  ],
  [
    'of a scale',
    `${kept}/scale`,
    body('PATCH', {}, 'application/strategic-merge-patch+json'),
    415,
    'UnsupportedMediaType',
    '',
  ],
  [
    'a patch in YAML',
    kept,
    body('PATCH', 'spec: {}', 'application/yaml'),
    415,
    'UnsupportedMediaType',
    'accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  ],
  [
    'more replicas than there can be',
    kept,
    merge('{"spec":{"replicas":9223372036854775807}}'),
    422,
    'Invalid',
    '.spec.replicas: Invalid value: 9223372036854775807: should be less than or equal to 2147483647',
  ],
  [
    'more than a number can say',
    kept,
    merge('{"spec":{"replicas":9223372036854775808}}'),
    422,
    'Invalid',
    'is of the type float64, expected int64',
  ],
  [
    'a foreign uid',
    kept,
    body('DELETE', { preconditions: { uid: 'x' } }),
    409,
    'Conflict',
    'on CronTab.stable.example.com "kept": the UID in the precondition (x)',
  ],
  [
    'a foreign uid of a definition',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crontabs.stable.example.com',
    body('DELETE', { preconditions: { uid: 'x' } }),
    409,
    'Conflict',
    'Precondition failed: UID in precondition: x',
  ],
];

test.each(table)('%s', async (_, path, ask, code, reason, part) => {
  const answer = await server.ask(path, ask);
  expect([answer.code, answer.json.reason]).toEqual([code, reason]);
  expect(answer.json.message).toContain(part);
});

test('integers of 64 bits come back as they were, through patches that change something else or nothing', async () => {
  await server.ask(base, post('{"metadata":{"name":"long"},"spec":{"a":9223372036854775807,"b":1}}'));
  const patched = await server.ask(`${base}/long`, merge({ spec: { b: 2 } }));
  expect(patched.text).toContain('"spec":{"a":9223372036854775807,"b":2}');
  const again = await server.ask(`${base}/long`, merge({ spec: { b: 2 } }));
  expect(again.text).toBe(patched.text);
});
