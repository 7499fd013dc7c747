import { expect, test } from 'vitest';
import { cronTab, define, definitions } from '../../kit/custom-resources.ts';
import { type HttpsApi, httpsApi } from '../../kit/https-api.ts';

const base = '/apis/stable.example.com/v1/namespaces/default/crontabs';

const schema = (spec: object) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } },
});
const loose = { spec: { type: 'string' }, image: { type: 'string' }, note: { type: 'string' } };
const tight = {
  ...loose,
  spec: { type: 'string', maxLength: 3 },
  image: { type: 'string', 'x-kubernetes-validations': [{ rule: "self.contains(':')", message: 'must have a tag' }] },
};

const mergePatch = (https: HttpsApi, body: object) =>
  https.ask(`${base}/a`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(body),
  });

test('objects that were valid once can still be changed elsewhere when the schema is tightened', async () => {
  await using https = await httpsApi();
  const crd = await define(https.api, { version: { schema: schema(loose) } });
  await https.post(base, cronTab('a', { spec: { spec: 'too long', image: 'untagged' } }));
  await https.api.call('patch', definitions, {
    namespace: '',
    name: crd.metadata.name!,
    patch: {
      type: 'json',
      body: [{ op: 'replace', path: '/spec/versions/0/schema', value: schema(tight) }],
    },
  });
  const elsewhere = await mergePatch(https, { spec: { note: 'x' } });
  expect([elsewhere.code, elsewhere.headers['warning']]).toEqual([
    200,
    '299 - "spec.image: Invalid value: \\"untagged\\": must have a tag"',
  ]);
  const there = await mergePatch(https, { spec: { spec: 'longer still', image: 'other' } });
  expect(there.code).toBe(422);
  expect(there.json.message).toBe(
    'CronTab.stable.example.com "a" is invalid: [spec.spec: Too long: may not be more than 3 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  );
  const image = await mergePatch(https, { spec: { image: 'other' } });
  expect(image.json.message).toBe(
    'CronTab.stable.example.com "a" is invalid: spec.image: Invalid value: "other": must have a tag',
  );
  const fresh = await https.post(base, cronTab('b', { spec: { image: 'untagged' } }));
  expect(fresh.code).toBe(422);
});
