import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { legacyGroupVersionFacts } from '../../../src/api/legacy-facts.ts';
import { apiVersionOf, type KubeObject, parseApiVersion } from '../../../src/api/object.ts';
import { resourceFor } from '../../../src/resources/index.ts';
import { type HttpAnswer, type HttpsApi, httpsApi } from '../../kit/https-api.ts';
import { said } from '../../kit/said.ts';

/** Every manifest is made, read, changed and deleted in its old version, as kubectl would, and seen in the current one. */
const file = new URL('../../fixtures/old-manifests.yaml', import.meta.url);
const manifests = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubeObject);

const all = legacyGroupVersionFacts.flatMap((gv) =>
  gv.resources.map((resource) => ({ ...gv, ...resource, id: `${apiVersionOf(gv)} ${resource.kind}` })),
);

const pathOf = (apiVersion: string, resource: string, namespaced: boolean) =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${namespaced ? '/namespaces/default' : ''}/${resource}`;

let server: HttpsApi;
beforeAll(async () => {
  server = await httpsApi();
});
afterAll(() => server[Symbol.asyncDispose]());

test('there is a manifest for every old version that is stored, policies of mutation excepted', () => {
  const wanted = all.filter((r) => r.storageVersion !== undefined && !r.kind.startsWith('MutatingAdmission'));
  expect(manifests.map((m) => `${m.apiVersion} ${m.kind}`).sort()).toEqual(wanted.map((r) => r.id).sort());
});

describe.each(manifests.map((manifest) => ({ id: `${manifest.apiVersion} ${manifest.kind}`, manifest })))(
  '$id',
  ({ id, manifest }) => {
    const { group, version, resource, namespaced } = all.find((r) => r.id === id)!;
    const rules = resourceFor(group, version, resource)!;
    const name = manifest.metadata.name!;
    const collection = pathOf(manifest.apiVersion, resource, namespaced);
    const current = `${pathOf(apiVersionOf(rules), rules.resource, namespaced)}/${name}`;
    const old = `${collection}/${name}`;
    const send = (method: string, path: string, body: unknown, contentType = 'application/json') =>
      server.ask(path, { method, headers: { 'content-type': contentType }, body: JSON.stringify(body) });

    /** Writes what was read; once more where a controller came between. */
    async function putBack(): Promise<HttpAnswer> {
      for (;;) {
        const read = await server.ask(old);
        const answer = await send('PUT', old, read.json);
        if (answer.code !== 409) return answer;
      }
    }

    test('works in its old version and is the current kind', async () => {
      const created = await send('POST', `${collection}?fieldValidation=Strict&fieldManager=kubectl`, manifest);
      expect(created.code, created.text).toBe(201);
      expect(created.headers['warning']).toContain(`299 - "${id} is deprecated in v1.`);
      expect(created.json).toMatchObject(said(manifest) as object);

      const read = await server.ask(old);
      expect(read.json).toMatchObject({ apiVersion: manifest.apiVersion, ...(said(manifest) as object) });
      expect(read.headers['warning']).toContain(`${id} is deprecated`);
      const [entry] = (read.json as unknown as KubeObject).metadata.managedFields ?? [];
      expect(entry).toMatchObject({ manager: 'kubectl', apiVersion: manifest.apiVersion });

      const now = await server.ask(current);
      expect(now.code).toBe(200);
      expect(now.json).toMatchObject({ apiVersion: apiVersionOf(rules), kind: rules.kind, metadata: { name } });

      const list = await server.ask(collection);
      expect(list.json).toMatchObject({ apiVersion: manifest.apiVersion, kind: `${manifest.kind}List` });
      const listed = (list.json['items'] as unknown as KubeObject[]).find((item) => item.metadata.name === name);
      expect(listed).toMatchObject({ apiVersion: manifest.apiVersion, ...(said(manifest) as object) });

      const again = await putBack();
      expect(again.code, again.text).toBe(200);
      expect(again.json).toMatchObject({ apiVersion: manifest.apiVersion, ...(said(manifest) as object) });

      for (const type of ['merge-patch', 'strategic-merge-patch']) {
        const patch = { metadata: { labels: { [type]: 'yes' } } };
        const patched = await send('PATCH', old, patch, `application/${type}+json`);
        expect(patched.code, patched.text).toBe(200);
        expect(patched.json).toMatchObject({ ...(said({ ...manifest, metadata: {} }) as object), ...patch });
      }

      const gone = await server.ask(old, { method: 'DELETE' });
      expect(gone.code, gone.text).toBe(200);
    });
  },
);

test('watches show objects in the version that was asked for, whoever writes them', async () => {
  const watchOf = (apiVersion: string, resource: string) =>
    server.api.watch(`${apiVersion}/${resource}`, {}, { namespace: 'default' });
  const { group, version } = parseApiVersion('extensions/v1beta1')!;
  const log = await watchOf(`${group}/${version}`, 'ingresses');
  const ingress = {
    metadata: { name: 'watched' },
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  };
  await server.api.call('create', 'networking.k8s.io/v1/ingresses', { object: ingress });
  await server.api.call('delete', 'networking.k8s.io/v1/ingresses', { name: 'watched' });
  const events = await log.until(2);
  expect(events.map((e) => e.type)).toEqual(['ADDED', 'DELETED']);
  for (const { object } of events)
    expect(object).toMatchObject({
      apiVersion: 'extensions/v1beta1',
      kind: 'Ingress',
      spec: { backend: { serviceName: 'web', servicePort: 80 } },
    });
  log.close();
});
