import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kindFacts } from '../../src/api/facts.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { encodeProtobuf, envelope } from '../../src/api/protobuf/envelope.ts';
import { define } from '../kit/custom-resources.ts';
import { type HttpsApi, httpsApi } from '../kit/https-api.ts';
import { eventReader, type ProtobufEvent, readProtobuf } from '../kit/protobuf.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const accept = { accept: protobuf };
const partial = (kind: string, version = 'v1') => ({
  accept: `${protobuf};as=${kind};g=meta.k8s.io;v=${version}`,
});
const maps = '/api/v1/namespaces/default/configmaps';

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const body = (object: { apiVersion: string; kind: string }) => {
  const [version, group] = object.apiVersion.split('/').reverse() as [string, string?];
  return encodeProtobuf(kindFacts(group ?? '', version, object.kind)!, object);
};

const send = (method: string, path: string, object: KubeObject, type = protobuf) =>
  server.ask(path, {
    method,
    headers: { ...accept, 'content-type': type },
    body: type === protobuf ? body(object as never) : JSON.stringify(object),
  });

/** The events of a watch as a protobuf client reads them. */
function watchEvents(path: string, headers: Record<string, string> = accept) {
  const read = eventReader();
  const events: ProtobufEvent[] = [];
  const waiting: (() => void)[] = [];
  const state = { contentType: '' };
  const wake = () => {
    for (const done of waiting.splice(0)) done();
  };
  const request = httpsRequest(
    { host: '127.0.0.1', port: server.port, path, headers, ca: server.ca, ...server.admin },
    (answer) => {
      state.contentType = answer.headers['content-type'] ?? '';
      answer.on('error', () => {});
      answer.on('data', (chunk: Buffer) => {
        events.push(...read(chunk));
        wake();
      });
      answer.on('close', wake);
    },
  );
  request.on('error', () => {});
  request.end();
  return {
    state,
    until: async (count: number) => {
      while (events.length < count) await new Promise<void>((done) => waiting.push(done));
      return events;
    },
    close: () => request.destroy(),
  };
}

test('an object goes in and out as protobuf, and is what JSON says it is', async () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'in-out', labels: { a: 'b' } },
    data: { k: 'ü' },
    binaryData: { b: 'AAEC' },
  };
  const created = await send('POST', maps, object);
  expect([created.code, created.headers['content-type']]).toEqual([201, protobuf]);
  const { json } = await server.ask(`${maps}/in-out`);
  expect(readProtobuf(created.bytes)).toEqual(json);
  expect(readProtobuf((await server.ask(`${maps}/in-out`, { headers: accept })).bytes)).toEqual(json);
  const updated = await send('PUT', `${maps}/in-out`, { ...(json as never as KubeObject), data: { k: '2' } } as never);
  expect(readProtobuf(updated.bytes)).toMatchObject({ data: { k: '2' } });
  const patch = await server.ask(`${maps}/in-out`, {
    method: 'PATCH',
    headers: { ...accept, 'content-type': 'application/merge-patch+json' },
    body: '{"data":{"k":"3"}}',
  });
  expect(readProtobuf(patch.bytes)).toMatchObject({ kind: 'ConfigMap', data: { k: '3' } });
});

test('objects of every shape are told alike: pods, deployments, schemas, scales', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  const container = { name: 'c', image: 'i', resources: { limits: { cpu: '1500m' } }, ports: [{ containerPort: 80 }] };
  const made = await server.post(pods, { metadata: { name: 'p' }, spec: { containers: [container] } });
  expect(made.code).toBe(201);
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await server.post(deployments, {
    metadata: { name: 'd' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { a: 'b' } },
      strategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: 1 } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
    },
  });
  for (const path of [`${pods}/p`, `${deployments}/d`, `${deployments}/d/scale`, '/api/v1/namespaces/default']) {
    const [json, binary] = [await server.ask(path), await server.ask(path, { headers: accept })];
    expect({ path, object: readProtobuf(binary.bytes) }).toEqual({ path, object: json.json });
  }
});

