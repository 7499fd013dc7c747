import { expect, test } from 'vitest';
import { endpointSlices, endpoints, events, services } from '../../../src/api/kinds.gen.ts';
import { controlPlane } from '../../kit/controllers.ts';

const key = { namespace: 'default', name: 'db' };
const service = { metadata: key, spec: { clusterIP: '10.96.0.9', ports: [{ port: 5432 }] } };
const own = (...ips: string[]) => ({
  metadata: key,
  subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 5432 }] }],
});

test('Endpoints written for a Service without selector become slices, follow each change, and go with it', async () => {
  await using plane = await controlPlane();
  const mirrored = (...addresses: string[]) =>
    plane.untilAll(endpointSlices, (all) => {
      const now = all.flatMap((slice) => slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
      return now.sort().join() === addresses.join();
    });
  await plane.client.resource(endpoints).create(own('192.0.2.1'));
  await plane.client.resource(services).create(service);
  const [slice] = await mirrored('192.0.2.1');
  expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ port: 5432, protocol: 'TCP' }] });
  await plane.client.resource(endpoints).mergePatch(key, { subsets: own('192.0.2.1', '192.0.2.2').subsets });
  const [changed] = await mirrored('192.0.2.1', '192.0.2.2');
  expect(changed!.metadata.uid).toBe(slice!.metadata.uid);
  // Somebody else takes the slice away: it comes back.
  await plane.client.resource(endpointSlices).delete({ namespace: 'default', name: changed!.metadata.name! });
  await plane.untilAll(endpointSlices, (all) => all.length === 1 && all[0]!.metadata.uid !== slice!.metadata.uid);
  const skip = { metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } } };
  await plane.client.resource(endpoints).mergePatch(key, skip);
  await mirrored();
});

test('a Service that gets a selector is served by its pods from then on', async () => {
  await using plane = await controlPlane();
  const managers = (wanted: string) =>
    plane.untilAll(
      endpointSlices,
      (all) => all.map((s) => s.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).join() === wanted,
    );
  await plane.client.resource(services).create(service);
  await plane.client.resource(endpoints).create(own('192.0.2.1'));
  await managers('endpointslicemirroring-controller.k8s.io');
  await plane.client.resource(services).mergePatch(key, { spec: { selector: { app: 'db' } } });
  await managers('endpointslice-controller.k8s.io');
});

test('addresses that do not fit are told of', async () => {
  await using plane = await controlPlane();
  await plane.client.resource(services).create(service);
  const ips = Array.from({ length: 1002 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  await plane.client.resource(endpoints).create(own(...ips));
  const [event] = await plane.untilAll(events, (all) => all.length > 0);
  expect(event).toMatchObject({
    type: 'Warning',
    reason: 'TooManyAddressesToMirror',
    message: 'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped',
    involvedObject: { kind: 'Endpoints', name: 'db' },
  });
});
