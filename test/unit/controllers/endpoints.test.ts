import { describe, expect, it } from 'vitest';
import type { Pod, Service, ServiceSpec } from '../../../src/api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../src/api/types/discovery-v1.gen.ts';
import type { SlicePlan } from '../../../src/controllers/endpoint-slices.ts';
import { planEndpoints } from '../../../src/controllers/endpoints/plan.ts';
import { planSlices } from '../../../src/controllers/endpointslice/plan.ts';
import { TriggerTimes } from '../../../src/controllers/trigger-times.ts';

function service(spec: Partial<ServiceSpec> = {}, labels?: Record<string, string>): Service {
  return {
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 's',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(labels && { labels }),
    },
    spec: {
      selector: { app: 'web' },
      clusterIP: '10.96.0.7',
      ipFamilies: ['IPv4'],
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
      ...spec,
    },
  };
}

interface Shape {
  ready?: boolean;
  going?: boolean;
  ports?: { name: string; containerPort: number; protocol?: 'TCP' | 'UDP' }[];
  hostname?: string;
  phase?: 'Running' | 'Failed';
}

function pod(n: number, { ready = true, going, ports, hostname, phase = 'Running' }: Shape = {}): Pod {
  const time = `2026-01-01T00:${String(n % 60).padStart(2, '0')}:00Z`;
  return {
    metadata: {
      name: `p${n}`,
      namespace: 'default',
      uid: `u${n}`,
      labels: { app: 'web' },
      ...(going && { deletionTimestamp: time }),
    },
    spec: {
      nodeName: 'n1',
      containers: [{ name: 'c', ...(ports && { ports }) }],
      ...(hostname && { hostname, subdomain: 'web' }),
    },
    status: {
      phase,
      podIPs: [{ ip: `10.244.${n >> 8}.${n & 255}` }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: time }],
    },
  };
}

const many = (count: number, from = 1) => Array.from({ length: count }, (_, i) => pod(from + i));
const noZone = () => undefined;

