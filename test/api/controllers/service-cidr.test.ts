import { expect, test } from 'vitest';
import { events, ipAddresses, serviceCIDRs, services } from '../../../src/api/kinds.gen.ts';
import type { ServiceCIDR } from '../../../src/api/types/networking-v1.gen.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { type ControlPlane, controlPlane } from '../../kit/controllers.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const ready = (range: ServiceCIDR | undefined) => range?.status?.conditions?.find(({ type }) => type === 'Ready');
const range = (plane: ControlPlane, name: string, ...cidrs: string[]) =>
  plane.client.resource(serviceCIDRs).create({ metadata: { name }, spec: { cidrs } });
const service = (plane: ControlPlane, name: string, clusterIP?: string) =>
  plane.client.resource(services).create({
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...(clusterIP && { clusterIP }) },
  });

test('a range is shown to be ready, and stays as long as a Service has an address of it', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await range(plane, 'more', '198.51.100.0/24');
  const shown = await plane.until(serviceCIDRs, 'more', (one) => ready(one)?.status === 'True');
  expect(shown?.metadata.finalizers).toEqual([finalizer]);
  await service(plane, 'a', '198.51.100.5');
  await plane.client.resource(serviceCIDRs).delete({ name: 'more' });
  const stuck = await plane.until(serviceCIDRs, 'more', (one) => ready(one)?.status === 'False');
  expect(ready(stuck)).toMatchObject({
    reason: 'Terminating',
    message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  });
  await expect(service(plane, 'b', '198.51.100.6')).rejects.toMatchObject({ code: 422 });
  // Another range that covers it lets it go, after the time that the news takes.
  await range(plane, 'wide', '198.51.100.0/22');
  await plane.until(serviceCIDRs, 'wide', (one) => ready(one)?.status === 'True');
  await clock.advance(10_000);
  await plane.until(serviceCIDRs, 'more', (one) => one === undefined);
  expect((await service(plane, 'b', '198.51.100.6')).spec?.clusterIP).toBe('198.51.100.6');
});

test('the last Service that goes lets its range go', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await range(plane, 'more', '198.51.100.0/24');
  await service(plane, 'a', '198.51.100.5');
  await plane.until(serviceCIDRs, 'more', (one) => ready(one)?.status === 'True');
  await plane.client.resource(serviceCIDRs).delete({ name: 'more' });
  await plane.until(serviceCIDRs, 'more', (one) => ready(one)?.status === 'False');
  await plane.client.resource(services).delete({ namespace: 'default', name: 'a' });
  await plane.until(ipAddresses, '198.51.100.5', (one) => one === undefined);
  await clock.advance(10_000);
  await plane.until(serviceCIDRs, 'more', (one) => one === undefined);
});

test('addresses and Services that somebody took apart are brought together again', async () => {
  const clock = new ManualClock();
  await using plane = await controlPlane({ clock });
  await range(plane, 'kubernetes', '10.96.0.0/16');
  await service(plane, 'a', '10.96.0.20');
  const before = await plane.client.resource(ipAddresses).get({ name: '10.96.0.20' });
  await plane.client.resource(ipAddresses).delete({ name: '10.96.0.20' });
  await plane.until(ipAddresses, '10.96.0.20', (one) => one !== undefined && one.metadata.uid !== before.metadata.uid);
  const [event] = await plane.untilAll(events, (all) => all.some(({ reason }) => reason === 'ClusterIPNotAllocated'));
  expect(event).toMatchObject({
    type: 'Warning',
    message: 'Cluster IP [IPv4]: 10.96.0.20 is not allocated; repairing',
    involvedObject: { kind: 'Service', name: 'a' },
    source: { component: 'ipallocator-repair-controller' },
  });
  await plane.client.resource(ipAddresses).create({
    metadata: { name: '10.96.0.30', labels: before.metadata.labels! },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'never' } },
  });
  await plane.until(ipAddresses, '10.96.0.30', (one) => one !== undefined);
  await clock.advance(61_000);
  await plane.until(ipAddresses, '10.96.0.30', (one) => one === undefined);
});