test('a list is its items in one message, in every version and as metadata alone', async () => {
  for (let i = 0; i < 4; i++)
    await server.post(maps, { metadata: { name: `l${i}`, labels: { list: 'x' } }, data: { i: String(i) } });
  const path = `${maps}?labelSelector=list%3Dx&limit=3`;
  const json = (await server.ask(path)).json as unknown as { items: object[]; metadata: object };
  const binary = await server.ask(path, { headers: accept });
  expect(binary.headers['content-type']).toBe(protobuf);
  const list = readProtobuf(binary.bytes);
  expect([list.apiVersion, list.kind, list.metadata]).toEqual(['v1', 'ConfigMapList', json.metadata]);
  // Items of a list do not name their kind in protobuf.
  expect(list.items!.map((item) => ({ ...item, kind: undefined, apiVersion: undefined }))).toEqual(
    json.items.map((item) => ({ ...item, kind: undefined, apiVersion: undefined })),
  );
  for (const version of ['v1', 'v1beta1']) {
    const metadata = await server.ask(path, { headers: partial('PartialObjectMetadataList', version) });
    const read = readProtobuf(metadata.bytes);
    expect([read.apiVersion, read.kind]).toEqual([`meta.k8s.io/${version}`, 'PartialObjectMetadataList']);
    expect(read.items!.map((item) => item.metadata)).toEqual(json.items.map((item) => (item as KubeObject).metadata));
  }
  const one = readProtobuf((await server.ask(`${maps}/l0`, { headers: partial('PartialObjectMetadata') })).bytes);
  expect(one).toMatchObject({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'l0' } });
  expect(one).not.toHaveProperty('data');
  const events = '/events?fieldSelector=metadata.name%3De';
  await server.post('/api/v1/namespaces/default/events', {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'Because',
    message: 'm',
    type: 'Normal',
  });
  const core = readProtobuf((await server.ask(`/api/v1${events}`, { headers: accept })).bytes);
  const newer = readProtobuf((await server.ask(`/apis/events.k8s.io/v1${events}`, { headers: accept })).bytes);
  expect([core.items![0]!['involvedObject'], newer.items![0]!['regarding']]).toEqual([
    { kind: 'Pod', namespace: 'default', name: 'p' },
    { kind: 'Pod', namespace: 'default', name: 'p' },
  ]);
});

test('a watch sends one frame per event, whole or as metadata, with bookmarks and errors', async () => {
  const since = server.api.store.revision;
  const path = `${maps}?watch=1&resourceVersion=${since}&labelSelector=frames%3Dx`;
  const whole = watchEvents(path);
  const metadata = watchEvents(path, partial('PartialObjectMetadata'));
  await server.post(maps, { metadata: { name: 'w', labels: { frames: 'x' } }, data: { k: 'v' } });
  await server.ask(`${maps}/w`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"metadata":{"labels":{"frames":"y"}}}',
  });
  const events = await whole.until(2);
  expect(whole.state.contentType).toBe(`${protobuf};stream=watch`);
  expect(events.map(({ type, object }) => [type, object.kind, object['data']])).toEqual([
    ['ADDED', 'ConfigMap', { k: 'v' }],
    ['DELETED', 'ConfigMap', { k: 'v' }],
  ]);
  expect((await metadata.until(2)).map(({ type, object }) => [type, object.kind, object['data']])).toEqual([
    ['ADDED', 'PartialObjectMetadata', undefined],
    ['DELETED', 'PartialObjectMetadata', undefined],
  ]);
  const initial = watchEvents(
    `${maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dw`,
  );
  const [added, bookmark] = await initial.until(2);
  expect([added!.type, bookmark!.type, bookmark!.object.kind]).toEqual(['ADDED', 'BOOKMARK', 'ConfigMap']);
  expect(bookmark!.object.metadata).toEqual({
    resourceVersion: String(server.api.store.revision),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  });
  for (const watch of [whole, metadata, initial]) watch.close();
});

test('errors and deletions are told in the format that was asked for', async () => {
  const missing = await server.ask(`${maps}/missing`, { headers: accept });
  expect([missing.code, missing.headers['content-type']]).toEqual([404, protobuf]);
  expect(readProtobuf(missing.bytes)).toMatchObject({
    kind: 'Status',
    reason: 'NotFound',
    message: 'configmaps "missing" not found',
    details: { name: 'missing', kind: 'configmaps' },
    code: 404,
  });
  const yaml = await server.ask(`${maps}/missing`, { headers: { accept: 'application/yaml' } });
  expect(yaml.text).toContain('reason: NotFound\n');
  await server.post(maps, { metadata: { name: 'doomed' } });
  const options = encodeProtobuf(kindFacts('', 'v1', 'DeleteOptions')!, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'another' },
  } as never);
  const headers = { ...accept, 'content-type': protobuf };
  const refused = await server.ask(`${maps}/doomed`, { method: 'DELETE', headers, body: options });
  expect(readProtobuf(refused.bytes)).toMatchObject({ reason: 'Conflict', code: 409 });
  const done = await server.ask(`${maps}/doomed`, { method: 'DELETE', headers });
  expect(readProtobuf(done.bytes)).toMatchObject({ kind: 'Status', status: 'Success' });
});

