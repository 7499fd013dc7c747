import { expect, test } from 'vitest';
import { define, definitions, openSchema, untilDefinition } from '../../kit/custom-resources.ts';
import { type HttpsApi, httpsApi } from '../../kit/https-api.ts';

/** Which schemas are published in OpenAPI v2, as upstream's conformance tests look for them. */

const foo = {
  description: 'Foo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              feeling: { description: 'Whether Bar is feeling great.', type: 'string', enum: ['Great', 'Down'] },
              bazs: { description: 'List of Bazs.', type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    },
    status: { description: 'Status of Foo', type: 'object', properties: { ready: { type: 'boolean' } } },
  },
};
const waldo = { description: 'Waldo CRD for Testing', type: 'object', properties: { dummy: { type: 'string' } } };

const version = (name: string, schema: object, more: object = {}) => ({
  name,
  served: true,
  storage: false,
  schema: { openAPIV3Schema: schema },
  ...more,
});

interface Published {
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What is published of a kind, without what every object has; undefined when nothing is. */
async function published(https: HttpsApi, name: string): Promise<object | undefined> {
  const { definitions: all } = (await https.ask('/openapi/v2')).json as unknown as {
    definitions: Record<string, Published>;
  };
  const found = all[name];
  if (!found) return undefined;
  const { 'x-kubernetes-group-version-kind': _, ...rest } = found as Record<string, unknown>;
  const { metadata, apiVersion, kind, ...properties } = found.properties ?? {};
  return { ...rest, ...(found.properties && { properties }) };
}

const crontab = (v: string) => `com.example.stable.${v}.CronTab`;

test('each served version is published by its name, and only as long as it has it', async () => {
  await using https = await httpsApi();
  const crd = await define(https.api, { versions: [version('v2', foo, { storage: true }), version('v3', foo)] });
  expect(await published(https, crontab('v2'))).toEqual(foo);
  expect(await published(https, crontab('v3'))).toEqual(foo);
  const patch = (body: readonly object[]) =>
    https.api.call('patch', definitions, { namespace: '', name: crd.metadata.name!, patch: { type: 'json', body } });
  await patch([
    { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
    { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
  ]);
  expect(await published(https, crontab('v4'))).toEqual(foo);
  expect(await published(https, crontab('v3'))).toBeUndefined();
  await patch([{ op: 'replace', path: '/spec/versions/1/served', value: false }]);
  expect(await published(https, crontab('v4'))).toBeUndefined();
  expect(await published(https, crontab('v2'))).toEqual(foo);
  await https.api.call('delete', definitions, { namespace: '', name: crd.metadata.name! });
  await untilDefinition(https.api, crd.metadata.name!, () => false);
  expect(await published(https, crontab('v2'))).toBeUndefined();
});

test('kinds of one group, of one version and of others stand side by side', async () => {
  await using https = await httpsApi();
  const one = (name: string, schema: object) => ({ versions: [version(name, schema, { storage: true })] });
  await define(https.api, one('v6', foo));
  await define(https.api, { plural: 'waldos', kind: 'Waldo', ...one('v6', waldo) });
  await define(https.api, { plural: 'others', kind: 'Other', ...one('v5', waldo) });
  await define(https.api, { group: 'other.example.com', ...one('v6', waldo) });
  expect(await published(https, crontab('v6'))).toEqual(foo);
  expect(await published(https, 'com.example.stable.v6.Waldo')).toEqual(waldo);
  expect(await published(https, 'com.example.stable.v5.Other')).toEqual(waldo);
  expect(await published(https, 'com.example.other.v6.CronTab')).toEqual(waldo);
});

test('a schema that keeps what it does not know is published as an object, and no more', async () => {
  await using https = await httpsApi();
  await define(https.api, { schema: { ...waldo, ...openSchema } });
  expect(await published(https, crontab('v1'))).toEqual({ type: 'object' });
});
