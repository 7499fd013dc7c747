import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { endpointSlices, endpoints, events, nodes, pods, services } from '../../../src/api/kinds.gen.ts';
import type { Pod } from '../../../src/api/types/core-v1.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

const pod = (name: string): Pod => ({
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
});

const service = () => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { app: 'web' },
    clusterIP: '10.96.0.9',
    clusterIPs: ['10.96.0.9'],
    ports: [{ port: 80, targetPort: 8080 }],
  },
});

test('slices and Endpoints follow the pods of a Service, and the Endpoints go with it', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(services).create(service());
  await plane.untilAll(endpointSlices, (all) => all.length === 1 && all[0]!.endpoints?.length === 0);
  await plane.client.resource(pods).create(pod('a'));
  await plane.client.resource(pods).create(pod('b'));
  const [slice] = await plane.untilAll(
    endpointSlices,
    (all) => all[0]!.endpoints?.filter((e) => e.conditions?.ready).length === 2,
  );
  expect(slice!.ports).toMatchObject([{ port: 8080, protocol: 'TCP' }]);
  const object = await plane.until(endpoints, 'default/web', (e) => e?.subsets?.[0]?.addresses?.length === 2);
  expect(object?.subsets?.[0]?.ports).toMatchObject([{ port: 8080 }]);
  await plane.client.resource(pods).delete({ namespace: 'default', name: 'a' });
  await plane.untilAll(endpointSlices, (all) => all.length === 1 && all[0]!.endpoints?.length === 1);
  await plane.until(endpoints, 'default/web', (e) => e?.subsets?.[0]?.addresses?.length === 1);
  await plane.client.resource(services).delete({ namespace: 'default', name: 'web' });
  await plane.until(endpoints, 'default/web', (e) => e === undefined);
});

test('Endpoints that users write for themselves are left alone', async () => {
  await using plane = await controlPlane();
  const own = {
    metadata: { name: 'mine', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }],
  };
  const made = await plane.client.resource(endpoints).create(own);
  await plane.client
    .resource(endpoints)
    .update({ ...made, subsets: [{ addresses: [{ ip: '192.0.2.2' }], ports: [{ port: 1 }] }] });
  await plane.client.resource(services).create(service());
  await plane.until(endpoints, 'default/web', (e) => e !== undefined);
  const kept = await plane.client.resource(endpoints).get({ namespace: 'default', name: 'mine' });
  expect(kept.subsets?.[0]?.addresses?.[0]?.ip).toBe('192.0.2.2');
});

test('endpoints say which zones and nodes they are meant for, as the Service wishes', async () => {
  await using plane = await controlPlane();
  const told = async (reason: string) =>
    (await plane.untilAll(events, (all) => all.some((event) => event.reason === reason))).find(
      (event) => event.reason === reason,
    )!.message;
  for (const zone of ['a', 'b']) {
    const metadata = { name: `node-${zone}`, labels: { 'topology.kubernetes.io/zone': zone } };
    await plane.client.resource(nodes).create({ metadata });
    const conditions = [{ type: 'Ready', status: 'True' as const }];
    const body = { status: { allocatable: { cpu: '4' }, conditions } };
    await plane.client.resource(nodes).mergePatch({ name: metadata.name }, body, { subresource: 'status' });
    const one = pod(zone);
    await plane.client.resource(pods).create({ ...one, spec: { ...one.spec!, nodeName: metadata.name } });
  }
  const wish = (trafficDistribution: string | null, annotations: Record<string, string | null> = {}) =>
    plane.client
      .resource(services)
      .mergePatch({ namespace: 'default', name: 'web' }, { metadata: { annotations }, spec: { trafficDistribution } });
  const hints = (wanted: readonly unknown[]) =>
    plane.untilAll(endpointSlices, (all) => {
      const endpoints = (all[0]?.endpoints ?? []).toSorted((x, y) => (x.zone! < y.zone! ? -1 : 1));
      return isDeepStrictEqual(JSON.parse(JSON.stringify(endpoints.map((one) => one.hints ?? null))), wanted);
    });
  const zoned = ['a', 'b'].map((name) => ({ forZones: [{ name }] }));
  await plane.client.resource(services).create(service());
  await hints([null, null]);
  await wish('PreferClose');
  await hints(zoned);
  await wish('PreferSameNode');
  await hints(zoned.map((one) => ({ ...one, forNodes: [{ name: `node-${one.forZones[0]!.name}` }] })));
  await wish(null, { 'service.kubernetes.io/topology-mode': 'Auto' });
  await hints(zoned);
  expect(await told('TopologyAwareHintsEnabled')).toBe('Topology Aware Hints has been enabled, addressType: IPv4');
  await wish(null, { 'service.kubernetes.io/topology-mode': null });
  await hints([null, null]);
  expect(await told('TopologyAwareHintsDisabled')).toBe('Topology Aware Hints has been disabled, addressType: IPv4');
});
