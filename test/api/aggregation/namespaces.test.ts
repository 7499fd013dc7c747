import { expect, test, vi } from 'vitest';
import { apiServices, namespaces, services } from '../../../src/api/kinds.gen.ts';
import type { Namespace } from '../../../src/api/types/core-v1.gen.ts';
import { type AggregatedServer, aggregatedServer, json, registered } from '../../kit/aggregated-server.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const base = '/apis/wardle.example.com/v1';

/** Has objects in the namespace `going`, which are deleted all at once or one by one. */
function flunders(verbs: readonly string[]): Promise<AggregatedServer> {
  const names = new Set(['a', 'b']);
  const all = `${base}/namespaces/going/flunders`;
  const flunder = { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs };
  return aggregatedServer(({ method, url }, response) => {
    const path = url.split('?')[0]!;
    if (path === base)
      return json(response, { kind: 'APIResourceList', groupVersion: 'wardle.example.com/v1', resources: [flunder] });
    if (!path.startsWith(all)) return false;
    if (method === 'DELETE' && path === all && !verbs.includes('deletecollection')) return json(response, {}, 405);
    if (method === 'DELETE')
      for (const name of path === all ? [...names] : [path.slice(all.length + 1)]) names.delete(name);
    const items = [...names].map((name) => ({ metadata: { name, namespace: 'going' } }));
    const body =
      method === 'DELETE' ? { kind: 'Status', status: 'Success' } : { kind: 'FlunderList', metadata: {}, items };
    return json(response, { apiVersion: 'v1', ...body });
  });
}

async function planeBefore(server: AggregatedServer): Promise<ControlPlane> {
  const plane = await controlPlane();
  const { service, apiService } = registered(server, 'wardle.example.com', 'v1');
  await plane.client.resource(services).create(service as never);
  await plane.client.resource(apiServices).create(apiService as never);
  await plane.until(apiServices, 'v1.wardle.example.com', (found) => found?.status?.conditions?.[0]?.status === 'True');
  await plane.client.resource(namespaces).create({ metadata: { name: 'going' } });
  return plane;
}

const deleted = (server: AggregatedServer) =>
  server.asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url.split('/flunders')[1]);

test.each([
  ['all at once', ['delete', 'deletecollection', 'list'], ['']],
  ['one by one', ['delete', 'list'], ['/a', '/b']],
])('what another server has in a namespace goes with it, %s', async (_, verbs, paths) => {
  await using server = await flunders(verbs);
  await using plane = await planeBefore(server);
  await plane.client.resource(namespaces).delete({ name: 'going' });
  await plane.until(namespaces, 'going', (found) => found === undefined);
  expect(deleted(server)).toEqual(paths);
});

test('a namespace waits for a server that cannot be asked, and says so', async () => {
  await using server = await flunders(['delete', 'list']);
  await using plane = await planeBefore(server);
  await server.stop();
  // Any change of the APIService has its server asked again.
  await plane.client
    .resource(apiServices)
    .mergePatch({ name: 'v1.wardle.example.com' }, { metadata: { labels: { a: 'b' } } });
  const isStale = () => plane.api.server.foreignVersions().some(({ freshness }) => freshness === 'Stale');
  await vi.waitFor(() => expect(isStale()).toBe(true));
  await plane.client.resource(namespaces).delete({ name: 'going' });
  const failure = ({ status }: Namespace) =>
    status?.conditions?.find(({ type }) => type === 'NamespaceDeletionDiscoveryFailure');
  const waiting = await plane.until(
    namespaces,
    'going',
    (found) => found !== undefined && failure(found)?.status === 'True',
  );
  expect(failure(waiting!)).toMatchObject({
    reason: 'DiscoveryFailed',
    message:
      'Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: wardle.example.com/v1: stale GroupVersion discovery: wardle.example.com/v1',
  });
  await server.start();
  await plane.until(namespaces, 'going', (found) => found === undefined);
  expect(deleted(server).toSorted()).toEqual(['/a', '/b']);
});
