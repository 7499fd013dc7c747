import { expect, test } from 'vitest';
import { apiServer } from '../../kit/api-server.ts';
import { definition, definitions } from '../../kit/custom-resources.ts';

const good = definition();
const spec = (change: object) => ({ ...good, spec: { ...good.spec, ...change } });
const schema = (openAPIV3Schema: unknown) =>
  spec({ versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] });

test.each([
  ['nothing', {}],
  ['no spec', { metadata: good.metadata }],
  ['an empty spec', { ...good, spec: {} }],
  ['no names', spec({ names: null })],
  ['no versions', spec({ versions: null })],
  ['an empty version', spec({ versions: [{}] })],
  ['a null version', spec({ versions: [null] })],
  ['no stored version', spec({ versions: [{ name: 'v1', served: true, storage: false }] })],
  ['an odd conversion', spec({ conversion: { strategy: 'Webhook' } })],
  ['a schema of nothing', schema(null)],
  ['a list for a schema', schema([])],
  [
    'a list of item schemas',
    schema({ type: 'object', properties: { a: { type: 'array', items: [{ type: 'string' }] } } }),
  ],
  ['null properties', schema({ properties: { a: null } })],
  ['a rule that is none', schema({ type: 'object', 'x-kubernetes-validations': [{ rule: '((' }] })],
  ['a reference', schema({ type: 'object', properties: { a: { $ref: '#/x' } } })],
  ['another group', spec({ group: 'Not A Group' })],
  [
    'a built-in name',
    {
      ...spec({ group: 'apps', names: { plural: 'deployments', kind: 'Deployment' } }),
      metadata: { name: 'deployments.apps' },
    },
  ],
])('a definition with %s is refused and never breaks anything', async (_, object) => {
  await using api = await apiServer();
  const error = await api
    .call('create', definitions, { namespace: '', object: structuredClone(object) })
    .catch((e) => e);
  expect(error.code).toBeGreaterThanOrEqual(400);
  expect(error.code).toBeLessThan(500);
  expect((await api.list(definitions, {}, '')).items).toEqual([]);
});

test('a definition that was stored by an older server and is not structural says so, and is served', async () => {
  await using api = await apiServer();
  const old = { ...spec({ preserveUnknownFields: true, versions: [{ name: 'v1', served: true, storage: true }] }) };
  const metadata = { ...old.metadata, uid: 'u', creationTimestamp: '2020-01-01T00:00:00Z', generation: 1 };
  const key = { resource: 'customresourcedefinitions.apiextensions.k8s.io', namespace: '', name: metadata.name };
  await api.store.create(key, { ...old, metadata } as never);
  const log = await api.watch(definitions, {}, { namespace: '' });
  const conditions = (event: { object: object } | undefined) =>
    (event?.object as { status?: { conditions?: { type: string; reason: string; message: string }[] } } | undefined)
      ?.status?.conditions ?? [];
  for (let count = 1; conditions(log.events.at(-1)).length === 0; count++) await log.until(count);
  expect(conditions(log.events.at(-1)).find((c) => c.type === 'NonStructuralSchema')).toMatchObject({
    reason: 'Violations',
    message: 'spec.preserveUnknownFields: Invalid value: true: must be false',
  });
  const made = await api.call('create', 'stable.example.com/v1/crontabs', {
    object: { metadata: { name: 'a' }, anything: { goes: 1 } },
  });
  expect(made['anything']).toEqual({ goes: 1 });
  log.close();
});
