import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { define, definitions, untilDefinition } from '../kit/custom-resources.ts';
import { httpsApi } from '../kit/https-api.ts';

interface Index {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

test('documents follow the definitions, under hashes that tell one state from another', async () => {
  await using https = await httpsApi();
  const index = async () => (await https.ask('/openapi/v3')).json as unknown as Index;
  const path = 'apis/stable.example.com/v1';
  expect((await index()).paths[path]).toBeUndefined();
  expect((await https.ask(`/openapi/v3/${path}`)).code).toBe(404);
  const crd = await define(https.api);
  const url = (await index()).paths[path]!.serverRelativeURL;
  const document = await https.ask(url);
  expect(document.headers['cache-control']).toBe('public, immutable');
  expect(document.text).toContain('com.example.stable.v1.CronTab');
  expect((await https.ask(url, { headers: { 'if-none-match': document.headers.etag! } })).code).toBe(304);
  const schema = { type: 'object', description: 'a better one' };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  await https.api.call('update', definitions, {
    namespace: '',
    name: crd.metadata.name!,
    object: { ...crd, spec: { ...(crd['spec'] as object), versions } },
  });
  const moved = await https.ask(url);
  expect(moved.code).toBe(301);
  const next = (await index()).paths[path]!.serverRelativeURL;
  expect(moved.headers.location).toBe(next);
  expect((await https.ask(next)).text).toContain('a better one');
  expect((await https.ask('/openapi/v2')).text).toContain('a better one');
  await https.api.call('delete', definitions, { namespace: '', name: crd.metadata.name! });
  await untilDefinition(https.api, crd.metadata.name!, () => false);
  expect((await https.ask(next)).code).toBe(404);
  expect((await index()).paths[path]).toBeUndefined();
});

test('documents of version 3 are JSON, and nothing else', async () => {
  await using https = await httpsApi();
  const ask = (accept: string) => https.ask('/openapi/v3/apis/apps/v1', { headers: { accept } });
  const protobuf = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
  expect((await ask(`${protobuf}, application/json`)).headers['content-type']).toBe('application/json');
  expect((await ask(protobuf)).code).toBe(406);
});

test('large documents are compressed for who can read it', async () => {
  await using https = await httpsApi();
  const plain = await https.ask('/openapi/v3/api/v1');
  const packed = await https.ask('/openapi/v3/api/v1', { headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 5);
  expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
});
