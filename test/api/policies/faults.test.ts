import { expect, test } from 'vitest';
import { apply, mutatingPolicy, refusal, rule, validatingPolicy } from '../../kit/admission-policies.ts';
import { apiServer, type TestApi } from '../../kit/api-server.ts';
import { define } from '../../kit/custom-resources.ts';

/** A kind in two versions, which only a webhook that nobody serves could convert. */
async function unconvertible(api: TestApi): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const version = (name: string, storage: boolean) => ({ name, served: true, storage, schema });
  const clientConfig = { url: 'https://127.0.0.1:1/convert' };
  await define(api, {
    versions: [version('v1', true), version('v2', false)],
    conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } },
  });
}

const create = (api: TestApi, name: string) =>
  api.call('create', 'stable.example.com/v1/crontabs', {
    object: { apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name } },
  });

const rules = [rule('stable.example.com/v2/crontabs', 'CREATE')];
const failed =
  'conversion webhook for stable.example.com/v1, Kind=CronTab failed: Post "https://127.0.0.1:1/convert?timeout=30s": ';

test.each([
  ['Fail', true],
  ['Ignore', false],
])('what a validating policy cannot be shown is up to its failure policy: %s', async (failurePolicy, refuses) => {
  await using api = await apiServer();
  await unconvertible(api);
  await validatingPolicy(api, 'p', { failurePolicy, rules, validations: [{ expression: 'true' }] });
  if (!refuses) await create(api, 'c');
  else
    expect((await refusal(create(api, 'c'))).details?.causes?.[0]?.message).toContain(
      `ValidatingAdmissionPolicy 'p' with binding 'p' denied request: failed to configure binding: failed to convert object version: ${failed}`,
    );
});

test.each([
  ['Fail', true],
  ['Ignore', false],
])('what a mutating policy cannot be shown is up to its failure policy: %s', async (failurePolicy, refuses) => {
  await using api = await apiServer();
  await unconvertible(api);
  const mutations = [apply("Object{metadata: Object.metadata{labels: {'a': 'b'}}}")];
  await mutatingPolicy(api, 'p', { failurePolicy, rules, mutations });
  if (!refuses) expect((await create(api, 'c')).metadata.labels).toBeUndefined();
  else
    expect(await refusal(create(api, 'c'))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: expect.stringContaining(`policy "p" denied request: failed to configure policy: ${failed}`),
    });
});

test('params that cannot be converted are none that could be had', async () => {
  await using api = await apiServer();
  await unconvertible(api);
  await create(api, 'limit');
  await validatingPolicy(
    api,
    'p',
    {
      paramKind: { apiVersion: 'stable.example.com/v2', kind: 'CronTab' },
      rules: [rule('v1/configmaps', 'CREATE')],
      validations: [{ expression: 'true' }],
    },
    { paramRef: { name: 'limit', parameterNotFoundAction: 'Allow' } },
  );
  const object = { metadata: { name: 'c' } };
  expect((await refusal(api.call('create', 'configmaps', { object }))).message).toContain(
    `'p' with binding 'p' denied request: failed to configure binding: ${failed}`,
  );
});