test('tables have no protobuf, and a watch no YAML', async () => {
  const asTable = (type: string) => `${type};as=Table;g=meta.k8s.io;v=v1`;
  const refused = await server.ask(maps, { headers: { accept: asTable(protobuf) } });
  expect([refused.code, refused.json.message]).toEqual([
    406,
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  ]);
  const next = await server.ask(maps, { headers: { accept: `${asTable(protobuf)},${asTable('application/json')}` } });
  expect(next.json).toMatchObject({ kind: 'Table' });
  const watch = await server.ask(`${maps}?watch=1`, { headers: { accept: 'application/yaml' } });
  expect(watch.code).toBe(406);
  expect(watch.text).toContain(
    'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  );
  const mixed = await server.ask(maps, { headers: partial('PartialObjectMetadata') });
  expect(mixed.json.message).toBe(
    'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
  );
});

test('a large list is compressed for who can read it', async () => {
  for (let i = 0; i < 3; i++)
    await server.post(maps, { metadata: { name: `big${i}`, labels: { big: 'x' } }, data: { k: 'x'.repeat(60_000) } });
  const path = `${maps}?labelSelector=big`;
  const plain = await server.ask(path, { headers: accept });
  const packed = await server.ask(path, { headers: { ...accept, 'accept-encoding': 'gzip' } });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
});

test('custom resources have no protobuf, but their metadata and their definitions do', async () => {
  await define(server.api, { version: { subresources: { status: {} } } });
  const path = '/apis/stable.example.com/v1/namespaces/default/crontabs';
  await server.post(path, { metadata: { name: 'a', labels: { l: 'v' } }, spec: { cron: '* *' } });
  const refused = await server.ask(path, { headers: accept });
  expect([refused.code, refused.headers['content-type']]).toEqual([406, protobuf]);
  expect(readProtobuf(refused.bytes)).toMatchObject({ kind: 'Status', reason: 'NotAcceptable' });
  const next = await server.ask(`${path}/a`, { headers: { accept: `${protobuf}, */*` } });
  expect(next.json).toMatchObject({ kind: 'CronTab', spec: { cron: '* *' } });
  const list = readProtobuf((await server.ask(path, { headers: partial('PartialObjectMetadataList') })).bytes);
  expect(list.items!.map((item) => item.metadata.labels)).toEqual([{ l: 'v' }]);
  const events = watchEvents(`${path}?watch=1`, partial('PartialObjectMetadata'));
  const [event] = await events.until(1);
  expect([event!.type, event!.object.kind, event!.object.metadata.name]).toEqual([
    'ADDED',
    'PartialObjectMetadata',
    'a',
  ]);
  events.close();
  const body = await server.ask(path, {
    method: 'POST',
    headers: { 'content-type': protobuf },
    body: envelope('stable.example.com/v1', 'CronTab', Buffer.from([])),
  });
  expect([body.code, body.json.message]).toEqual([
    400,
    'CronTab in version "v1" cannot be handled as a CronTab: object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
  ]);
  const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crontabs.stable.example.com';
  expect(readProtobuf((await server.ask(crd, { headers: accept })).bytes)).toEqual((await server.ask(crd)).json);
});

test('an integer beyond 2^53 is the same in every format', async () => {
  const object = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"long"},"spec":{"containers":[{"name":"c","image":"i"}],"terminationGracePeriodSeconds":30,"securityContext":{"fsGroup":2000000000},"tolerations":[{"operator":"Exists","effect":"NoExecute","tolerationSeconds":9007199254740993}]}}`;
  const path = '/api/v1/namespaces/default/pods';
  await server.post(path, object);
  const [yaml, pretty, binary] = await Promise.all([
    server.ask(`${path}/long`, { headers: { accept: 'application/yaml' } }),
    server.ask(`${path}/long?pretty=true`),
    server.ask(`${path}/long`, { headers: accept }),
  ]);
  const texts = [yaml.text, pretty.text, JSON.stringify(readProtobuf(binary.bytes))];
  for (const text of texts) expect(text).toContain('9007199254740993');
});
