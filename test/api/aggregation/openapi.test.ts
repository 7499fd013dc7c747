import { expect, test, vi } from 'vitest';
import { type Answerer, aggregatedServer, json, registered } from '../../kit/aggregated-server.ts';
import { type HttpsApi, httpsApi } from '../../kit/https-api.ts';

const group = 'wardle.example.com';
const base = `/apis/${group}/v1`;
const services = 'apiregistration.k8s.io/v1/apiservices';
const list = { kind: 'APIResourceList', groupVersion: `${group}/v1`, resources: [] };

const v3 = { openapi: '3.0.0', info: { title: 'wardle' }, paths: { [`${base}/flunders`]: {} } };
const v2 = {
  swagger: '2.0',
  paths: {
    [`${base}/flunders`]: {
      get: { operationId: 'listFlunders', responses: { 200: { schema: { $ref: '#/definitions/Flunder' } } } },
    },
    '/version': {},
  },
  definitions: { Flunder: { type: 'object', description: 'what wardle has' }, Unused: {} },
};

/** Describes itself by these documents; 404 for what there is not. */
const describing = (documents: { v3?: object; v2?: object }): Answerer => {
  const index = {
    paths: {
      [base.slice(1)]: { serverRelativeURL: `/openapi/v3${base}?hash=1` },
      'apis/apps/v1': { serverRelativeURL: '/evil' },
    },
  };
  const answers: Record<string, object | undefined> = {
    [base]: list,
    '/openapi/v3': documents.v3 && index,
    [`/openapi/v3${base}?hash=1`]: documents.v3,
    '/openapi/v2': documents.v2,
  };
  return ({ url }, response) => {
    const answer = answers[url];
    return answer !== undefined && json(response, answer);
  };
};

async function register(server: HttpsApi, behind: Awaited<ReturnType<typeof aggregatedServer>>): Promise<void> {
  const { service, apiService } = registered(behind, group, 'v1');
  await server.api.call('create', 'services', { object: service });
  await server.api.call('create', services, { object: apiService });
}

type Paths = Record<string, { readonly serverRelativeURL: string }>;
const index = async (server: HttpsApi) => ((await server.ask('/openapi/v3')).json as unknown as { paths: Paths }).paths;
const swagger = async (server: HttpsApi) =>
  (await server.ask('/openapi/v2')).json as unknown as { paths: object; definitions: Record<string, object> };

test('the index names the documents of other servers, and requests for them are passed on', async () => {
  await using behind = await aggregatedServer(describing({ v3 }));
  await using server = await httpsApi();
  const before = await index(server);
  await register(server, behind);
  const entry = { serverRelativeURL: `/openapi/v3${base}?hash=1` };
  await vi.waitFor(async () => expect(await index(server)).toEqual({ ...before, [base.slice(1)]: entry }));
  expect((await server.ask(`/openapi/v3${base}?hash=1`)).json).toEqual(v3);
  const asked = behind.asked.filter(({ url }) => url === '/openapi/v3');
  expect(asked[0]!.headers['x-remote-user']).toBe('system:aggregator');
  await server.api.call('delete', services, { name: `v1.${group}` });
  expect(await index(server)).toEqual(before);
  expect((await server.ask(`/openapi/v3${base}`)).code).toBe(404);
});

test('the v2 document has the paths of other servers and what they refer to', async () => {
  await using behind = await aggregatedServer(describing({ v2 }));
  await using server = await httpsApi();
  const before = await swagger(server);
  await register(server, behind);
  await vi.waitFor(async () => expect((await swagger(server)).paths).toHaveProperty([`${base}/flunders`]));
  const { paths, definitions, ...rest } = await swagger(server);
  expect(definitions).toEqual({ ...before.definitions, Flunder: v2.definitions.Flunder });
  expect(paths).toEqual({ ...before.paths, [`${base}/flunders`]: v2.paths[`${base}/flunders`] });
  expect(rest).toMatchObject({ swagger: '2.0', info: { title: 'Kubernetes' } });
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const { bytes } = await server.ask('/openapi/v2', { headers: { accept } });
  expect([bytes.includes('listFlunders'), bytes.includes('what wardle has')]).toEqual([true, true]);
  const { serverRelativeURL } = (await index(server))[base.slice(1)]!;
  const flunder = { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Flunder' } } } } };
  expect((await server.ask(serverRelativeURL)).json).toMatchObject({
    openapi: '3.0.0',
    paths: { [`${base}/flunders`]: { get: { operationId: 'listFlunders', responses: flunder } } },
    components: { schemas: { Flunder: v2.definitions.Flunder } },
  });
  expect((await server.ask(`/openapi/v3${base}`)).code).toBe(200);
});

test.each([
  ['no documents', {}, 1],
  ['documents that are none', { v3: [], v2: { paths: { [`${base}/flunders`]: 7 }, definitions: 7 } }, 2],
  [
    'a document that cannot be written',
    { v2: { paths: { [`${base}/flunders`]: { get: { tags: 7, parameters: [7] } } } } },
    2,
  ],
])('a server with %s leaves those of others as they are', async (_, documents, asks) => {
  await using behind = await aggregatedServer(describing(documents));
  await using server = await httpsApi();
  const before = await swagger(server);
  await register(server, behind);
  // What cannot be used is asked for again.
  await vi.waitFor(() =>
    expect(behind.asked.filter(({ url }) => url === '/openapi/v2').length).toBeGreaterThanOrEqual(asks),
  );
  expect(await swagger(server)).toEqual(before);
  expect((await server.ask('/openapi/v3')).code).toBe(200);
});
