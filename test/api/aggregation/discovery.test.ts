import { expect, test, vi } from 'vitest';
import { type Answerer, aggregatedServer, json, registered } from '../../kit/aggregated-server.ts';
import { type HttpsApi, httpsApi } from '../../kit/https-api.ts';

const group = 'wardle.example.com';
const base = `/apis/${group}/v1`;
const services = 'apiregistration.k8s.io/v1/apiservices';
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const flunder = {
  name: 'flunders',
  singularName: 'flunder',
  namespaced: true,
  kind: 'Flunder',
  verbs: ['get', 'list'],
};
const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1`, resources: [flunder] };
const discovered = {
  resource: 'flunders',
  responseKind: { group, version: 'v1', kind: 'Flunder' },
  scope: 'Namespaced',
  singularResource: 'flunder',
  verbs: ['get', 'list'],
};

interface Found {
  readonly version: string;
  readonly freshness: string;
  readonly resources?: readonly { readonly resource: string }[];
}

/** The versions of the group in the aggregated document. */
async function versions(server: HttpsApi): Promise<readonly Found[]> {
  const { items } = (await server.ask('/apis', { headers: { accept } })).json as unknown as {
    items: readonly { readonly metadata: { readonly name: string }; readonly versions: readonly Found[] }[];
  };
  return items.find(({ metadata }) => metadata.name === group)?.versions ?? [];
}

async function register(server: HttpsApi, behind: Awaited<ReturnType<typeof aggregatedServer>>): Promise<void> {
  const { service, apiService } = registered(behind, group, 'v1');
  await server.api.call('create', 'services', { object: service });
  await server.api.call('create', services, { object: apiService });
}

test('a group of another server is listed; its resources come from the list that every server has', async () => {
  await using behind = await aggregatedServer(({ url }, response) => url === base && json(response, list));
  await using server = await httpsApi();
  await register(server, behind);
  const current = {
    version: 'v1',
    freshness: 'Current',
    resources: [{ ...discovered, responseKind: { group: '', version: '', kind: 'Flunder' } }],
  };
  await vi.waitFor(async () => expect(await versions(server)).toEqual([current]));
  const groups = (await server.ask('/apis')).json as unknown as { groups: { name: string }[] };
  const named = { name: group, versions: [{ groupVersion: `${group}/v1`, version: 'v1' }] };
  const preferred = { preferredVersion: { groupVersion: `${group}/v1`, version: 'v1' } };
  expect(groups.groups.find(({ name }) => name === group)).toEqual({ ...named, ...preferred });
  expect((await server.ask(`/apis/${group}`)).json).toEqual({
    kind: 'APIGroup',
    apiVersion: 'v1',
    ...named,
    ...preferred,
  });
  expect((await server.ask(base)).json).toEqual(list);
  expect(behind.asked.some(({ url, by, headers }) => url === '/apis' && by === '' && headers['x-remote-group'])).toBe(
    true,
  );
  const protobuf = accept.replace('json', 'vnd.kubernetes.protobuf');
  expect((await server.ask('/apis', { headers: { accept: protobuf } })).bytes.includes('flunders')).toBe(true);
  await server.api.call('delete', services, { name: `v1.${group}` });
  expect(await versions(server)).toEqual([]);
  expect((await server.ask(`/apis/${group}`)).code).toBe(404);
});

test('a server that says all at once is not asked for each version, and is stale while it cannot be asked', async () => {
  const tag = '"1"';
  const answer: Answerer = ({ url, headers }, response) => {
    if (url === base) return json(response, list);
    if (url !== '/apis') return false;
    expect(headers.accept).toBe(`${accept},${accept.replace('v=v2', 'v=v2beta1')}`);
    if (headers['if-none-match'] === tag) response.writeHead(304).end();
    else {
      const items = [{ metadata: { name: group }, versions: [{ version: 'v1', resources: [discovered] }] }];
      response.writeHead(200, { 'content-type': accept, etag: tag }).end(JSON.stringify({ items }));
    }
    return true;
  };
  await using behind = await aggregatedServer(answer);
  await using server = await httpsApi();
  await register(server, behind);
  const found = (freshness: string) => ({ version: 'v1', freshness, resources: [discovered] });
  await vi.waitFor(async () => expect(await versions(server)).toEqual([found('Current')]));
  await behind.stop();
  const touch = (label: string) => {
    const patch = { type: 'merge', body: { metadata: { labels: { label } } } } as const;
    return server.api.call('patch', services, { name: `v1.${group}`, patch });
  };
  await touch('a');
  await vi.waitFor(async () => expect(await versions(server)).toEqual([found('Stale')]));
  const { groups } = (await server.ask('/apis')).json as unknown as { groups: { name: string }[] };
  expect(groups.map(({ name }) => name)).toContain(group);
  await behind.start();
  await vi.waitFor(async () => expect(await versions(server)).toEqual([found('Current')]));
  expect(behind.asked.some(({ headers }) => headers['if-none-match'] === tag)).toBe(true);
});

test('what is no document at all leaves the version without resources, and everything else as it is', async () => {
  await using behind = await aggregatedServer(({ url }, response) => {
    if (url !== '/apis') return url === base && json(response, { resources: 'none' });
    response.writeHead(200, { 'content-type': accept }).end('{"items":[{"metadata":7}]}');
    return true;
  });
  await using server = await httpsApi();
  const before = (await server.ask('/apis')).json as unknown as { groups: object[] };
  await register(server, behind);
  await vi.waitFor(() => expect(behind.asked.filter(({ url }) => url === '/apis').length).toBeGreaterThan(1));
  expect(await versions(server)).toEqual([{ version: 'v1', freshness: 'Stale' }]);
  expect((await server.ask('/apis')).json).toMatchObject({ groups: { length: before.groups.length + 1 } });
});
