import { describe, expect, test } from 'vitest';
import type { EndpointSubset, Endpoints, Service } from '../../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../src/api/types/discovery-v1.gen.ts';
import { planMirror } from '../../../src/controllers/endpointslice-mirroring/plan.ts';

const service: Service = { metadata: { name: 'db', namespace: 'default' }, spec: { ports: [{ port: 5432 }] } };

const endpoints = (subsets: EndpointSubset[], metadata: Endpoints['metadata'] = {}): Endpoints => ({
  metadata: { name: 'db', namespace: 'default', uid: 'e', ...metadata },
  subsets,
});

/** The slices as they are after a plan was carried out. */
function carryOut(slices: readonly EndpointSlice[], plan: ReturnType<typeof planMirror>): EndpointSlice[] {
  const gone = new Set([...plan.remove, ...plan.update].map((slice) => slice.metadata.name));
  const named = plan.create.map((slice, i) => ({ ...slice, metadata: { ...slice.metadata, name: `new-${i}` } }));
  return [...slices.filter((slice) => !gone.has(slice.metadata.name)), ...plan.update, ...named];
}

const mirror = (object: Endpoints, slices: readonly EndpointSlice[] = []) =>
  carryOut(slices, planMirror(service, object, slices));

const shape = (slices: readonly EndpointSlice[]) =>
  slices.map(({ addressType, ports, endpoints: all }) => [
    addressType,
    ports?.map(({ port }) => port).join(),
    all?.map(({ addresses, conditions }) => `${addresses[0]}${conditions?.ready ? '' : ' not ready'}`).join(),
  ]);

test('each address type of each set of ports is a slice', () => {
  const slices = mirror(
    endpoints([
      { addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], ports: [{ port: 1 }] },
      { addresses: [{ ip: '192.0.2.2' }], notReadyAddresses: [{ ip: '192.0.2.3' }], ports: [{ port: 2 }] },
      { addresses: [{ ip: '192.0.2.4' }], ports: [{ port: 1 }] },
    ]),
  );
  expect(shape(slices)).toEqual([
    ['IPv4', '1', '192.0.2.1,192.0.2.4'],
    ['IPv4', '2', '192.0.2.2,192.0.2.3 not ready'],
    ['IPv6', '1', '2001:db8::1'],
  ]);
});

test('what an address says is kept, and labels and annotations are taken over, but for three', () => {
  const targetRef = { kind: 'Pod', name: 'p', namespace: 'default', uid: 'u' };
  const [slice] = mirror(
    endpoints([{ addresses: [{ ip: '192.0.2.1', hostname: 'h', nodeName: 'n', targetRef }], ports: [{ port: 1 }] }], {
      labels: { mine: 'x', 'endpointslice.kubernetes.io/managed-by': 'me' },
      annotations: {
        note: 'y',
        'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:00Z',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    }),
  );
  expect(slice).toMatchObject({
    metadata: {
      generateName: 'db-',
      labels: {
        mine: 'x',
        'kubernetes.io/service-name': 'db',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'db', uid: 'e', controller: true }],
    },
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true }, hostname: 'h', nodeName: 'n', targetRef }],
    ports: [{ name: '', protocol: 'TCP', port: 1 }],
  });
  expect(slice!.metadata.annotations).toEqual({ note: 'y' });
});

describe('a second look', () => {
  const subset = (...ips: string[]) => ({ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 1 }] });
  const before = mirror(endpoints([subset('192.0.2.1', '192.0.2.2')]));
  const planned = (object: Endpoints | undefined, of: Service | undefined = service) => {
    const { create, update, remove } = planMirror(of, object, before);
    return { create: create.length, update: update.length, remove: remove.length };
  };

  test.each([
    ['finds nothing to do', endpoints([subset('192.0.2.2', '192.0.2.1')]), { create: 0, update: 0, remove: 0 }],
    ['changes the slice', endpoints([subset('192.0.2.3')]), { create: 0, update: 1, remove: 0 }],
    [
      'takes over new labels',
      endpoints([subset('192.0.2.1', '192.0.2.2')], { labels: { a: 'b' } }),
      { create: 0, update: 1, remove: 0 },
    ],
    [
      'uses the slice again for other ports',
      endpoints([{ ...subset('192.0.2.1'), ports: [{ port: 2 }] }]),
      { create: 0, update: 1, remove: 0 },
    ],
    ['removes it with the last address', endpoints([]), { create: 0, update: 0, remove: 1 }],
    ['removes it with the Endpoints', undefined, { create: 0, update: 0, remove: 1 }],
    [
      'removes it when it is not to be mirrored any more',
      endpoints([subset('192.0.2.1')], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
      { create: 0, update: 0, remove: 1 },
    ],
    [
      'removes it when the Endpoints turn out to be a lock',
      endpoints([subset('192.0.2.1')], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }),
      { create: 0, update: 0, remove: 1 },
    ],
  ])('%s', (_, object, expected) => {
    expect(planned(object)).toEqual(expected);
  });

  test('removes it when the Service has a selector or is gone', () => {
    const object = endpoints([subset('192.0.2.1', '192.0.2.2')]);
    expect(planned(object, { ...service, spec: { ...service.spec, selector: {} } }).remove).toBe(1);
    expect(planMirror(undefined, object, before).remove).toHaveLength(1);
  });
});

test('addresses beyond a thousand and addresses that are none are left out and counted', () => {
  const addresses = Array.from({ length: 1001 }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }));
  const plan = planMirror(
    service,
    endpoints([{ addresses: [{ ip: 'nowhere' }, ...addresses], notReadyAddresses: [{ ip: '192.0.2.1' }] }]),
    [],
  );
  expect({ invalid: plan.invalid, skipped: plan.skipped }).toEqual({ invalid: 1, skipped: 3 });
  expect(plan.create.map((slice) => slice.endpoints?.length)).toEqual([1000]);
});

test('Endpoints that are being deleted get no more slices', () => {
  const going = endpoints([{ addresses: [{ ip: '192.0.2.1' }] }], { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(planMirror(service, going, []).create).toEqual([]);
});
