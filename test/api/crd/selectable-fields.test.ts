import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import type { TestApi, WatchLog } from '../../kit/api-server.ts';
import { apiServer } from '../../kit/api-server.ts';
import { define, definition, definitions } from '../../kit/custom-resources.ts';
import { type WebhookServer, webhookServer } from '../../kit/webhook-server.ts';

/**
 * Versions that have nothing in common but what a webhook makes of them: v1 is stored and has `hostPort`, v2 has `host` and
 * `port`. Shaped as upstream's conformance tests of conversion and of selectable fields.
 */

const text = { type: 'string' };

const version = (name: string, storage: boolean, fields: readonly string[]) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: Object.fromEntries(fields.map((f) => [f, text])) } },
  selectableFields: fields.map((f) => ({ jsonPath: `.${f}` })),
});

const versions = (stored: string) => [
  version('v1', stored === 'v1', ['hostPort']),
  version('v2', stored === 'v2', ['host', 'port']),
];

const v1 = 'stable.example.com/v1/endpoints';
const v2 = 'stable.example.com/v2/endpoints';

interface Review {
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly KubeObject[];
  };
}

type Fields = KubeObject & { readonly hostPort?: string; readonly host?: string; readonly port?: string };

function converted({ hostPort, host, port, ...rest }: Fields, apiVersion: string): object {
  if (apiVersion.endsWith('/v1')) return { ...rest, apiVersion, hostPort: `${host}:${port ?? ''}` };
  const [left, right] = (hostPort ?? '').split(':');
  return { ...rest, apiVersion, host: left, ...(right && { port: right }) };
}

const converter = (): Promise<WebhookServer> =>
  webhookServer((body) => {
    const { apiVersion, request } = body as unknown as Review;
    const convertedObjects = request.objects.map((o) => converted(o as Fields, request.desiredAPIVersion));
    return {
      apiVersion,
      kind: 'ConversionReview',
      response: { uid: request.uid, result: { status: 'Success' }, convertedObjects },
    };
  });

const sketch = (webhook: WebhookServer, stored = 'v1') => ({
  plural: 'endpoints',
  kind: 'Endpoint',
  versions: versions(stored),
  conversion: {
    strategy: 'Webhook',
    webhook: {
      clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
      conversionReviewVersions: ['v1', 'v1beta1'],
    },
  },
});

const endpoint = (name: string, fields: object) => ({ metadata: { name }, ...fields });

const namesOf = async (api: TestApi, resource: string, fieldSelector: string) =>
  (await api.list(resource, { fieldSelector })).items.map((o) => o.metadata.name);

const seen = ({ events }: WatchLog) => events.map(({ type, object }) => `${type} ${object.metadata.name}`);

test('lists, watches and deletes select by the fields of their version, through the webhook', async () => {
  await using webhook = await converter();
  await using api = await apiServer();
  await define(api, sketch(webhook));
  const host = await api.watch(v2, { fieldSelector: 'host=host1' });
  const both = await api.watch(v2, { fieldSelector: 'host=host1,port=80' });
  const old = await api.watch(v1, { fieldSelector: 'hostPort=host1:80' });
  await api.call('create', v2, { object: endpoint('a', { host: 'host1', port: '80' }) });
  await api.call('create', v2, { object: endpoint('b', { host: 'host1', port: '8080' }) });
  await api.call('create', v2, { object: endpoint('c', { host: 'host2' }) });
  expect(await namesOf(api, v2, 'host=host1')).toEqual(['a', 'b']);
  expect(await namesOf(api, v2, 'host=host1,port=80')).toEqual(['a']);
  expect(await namesOf(api, v2, 'host!=host1')).toEqual(['c']);
  expect(await namesOf(api, v1, 'hostPort=host1:8080')).toEqual(['b']);
  await expect(namesOf(api, v1, 'host=host1')).rejects.toMatchObject({ code: 400 });

  await api.call('deletecollection', v2, { options: { fieldSelector: 'host=host1,port=80' } });
  await api.call('patch', v2, { name: 'b', patch: { type: 'merge', body: { host: 'host2' } } });
  expect(await namesOf(api, v2, 'host=host1')).toEqual([]);
  await host.until(4);
  await both.until(2);
  await old.until(2);
  expect(seen(host)).toEqual(['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b']);
  expect(seen(both)).toEqual(['ADDED a', 'DELETED a']);
  expect(seen(old)).toEqual(['ADDED a', 'DELETED a']);
  expect(old.events[0]!.object).toMatchObject({ apiVersion: 'stable.example.com/v1', hostPort: 'host1:80' });
  for (const log of [host, both, old]) log.close();
});

test('objects that are stored in two versions are listed in one', async () => {
  await using webhook = await converter();
  await using api = await apiServer();
  const crd = await define(api, sketch(webhook));
  await api.call('create', v1, { object: endpoint('a', { hostPort: 'localhost:8080' }) });
  expect(await api.call('get', v2, { name: 'a' })).toMatchObject({
    apiVersion: 'stable.example.com/v2',
    host: 'localhost',
    port: '8080',
  });
  const { spec } = definition(sketch(webhook, 'v2'));
  const { name } = crd.metadata;
  const changed = await api.call('update', definitions, { namespace: '', name: name!, object: { ...crd, spec } });
  expect(changed['status']).toMatchObject({ storedVersions: ['v1', 'v2'] });
  await api.call('create', v1, { object: endpoint('b', { hostPort: 'localhost:8080' }) });
  for (const object of (await api.list(v2)).items) {
    expect(object).toMatchObject({ apiVersion: 'stable.example.com/v2', host: 'localhost', port: '8080' });
    expect(object['hostPort']).toBeUndefined();
  }
  expect((await api.list(v1)).items.map((o) => o['hostPort'])).toEqual(['localhost:8080', 'localhost:8080']);
});