/** What the server would hold after a plan. */
function applied(slices: readonly EndpointSlice[], plan: SlicePlan): EndpointSlice[] {
  const named = plan.create.map((slice, i) => ({
    ...slice,
    metadata: { ...slice.metadata, name: `new-${slices.length + i}` },
  }));
  const changed = new Map(plan.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter((slice) => !plan.remove.includes(slice));
  return [...kept.map((slice) => changed.get(slice.metadata.name) ?? slice), ...named];
}

const names = (slices: readonly EndpointSlice[]) => slices.map((slice) => slice.endpoints?.length);

describe('EndpointSlices', () => {
  it('carry address, conditions, target and labels', () => {
    const zone = () => 'z1';
    const plan = planSlices(
      service({}, { team: 'a' }),
      [pod(1), pod(2, { ready: false }), pod(3, { going: true })],
      [],
      zone,
      'T',
    );
    expect(plan.create).toMatchObject([
      {
        metadata: {
          generateName: 'web-',
          namespace: 'default',
          labels: {
            team: 'a',
            'kubernetes.io/service-name': 'web',
            'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          },
          annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': 'T' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 's', controller: true }],
        },
        addressType: 'IPv4',
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      },
    ]);
    expect(plan.create[0]!.endpoints).toEqual([
      {
        addresses: ['10.244.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'n1',
        targetRef: { kind: 'Pod', namespace: 'default', name: 'p1', uid: 'u1' },
        zone: 'z1',
      },
      expect.objectContaining({ conditions: { ready: false, serving: false, terminating: false } }),
      expect.objectContaining({ conditions: { ready: false, serving: true, terminating: true } }),
    ]);
  });

  it('leave out pods that ended, and stand empty when there are none', () => {
    const plan = planSlices(service(), [pod(1, { phase: 'Failed' })], [], noZone, undefined);
    expect(plan.create).toMatchObject([{ endpoints: [], ports: [] }]);
    expect(planSlices(service(), [], applied([], plan), noZone, undefined)).toEqual({
      create: [],
      update: [],
      remove: [],
    });
  });

  it('publish pods that are not ready where the Service asks for it, headless ones with a label and host names', () => {
    const headless = service({ clusterIP: 'None', publishNotReadyAddresses: true });
    const [slice] = planSlices(headless, [pod(1, { ready: false, hostname: 'db-0' })], [], noZone, undefined).create;
    expect(slice!.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
    expect(slice!.endpoints![0]).toMatchObject({ hostname: 'db-0', conditions: { ready: true, serving: false } });
  });

  it('hold at most 100 endpoints and change as few slices as possible', () => {
    const first = applied([], planSlices(service(), many(250), [], noZone, undefined));
    expect(names(first)).toEqual([100, 100, 50]);
    const gone = many(250).slice(1);
    const second = planSlices(service(), gone, first, noZone, undefined);
    expect([second.create.length, second.update.length, second.remove.length]).toEqual([0, 1, 0]);
    const grown = planSlices(service(), [...gone, ...many(2, 300)], applied(first, second), noZone, undefined);
    expect([grown.create.length, grown.update.length, grown.remove.length]).toEqual([0, 1, 0]);
    expect(applied(first, second).reduce((sum, slice) => sum + slice.endpoints!.length, 0)).toBe(249);
    const full = planSlices(service(), many(260), first, noZone, undefined);
    expect(names(full.update)).toEqual([60]);
  });

  it('keep their names when all endpoints are replaced', () => {
    const first = applied([], planSlices(service(), [pod(1)], [], noZone, undefined));
    const plan = planSlices(service(), [pod(9)], first, noZone, undefined);
    expect(plan).toMatchObject({
      create: [],
      remove: [],
      update: [{ metadata: { name: 'new-0' }, endpoints: [{ addresses: ['10.244.0.9'] }] }],
    });
    const emptied = planSlices(service(), [], first, noZone, undefined);
    expect(emptied).toMatchObject({ create: [], remove: [], update: [{ metadata: { name: 'new-0' }, endpoints: [] }] });
  });

  it('are one per set of ports where a named port differs between pods', () => {
    const named = service({ ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] });
    const pods = [
      pod(1, { ports: [{ name: 'http', containerPort: 1 }] }),
      pod(2, { ports: [{ name: 'http', containerPort: 2 }] }),
      pod(3, { ports: [{ name: 'http', containerPort: 3, protocol: 'UDP' }] }),
    ];
    const ports = planSlices(named, pods, [], noZone, undefined).create.map((slice) => slice.ports!.map((p) => p.port));
    expect(ports).toEqual([[1], [2], []]);
  });

  it('follow the labels of the Service', () => {
    const first = applied([], planSlices(service(), [pod(1)], [], noZone, undefined));
    const plan = planSlices(service({}, { team: 'b' }), [pod(1)], first, noZone, undefined);
    expect(plan.update).toMatchObject([{ metadata: { labels: { team: 'b' } } }]);
  });
});

describe('Endpoints', () => {
  it('tell ready from not ready, and leave out terminating pods', () => {
    const made = planEndpoints(
      service(),
      [pod(2), pod(1), pod(3, { ready: false }), pod(4, { going: true })],
      undefined,
      undefined,
    );
    expect(made?.subsets).toMatchObject([
      {
        addresses: [{ ip: '10.244.0.1' }, { ip: '10.244.0.2' }],
        notReadyAddresses: [{ ip: '10.244.0.3' }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ]);
    expect(planEndpoints(service(), [pod(2), pod(1), pod(3, { ready: false })], made, 'later')).toBeUndefined();
  });

  it('share a subset among ports with the same addresses only', () => {
    const two = service({
      ports: [
        { name: 'a', port: 1, targetPort: 'a' },
        { name: 'b', port: 2, targetPort: 20 },
      ],
    });
    const pods = [pod(1, { ports: [{ name: 'a', containerPort: 10 }] }), pod(2)];
    const shape = planEndpoints(two, pods, undefined, undefined)?.subsets?.map((s) => [
      s.addresses?.map((a) => a.ip),
      s.ports?.map((p) => p.name),
    ]);
    expect(shape).toEqual([
      [['10.244.0.1', '10.244.0.2'], ['b']],
      [['10.244.0.1'], ['a']],
    ]);
  });

  it('are cut at 1000 addresses and say so', () => {
    const made = planEndpoints(service(), many(1200), undefined, undefined);
    expect(made?.subsets?.[0]?.addresses?.length).toBe(1000);
    expect(made?.metadata.annotations).toMatchObject({ 'endpoints.kubernetes.io/over-capacity': 'truncated' });
  });
});

it('the trigger time is the earliest change that was not answered yet', () => {
  const triggers = new TriggerTimes();
  expect(triggers.next('k', service(), [pod(5)])).toBe('2026-01-01T00:00:00Z');
  expect(triggers.next('k', service(), [pod(5)])).toBeUndefined();
  expect(triggers.next('k', service(), [pod(5), pod(9), pod(7)])).toBe('2026-01-01T00:07:00Z');
});
